// Reads one job folder for the audit: job.json, the input, results.jsonl, and summary.json where
// the job has ended.

#include "sandbox/audit_facts.hpp"
#include "sandbox/audit_input.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fs = std::filesystem;
namespace json = boost::json;

namespace sandbox {
namespace {

// A token line of the input.
struct token_line
{
    static constexpr token_index::number invalid = UINT32_MAX;

    token_index::number token = invalid;
    std::uint32_t line = 0;  // 0: not clear
    bool is_duplicate = false;
    bool has_record = false;
};

std::optional<json::object> read_object(const fs::path& name)
{
    std::ifstream file(name, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    json::error_code error;
    json::value value = json::parse(text, error);
    if (error || !value.is_object())
        return std::nullopt;
    return std::move(value.get_object());
}

// A non-negative integer member, or nullopt.
std::optional<std::uint64_t> number_of(const json::object& from, std::string_view name)
{
    const auto* member = from.if_contains(name);
    json::error_code error;
    const auto number = member ? member->to_number<std::uint64_t>(error) : 0;
    if (!member || error)
        return std::nullopt;
    return number;
}

std::string_view text_of(const json::object& from, std::string_view name)
{
    const auto* member = from.if_contains(name);
    return member && member->is_string() ? std::string_view(member->get_string())
                                         : std::string_view();
}

class job_audit
{
public:
    job_audit(
        const fs::path& folder,
        std::uint32_t ordinal,
        bool done,
        const audit_options& options,
        audit_facts& facts,
        audit_report& report
    )
        : folder_(folder),
          name_(folder.filename().string()),
          ordinal_(ordinal),
          done_(done),
          options_(options),
          facts_(facts),
          report_(report)
    {
    }

    void run()
    {
        const auto manifest = read_object(folder_ / "job.json");
        if (!manifest) {
            violate(audit_rule::unreadable, "job.json is missing or no JSON object");
            return;
        }
        dry_run_ = manifest->contains("dry_run") && manifest->at("dry_run") == json::value(true);
        read_input(*manifest);
        read_records();
        close_lines();
        if (done_)
            check_summary();
    }

private:
    void violate(audit_rule rule, const std::string& what)
    {
        report_.violate(rule, name_ + ": " + what);
    }

    void expect_sum(std::optional<std::uint64_t> said, std::uint64_t counted, std::string_view what)
    {
        if (said != counted)
            violate(
                audit_rule::wrong_sum,
                fmt::format(
                    "{} is {}, counted were {}",
                    what,
                    said ? std::to_string(*said) : "missing",
                    counted
                )
            );
    }

    void read_input(const json::object& manifest)
    {
        std::uint64_t invalid = 0;
        std::uint64_t duplicates = 0;
        const auto read = read_job_input(
            folder_ / "input",
            text_of(manifest, "file_format"),
            options_.any_token_shape,
            [&](const input_item& item) {
                const token_line line = line_of(item);
                invalid += line.token == token_line::invalid ? 1U : 0U;
                duplicates += line.is_duplicate ? 1U : 0U;
                lines_.push_back(line);
            }
        );
        if (!read)
            violate(audit_rule::unreadable, read.error().sentence);
        report_.token_lines += lines_.size();
        expect_sum(number_of(manifest, "total"), lines_.size(), "total of job.json");
        expect_sum(number_of(manifest, "invalid"), invalid, "invalid of job.json");
        expect_sum(number_of(manifest, "duplicates"), duplicates, "duplicates of job.json");
    }

    token_line line_of(const input_item& item)
    {
        token_line line;
        line.line = static_cast<std::uint32_t>(item.line);
        if (!item.valid)
            return line;
        line.token = facts_.index.intern(item.token);
        token_facts& token = facts_.of(line.token);
        line.is_duplicate = token.named_by == ordinal_;
        token.named_by = ordinal_;
        token.named_for_real = token.named_for_real || !dry_run_;
        return line;
    }

    void read_records()
    {
        std::ifstream file(folder_ / "results.jsonl", std::ios::binary);
        std::string text;
        std::array<unsigned char, 4096> memory;
        for (std::uint64_t number = 1; std::getline(file, text); ++number) {
            // A crash may leave a torn last line in a job that has not ended.
            if (file.eof() && options_.crashed && !done_)
                break;
            json::monotonic_resource arena(memory.data(), memory.size());
            json::error_code error;
            const json::value value = json::parse(text, error, &arena);
            const auto* record = value.if_object();
            if (error || record == nullptr || file.eof())
                violate(
                    audit_rule::unreadable,
                    fmt::format("line {} of results.jsonl is no whole JSON object", number)
                );
            else
                take_record(*record, number);
        }
    }

    void take_record(const json::object& record, std::uint64_t number)
    {
        const std::string_view outcome = text_of(record, "outcome");
        const auto n = number_of(record, "n").value_or(0);
        if (n == 0 || n > lines_.size()) {
            violate(
                audit_rule::record_count,
                fmt::format("line {} of results.jsonl has n {}, which no token has", number, n)
            );
            return;
        }
        token_line& line = lines_[n - 1];
        if (line.has_record)
            violate(audit_rule::record_count, fmt::format("n {} has more than one record", n));
        line.has_record = true;
        ++counts_[std::string(outcome)];
        check_identity(record, outcome, n, line);
        if (line.token != token_line::invalid && !line.is_duplicate)
            note_outcome(outcome, facts_.tokens[line.token], number);
    }

    // That the record is about the token line that its n names.
    void check_identity(
        const json::object& record,
        std::string_view outcome,
        std::uint64_t n,
        const token_line& line
    )
    {
        const bool is_invalid = line.token == token_line::invalid;
        const auto said_line = number_of(record, "line").value_or(0);
        if (line.line != 0 && said_line != line.line)
            violate(
                audit_rule::record_count,
                fmt::format("n {} is recorded with line {}, it is {}", n, said_line, line.line)
            );
        if (is_invalid != (outcome == "invalid") || line.is_duplicate != (outcome == "duplicate"))
            violate(
                audit_rule::record_count,
                fmt::format(
                    "n {} is recorded as {}, but the input has {} there",
                    n,
                    outcome,
                    is_invalid          ? "no token"
                    : line.is_duplicate ? "a repeated token"
                                        : "a token for the first time"
                )
            );
        if (text_of(record, "token") != (is_invalid ? "" : facts_.index.text(line.token)))
            violate(
                audit_rule::record_count,
                fmt::format("n {} is recorded with another token than the input has", n)
            );
    }

    void note_outcome(std::string_view outcome, token_facts& token, std::uint64_t number)
    {
        if (outcome == "deleted")
            ++token.deleted;
        else if (outcome == "already_gone")
            token.already_gone = true;
        else if (outcome == "not_found")
            token.not_found = true;
        else if (outcome == "unknown")
            token.unknown = true;
        else if (outcome == "would_delete")
            token.would_delete = true;
        else if (outcome != "refused" && outcome != "expired" && outcome != "cancelled" &&
                 outcome != "invalid" && outcome != "duplicate")
            violate(
                audit_rule::unreadable,
                fmt::format("line {} of results.jsonl has an outcome that there is not", number)
            );
        if (dry_run_ && (outcome == "deleted" || outcome == "already_gone"))
            violate(audit_rule::dry_run_sent, fmt::format("a dry run recorded {}", outcome));
    }

    // Lines without a record: a fault in a job that has ended, pending in another.
    void close_lines()
    {
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const token_line& line = lines_[i];
            if (line.has_record)
                continue;
            if (done_)
                violate(audit_rule::record_count, fmt::format("n {} has no record", i + 1));
            else if (line.token != token_line::invalid)
                facts_.tokens[line.token].pending = true;
        }
        for (const auto& [outcome, count] : counts_)
            report_.outcomes[outcome] += count;
    }

    void check_summary()
    {
        const auto summary = read_object(folder_ / "summary.json");
        const auto* outcomes = summary ? summary->if_contains("outcomes") : nullptr;
        if (outcomes == nullptr || !outcomes->is_object()) {
            violate(audit_rule::unreadable, "summary.json is missing or has no outcomes");
            return;
        }
        expect_sum(number_of(*summary, "total"), lines_.size(), "total of summary.json");
        for (const auto& [outcome, count] : counts_) {
            const auto said = number_of(outcomes->get_object(), outcome);
            expect_sum(said, count, "summary.json: " + outcome);
        }
        for (const auto& member : outcomes->get_object())
            if (!counts_.contains(std::string(member.key())))
                expect_sum(
                    number_of(outcomes->get_object(), member.key()),
                    0,
                    "summary.json: " + std::string(member.key())
                );
    }

    fs::path folder_;
    std::string name_;
    std::uint32_t ordinal_;
    bool done_;
    const audit_options& options_;
    audit_facts& facts_;
    audit_report& report_;
    bool dry_run_ = false;
    std::vector<token_line> lines_;
    std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace

void read_job_facts(
    const std::string& folder,
    std::uint32_t ordinal,
    bool done,
    const audit_options& options,
    audit_facts& facts,
    audit_report& report
)
{
    job_audit(folder, ordinal, done, options, facts, report).run();
}

}  // namespace sandbox
