// Reads a ledger for the audit, twice: the instants of the 429s first, because lines stand in the
// order of their answers, then each request.

#include "sandbox/audit_facts.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace json = boost::json;

namespace sandbox {
namespace {

// What the audit needs of a line. Views point into the parsed line.
struct request_line
{
    std::int64_t received_ns = 0;
    std::int64_t answered_ns = 0;
    std::int64_t connection = 0;
    std::int64_t request = 0;
    std::int64_t status = 0;
    bool executed = false;
    bool names_token = false;  // it was to delete the token
    std::string_view token;
    std::string_view fault;
};

// Throws what Boost.JSON throws where a member is missing or of another type.
request_line read_members(const json::object& from)
{
    request_line line;
    line.received_ns = from.at("t").as_int64();
    line.answered_ns = from.at("ta").as_int64();
    line.connection = from.at("conn").as_int64();
    line.request = from.at("req").as_int64();
    line.status = from.at("status").as_int64();
    line.executed = from.at("executed").as_bool();
    line.token = from.at("token").as_string();
    line.fault = from.at("fault").as_string();
    const std::string_view route = from.at("route").as_string();
    line.names_token = !line.token.empty() && (route == "delete" || route == "none");
    return line;
}

// Hands every line to `take`; lines that are none of a ledger go to `damaged` with their number.
void for_each_line(
    const std::string& name,
    bool may_be_torn,
    const std::function<void(const request_line&)>& take,
    const std::function<void(std::uint64_t)>& damaged
)
{
    std::ifstream file(name, std::ios::binary);
    std::string text;
    std::array<unsigned char, 4096> memory;
    for (std::uint64_t number = 1; std::getline(file, text); ++number) {
        const bool torn = file.eof();
        if (torn && may_be_torn)
            return;
        try {
            json::monotonic_resource arena(memory.data(), memory.size());
            const json::value value = json::parse(text, &arena);
            if (torn)
                damaged(number);
            else
                take(read_members(value.as_object()));
        } catch (const std::exception&) {
            damaged(number);
        }
    }
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

// After these a client has to stop reading the connection: what was written behind was not read.
bool stops_reader(const request_line& line)
{
    return is_one_of(line.fault, {"garbage", "surplus", "surplus-bytes", "redirect"});
}

// After these, requests that are under way on the connection may be lost unseen.
bool breaks_connection(const request_line& line)
{
    return line.answered_ns == 0 || stops_reader(line) ||
           is_one_of(
               line.fault,
               {"close",
                "reset",
                "reset-after",
                "truncate",
                "stall",
                "close-delimited",
                "half-close",
                "408"}
           );
}

// The instants at which a client was told 429, sorted.
std::vector<std::int64_t> read_refusals(const std::string& name, bool may_be_torn)
{
    std::vector<std::int64_t> refusals;
    std::set<std::int64_t> unread;  // connections that no client reads any more
    for_each_line(
        name,
        may_be_torn,
        [&](const request_line& line) {
            if (line.request == 1)
                unread.erase(line.connection);  // another run of the server, the same file
            if (line.status == 429 && line.answered_ns != 0 && line.fault != "truncate" &&
                !unread.contains(line.connection))
                refusals.push_back(line.answered_ns);
            if (stops_reader(line))
                unread.insert(line.connection);
        },
        [](std::uint64_t) {}  // told in the second reading
    );
    std::sort(refusals.begin(), refusals.end());
    return refusals;
}

void judge_silence(
    const request_line& line,
    const std::vector<std::int64_t>& refusals,
    const audit_options& options,
    audit_report& report
)
{
    // The last 429 that could have been read before this request was sent.
    const std::int64_t sent_ns = line.received_ns - options.round_trip.count();
    const auto next = std::lower_bound(refusals.begin(), refusals.end(), sent_ns);
    if (next == refusals.begin())
        return;
    const std::int64_t waited_ns = line.received_ns - *std::prev(next);
    if (waited_ns >= options.silence.count())
        return;
    report.violate(
        audit_rule::silence,
        fmt::format(
            "request {} of connection {} came {:.3f} s after a 429",
            line.request,
            line.connection,
            static_cast<double>(waited_ns) * 1e-9
        )
    );
}

void take_line(const request_line& line, audit_facts& facts, audit_report& report)
{
    ++report.requests;
    report.executed += line.executed ? 1U : 0U;
    report.throttled += line.status == 429 ? 1U : 0U;
    report.struck += line.fault.empty() || line.fault == "close" ? 0U : 1U;
    if (breaks_connection(line))
        facts.first_break_ns = std::min(facts.first_break_ns, line.received_ns);
    if (!line.names_token)
        return;

    token_facts& token = facts.of(facts.index.intern(line.token));
    ++token.requests;
    token.first_request_ns = std::min(token.first_request_ns, line.received_ns);
    if (line.executed) {
        ++token.executed;
        if (line.status / 100 == 2 && line.answered_ns != 0)
            ++token.proofs;
    }
    if (line.status == 404 && line.answered_ns != 0)
        token.answered_404 = true;
}

}  // namespace

void read_ledger_facts(
    const std::string& file, const audit_options& options, audit_facts& facts, audit_report& report
)
{
    const auto refusals = read_refusals(file, options.crashed);
    for_each_line(
        file,
        options.crashed,
        [&](const request_line& line) {
            take_line(line, facts, report);
            judge_silence(line, refusals, options, report);
        },
        [&](std::uint64_t number) {
            report.violate(
                audit_rule::unreadable,
                fmt::format("line {} of the ledger {} is not a line of a ledger", number, file)
            );
        }
    );
}

}  // namespace sandbox
