#pragma once
// What summary.json of an ended job says (SPEC 5).

#include "reaper/base/time.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/outcome.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace reaper {

struct job_summary
{
    std::string job;
    std::string file;
    std::string sha256;
    std::string dropped_by;
    std::string account;
    campaign_kind kind = campaign_kind::campaigns;
    bool dry_run = false;
    job_options options;
    wall_time submitted_at{};
    std::optional<wall_time> started_at;  // first request, or first record of a dry run
    wall_time finished_at{};
    std::uint64_t total = 0;
    outcome_counts outcomes;
    std::uint64_t requests = 0;              // since the last crash at least
    std::uint64_t throttled = 0;             // of these answered 429
    std::map<std::string, double> paused_s;  // seconds by reason
    double pace_mean = 0;  // outcomes of sent tokens per second that it could send
    double pace_best = 0;
    double latency_p50_ms = 0;
    double latency_p90_ms = 0;
    double latency_p99_ms = 0;
    std::string
        reason;  // why it ended early ("cancelled", "deadline passed"), or what a dry run says

    friend bool operator==(const job_summary&, const job_summary&) = default;
};

}  // namespace reaper
