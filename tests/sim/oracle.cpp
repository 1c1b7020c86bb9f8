#include "sim/oracle.hpp"

#include "reaper/core/journal_codec.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace reaper::test {

namespace {

namespace json = boost::json;

constexpr std::size_t broken_max = 12;

json::object read_object(const std::string& text)
{
    boost::system::error_code fault;
    const json::value parsed = json::parse(text, fault);
    return !fault && parsed.is_object() ? parsed.as_object() : json::object{};
}

std::string text_of(const json::object& object, std::string_view key)
{
    const json::value* found = object.if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

// What begins with a dot is in the making, or was when the power went.
std::vector<std::string> jobs_in(const disk_model& disk, const std::string& folder)
{
    std::vector<std::string> ids = disk.list(spool_root + folder);
    std::erase_if(ids, [](const std::string& id) { return id.front() == '.'; });
    return ids;
}

// For the message: what was asked, and what came of it.
std::string tell(const std::vector<const request_truth*>& requests)
{
    std::string text = requests.empty() ? "never sent" : "";
    for (const request_truth* each : requests) {
        const auto since = [](mono_time at) { return to_seconds(at - event_queue::first_instant); };
        text += fmt::format(
            "{}sent {:.6f} on {}/{}, {}{}",
            text.empty() ? "" : "; ",
            since(each->written_at),
            each->connection,
            each->ordinal,
            each->status,
            each->removed ? ", removed" : ""
        );
        text += each->read_at == mono_never ? ", not read"
                                            : fmt::format(", read {:.6f}", since(each->read_at));
    }
    return text;
}

// Whoever gets this answer cannot tell whether the campaign is gone.
bool is_unclear(const request_truth& asked)
{
    const bool clear_error = asked.status / 100 == 4 && asked.status != 408;
    return asked.read_at == mono_never || (asked.status / 100 != 2 && !clear_error);
}

}  // namespace

oracle::oracle(const api_truth& truth, const disk_model& disk, const people& who, unsigned ends)
    : truth_(truth), disk_(disk), people_(who), ends_(ends)
{
    for (const dropped_file& file : people_.files()) {
        for (const plan_item& item : file.plan.items)
            if (item.is == plan_item::sort::token)
                tokens_[item.token].file = &file;
        if (!file.edited.empty())
            tokens_[file.edited.substr(1, file.edited.size() - 2)].file = &file;
    }
    for (const request_truth& asked : truth_.requests)
        tokens_[asked.token].requests.push_back(&asked);
}

void oracle::expect(bool holds, const std::string& what)
{
    if (!holds && broken_.size() < broken_max)
        broken_.push_back(what);
}

// Of a file that has to be there.
std::string oracle::content_of(const std::string& path)
{
    expect(disk_.exists(path), "it is gone: " + path);
    return disk_.exists(path) ? disk_.read_file(path) : "";
}

const oracle::token_history& oracle::history_of(const std::string& token) const
{
    static const token_history none;
    const auto found = tokens_.find(token);
    return found == tokens_.end() ? none : found->second;
}

std::vector<std::string> oracle::judge()
{
    for (const std::string& violation : truth_.violations)
        expect(false, violation);
    for (const std::string& id : jobs_in(disk_, "/rejected")) {
        const std::string folder = spool_root + "/rejected/" + id;
        const json::object why = read_object(content_of(folder + "/reason.json"));
        expect(!text_of(why, "reason").empty(), "P8: a rejected file says why");
        if (const dropped_file* file = file_of(text_of(why, "file")))
            expect(rejected_.insert(file).second, "a file is rejected once: " + id);
    }
    for (const std::string& id : jobs_in(disk_, "/done"))
        judge_job(id);
    for (const dropped_file& file : people_.files())
        judge_file(file);
    judge_requests();
    judge_canaries();
    judge_orders();
    judge_secrets();
    expect(disk_.misuses() == 0, "no descriptor is used after it was closed");
    return broken_;
}

const dropped_file* oracle::file_of(const std::string& name) const
{
    const auto& files = people_.files();
    const auto found = std::find_if(files.begin(), files.end(), [&](const dropped_file& file) {
        return file.plan.name == name;
    });
    return found == files.end() ? nullptr : &*found;
}

// A file is taken or rejected, never both, never neither.
void oracle::judge_file(const dropped_file& file)
{
    const bool taken = taken_as_.contains(&file);
    const bool rejected = rejected_.contains(&file);
    expect(taken || rejected, "P1: a dropped file is neither lost nor left: " + file.plan.name);
    expect(!taken || !rejected, "a file is taken or rejected: " + file.plan.name);
    if (!taken)
        return;
    const std::string input = content_of(taken_as_.at(&file) + "/input");
    // What was written to it meanwhile may make good what was wrong with it.
    if (input.size() > file.plan.bytes.size())
        return;
    if (file.plan.whole_items(input.size()) == file.plan.items.size())
        expect(
            file.plan.whole == job_plan::fate::taken, "a bad file is rejected: " + file.plan.name
        );
    else
        // Without its last line end a file may name as many tokens as it counts.
        expect(
            !file.plan.is_json && (!file.plan.has_count ||
                                   file.plan.begun_items(input.size()) == file.plan.items.size()),
            fmt::format("P4: a cut file, {} of {} bytes", input.size(), file.plan.bytes.size())
        );
}

std::vector<result_record> oracle::records_of(const std::string& id)
{
    std::vector<result_record> records;
    const std::string log = content_of(spool_root + "/done/" + id + "/results.jsonl");
    expect(log.empty() || log.back() == '\n', "P1: the results log ends with a line: " + id);
    std::size_t at = 0;
    while (at < log.size()) {
        const std::size_t end = std::min(log.find('\n', at), log.size());
        auto record = decode_any_form(std::string_view(log).substr(at, end - at));
        expect(record.has_value(), "P1: each line of the results log is a record: " + id);
        if (record)
            records.push_back(std::move(*record));
        at = end + 1;
    }
    return records;
}

void oracle::judge_job(const std::string& id)
{
    const std::string folder = spool_root + "/done/" + id;
    const json::object manifest = read_object(content_of(folder + "/job.json"));
    const dropped_file* file = file_of(text_of(manifest, "file"));
    expect(file != nullptr, "P4: a job comes from a file that somebody dropped: " + id);
    if (file == nullptr)
        return;
    expect(taken_as_.emplace(file, folder).second, "a file is taken once: " + file->plan.name);

    const std::string input = content_of(folder + "/input");
    expect((file->plan.bytes + file->edited).starts_with(input), "the copy is of the file: " + id);
    const std::vector<result_record> records = records_of(id);
    const std::size_t least = input.size() > file->plan.bytes.size()
                                  ? file->plan.items.size()
                                  : file->plan.whole_items(input.size());
    const std::size_t most =
        file->plan.begun_items(input.size()) + (input.size() > file->plan.bytes.size() ? 1 : 0);
    expect(
        records.size() >= least && records.size() <= most,
        fmt::format("P1: {} records for {} to {} token lines: {}", records.size(), least, most, id)
    );
    std::set<std::uint64_t> seen;
    std::map<std::string, std::uint64_t> counts;
    for (const result_record& record : records) {
        expect(
            seen.insert(record.n).second, fmt::format("P1: one record for n {}: {}", record.n, id)
        );
        ++counts[std::string(to_string(record.result))];
        judge_record(id, record, *file);
    }
    expect(seen.empty() || *seen.rbegin() == records.size(), "P1: a record for every n: " + id);

    const json::object summary = read_object(content_of(folder + "/summary.json"));
    std::map<std::string, std::uint64_t> said;
    if (const json::value* outcomes = summary.if_contains("outcomes"))
        for (const auto& [key, count] : outcomes->as_object())
            said[std::string(key)] = count.to_number<std::uint64_t>();
    expect(said == counts, "the summary counts what the log says: " + id);
    judge_remaining(id, *file, records);
}

void oracle::judge_record(
    const std::string& id, const result_record& record, const dropped_file& file
)
{
    const std::string where = fmt::format(
        "{} n {} ({}): ",
        id,
        record.n,
        record.token.empty() ? "no token" : tell(history_of(record.token).requests)
    );
    if (record.n == 0 || record.n > file.plan.items.size()) {
        expect(
            record.n == file.plan.items.size() + 1 && !file.edited.empty(), where + "no such line"
        );
        return;
    }
    const plan_item& item = file.plan.items[record.n - 1];
    if (record.result == outcome::invalid) {
        expect(record.token.empty(), where + "the text of an invalid line is recorded nowhere");
        return;
    }
    expect(record.token == item.token, where + "P2: the record is of another token");
    expect(item.is != plan_item::sort::invalid, where + "P4: an invalid line is taken for a token");
    expect(
        (record.result == outcome::duplicate) == (item.is == plan_item::sort::repeated),
        where + "a repeated token, and no other, is a duplicate"
    );
    if (item.is != plan_item::sort::token)
        return;

    const auto& asked = history_of(item.token).requests;
    const auto any = [&](auto rule) { return std::any_of(asked.begin(), asked.end(), rule); };
    const bool removed = any([](const request_truth* each) { return each->removed; });
    const bool unclear = any([](const request_truth* each) { return is_unclear(*each); });
    switch (record.result) {
        case outcome::deleted:
            expect(
                any([](const request_truth* each) {
                    return each->status / 100 == 2 && each->read_at != mono_never;
                }),
                where + "P2: deleted without a 2xx for that token"
            );
            break;
        case outcome::already_gone:
            expect(
                asked.size() >= 2 || ends_ > 0, where + "already gone, and it was sent only once"
            );
            expect(!asked.empty(), where + "already gone, and it was never sent");
            break;
        case outcome::not_found:
            expect(!removed, where + "not found, and we had deleted it");
            break;
        case outcome::refused:
            // After a crash what it had learnt may be forgotten, and the API be asked again.
            expect(
                !removed || unclear || (ends_ > 0 && asked.size() > 1),
                where + "refused, and we had deleted it"
            );
            break;
        case outcome::unknown:
            expect(!asked.empty() || ends_ > 0, where + "unknown, and never sent");
            break;
        case outcome::expired:
        case outcome::cancelled:
            expect(!removed, where + "not sent, it says, and we had deleted it");
            break;
        case outcome::would_delete:
            expect(file.plan.dry_run && asked.empty(), where + "a dry run sends nothing");
            break;
        case outcome::invalid:
        case outcome::duplicate:
            break;
    }
    expect(!file.plan.dry_run || asked.empty(), where + "a dry run sends nothing");
}

void oracle::judge_remaining(
    const std::string& id, const dropped_file& file, const std::vector<result_record>& records
)
{
    std::set<std::string> left;
    for (const result_record& record : records)
        if (record.result == outcome::refused || record.result == outcome::unknown ||
            record.result == outcome::expired || record.result == outcome::cancelled)
            left.insert(record.token);
    const std::string path = spool_root + "/done/" + id + "/remaining.txt";
    if (left.empty() || file.plan.dry_run) {
        expect(!disk_.exists(path), "nothing remains, and yet there is a file of it: " + id);
        return;
    }
    expect(disk_.exists(path), "what remains is in a file: " + id);
    if (!disk_.exists(path))
        return;
    std::set<std::string> said;
    const std::string text = disk_.read_file(path);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (end - at == 32)
            said.insert(text.substr(at, 32));
        at = end + 1;
    }
    expect(said == left, "what remains is what was not deleted: " + id);
}

void oracle::judge_secrets()
{
    const auto look = [&](const std::string& path) {
        const std::string text = disk_.read_file(path);
        for (const std::string& key : people_.keys)
            expect(text.find(key) == std::string::npos, "P6: a key lies in " + path);
    };
    for (const std::string place : {"/done", "/rejected"}) {
        for (const std::string& id : jobs_in(disk_, place))
            for (const std::string& name : disk_.list(spool_root + place + "/" + id))
                look(spool_root + place + "/" + id + "/" + name);
    }
    // Nothing syncs the status: a power cut may take it.
    if (disk_.exists(spool_root + "/state/status.json"))
        look(spool_root + "/state/status.json");
}

}  // namespace reaper::test
