#pragma once
// What the daemon shows of itself: the content of state/status.json, which `status`, `results` and
// `health` read (SPEC 2, 9). Counts are of durable records only (SPEC 5).

#include "reaper/base/time.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/job_state.hpp"
#include "reaper/model/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reaper {

inline constexpr int status_format_version = 1;

struct job_view
{
    std::string id;
    std::string file;
    std::string account;
    std::string label;
    priority prio = priority::normal;
    bool dry_run = false;
    std::string state;  // sending | waiting | paused | held | ending
    std::string why;    // one sentence, empty while it is sending
    std::vector<hold> holds;
    std::uint64_t total = 0;
    outcome_counts outcomes;
    std::uint64_t in_flight = 0;
    std::uint64_t retrying = 0;
    std::uint64_t durable_bytes = 0;  // of results.jsonl
    double pace_per_s = 0;            // durable outcomes per second, lately
    std::optional<double> eta_s;
    wall_time submitted_at{};
    std::optional<wall_time> started_at;
};

struct account_view
{
    std::string name;
    std::string limit;
    std::string state;  // ok | idle | blocked | paused
    std::string why;
    unsigned connections = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t window = 0;
    std::uint64_t requests = 0;
};

struct limit_view
{
    std::string id;
    double pace_per_s = 0;
    bool gate_open = true;
    double reopens_in_s = 0;
    std::uint64_t throttled = 0;
};

// A file that is not taken in, and why.
struct intake_problem
{
    std::string path;
    std::string why;
};

struct status_view
{
    std::string version;
    std::string state;  // starting | running | draining | stopped
    std::int64_t pid = 0;
    std::string boot_id;
    wall_time written_at{};
    mono_time heartbeat{};  // the loop's last turn, meaningful within boot_id
    duration quiet_for{};   // so long no heartbeat is to be expected: there is nothing to do
    std::vector<job_view> jobs;
    std::vector<account_view> accounts;
    std::vector<limit_view> limits;
    std::vector<intake_problem> problems;
    std::string trouble;  // why sending is stopped for everybody, or empty
};

}  // namespace reaper
