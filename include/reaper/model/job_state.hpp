#pragma once
// What must survive a restart beside the results log: state.json and `mark` of a job, and the state
// of a limit (docs/journal.md has the bytes).

#include "reaper/base/time.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/outcome.hpp"
#include "reaper/model/record.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reaper {

enum class hold_cause : std::uint8_t
{
    person,      // `hold`
    option,      // `hold: true` in the file
    hold_above,  // more tokens than the guard lets pass unseen
    hold_after,  // the first N are deleted: look, then release
    same_file,   // the same SHA-256 as an earlier job that sent something
    breaker,     // too many of the last outcomes were neither deleted nor already gone
    misuse,      // five 403 in a row
    unproven,    // only 404s, and no 2xx yet with this key, kind and endpoint
    damaged,     // input, job.json or results log do not fit each other
};

[[nodiscard]] std::string_view to_string(hold_cause value);
[[nodiscard]] std::optional<hold_cause> parse_hold_cause(std::string_view text);

struct hold
{
    std::uint64_t id = 0;  // within the job, from 1, never used again: `release` names it
    hold_cause cause = hold_cause::person;
    std::string reason;  // a sentence that says what to do
    wall_time since{};

    friend bool operator==(const hold&, const hold&) = default;
};

// state.json of an active job: rewritten as a whole, atomically, before what it says takes effect.
struct job_state
{
    std::vector<hold> holds;
    std::uint64_t next_hold_id = 1;
    std::optional<wall_time> cancelled_at;
    bool hold_after_done = false;    // it holds once
    bool route_released = false;     // `release` took the route as proven for this job
    bool dry_run = false;            // the configuration turned it on: it never turns it off again
    std::uint64_t breaker_from = 0;  // records of the log before this one do not count
    std::vector<result_record> provisional;  // 404s while the route is unproven, not yet in the log
    std::optional<wall_time> started_at;     // first request
    std::uint64_t requests = 0;
    std::uint64_t throttled = 0;
    std::map<std::string, double> paused_s;  // by reason
    double active_s = 0;                     // seconds in which it could send
    double best_pace = 0;

    // A clean stop: tokens below `sent_below` are settled, or in `unknown`, or were never sent.
    bool clean = false;
    std::uint64_t epoch = 0;  // mark files of this epoch or older are overruled by a clean stop
    std::vector<std::uint64_t> unknown;  // ordinals whose fate is unknown, ascending

    friend bool operator==(const job_state&, const job_state&) = default;
};

// The may-have-been-sent mark: tokens with n <= upto may have been sent (SPEC 5).
struct send_mark
{
    std::uint64_t epoch = 0;
    std::uint64_t upto = 0;
    // So much of results.jsonl was durable when the mark was made: what is amiss below it is
    // damage, what is amiss above it may be an un-synced tail.
    std::uint64_t durable_bytes = 0;

    friend bool operator==(const send_mark&, const send_mark&) = default;
};

// The gate and the pace of one limit. Instants of the monotonic clock mean something only within
// `boot_id`.
struct limit_state
{
    std::string id;  // shared-<name>, or key-<16 hex of a keyed hash of the API key>
    std::string boot_id;
    bool clean = false;                // a clean stop wrote this
    mono_time shut_until{};            // the gate
    std::optional<double> pace_per_s;  // what was learnt, with its date
    wall_time pace_at{};
    double burst_s = 1;  // what else was learnt with it (core/pacer.hpp)
    double window_s = 0;

    friend bool operator==(const limit_state&, const limit_state&) = default;
};

}  // namespace reaper
