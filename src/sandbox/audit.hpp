#pragma once
// The audit: compares what the server saw (its ledger) with what the daemon wrote (the results logs
// of its jobs), token by token. Independent of the daemon's code on purpose: a rule that both got
// wrong in the same way would pass unseen.

#include "sandbox/options.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

enum class audit_rule : std::uint8_t
{
    unreadable,      // a line or a file that is not what it should be
    unproven,        // `deleted` without a request for that token that deleted and was answered 2xx
    record_count,    // a token line with no record, or with two, or with that of another line
    stranger,        // a request for a token that no accepted job names
    wrong_404,       // `not_found` where the API was not asked, or had deleted the token
    unfounded_gone,  // `already_gone` without an earlier request whose fate could be unknown
    unrecorded,      // deleted, and recorded neither as deleted nor as already gone nor as unknown
    dry_run_sent,    // `would_delete`, and yet a request
    silence,         // a request within the silence after a 429
    wrong_sum,       // job.json or summary.json disagree with input or records
};

inline constexpr std::size_t audit_rule_count = 10;

[[nodiscard]] std::string_view to_string(audit_rule rule);

struct audit_options
{
    std::vector<std::string> ledgers;
    std::string spool;              // its active and done folders are read; may be empty
    std::vector<std::string> jobs;  // further job folders
    duration silence = std::chrono::seconds(5);
    // How long a request may be under way: one that left before the 429 was read is no fault.
    duration round_trip = std::chrono::milliseconds(50);
    // The daemon or its machine was killed: a last line may be torn, and requests that nobody
    // remembers may have gone out.
    bool crashed = false;
    bool any_token_shape = false;  // tokens need not be 32 hexadecimal digits
};

struct audit_report
{
    static constexpr std::size_t shown_max = 10;

    std::uint64_t requests = 0;
    std::uint64_t executed = 0;
    std::uint64_t throttled = 0;
    std::uint64_t struck = 0;  // requests with a fault
    std::uint64_t jobs_done = 0;
    std::uint64_t jobs_active = 0;
    std::uint64_t token_lines = 0;
    std::map<std::string, std::uint64_t, std::less<>> outcomes;
    std::array<std::uint64_t, audit_rule_count> violations{};
    std::vector<std::string> shown;  // the first few violations, in words

    void violate(audit_rule rule, std::string what);
    [[nodiscard]] std::uint64_t violation_count() const;

    [[nodiscard]] std::uint64_t violations_of(audit_rule rule) const
    {
        return violations[static_cast<std::size_t>(rule)];
    }
};

// Fails where there is nothing to compare: no ledger, no spool. All else is a violation.
[[nodiscard]] result<audit_report> run_audit(const audit_options& options);

// For people; the last line is "audit: ok" or "audit: N violations".
[[nodiscard]] std::string render(const audit_report& report);

}  // namespace sandbox
