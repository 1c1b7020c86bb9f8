#pragma once
// Retention (SPEC 3): finished and rejected jobs go when they are older than `retention.age`; the
// summaries of finished ones stay four times as long.

#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"
#include "reaper/io/spool.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace reaper {

struct prune_report
{
    std::uint64_t removed = 0;     // jobs, or what was left of them
    std::uint64_t bytes_kept = 0;  // on disk in done/ and rejected/: size only warns
    bool more = false;             // there is more to remove: call again soon
    std::string trouble;           // the first job that could not be removed, and why; or empty
};

// Removes up to `removals_max` jobs that are old at `now`, and what state/sent remembers of jobs
// that are gone. A job's age is counted from its summary.json or reason.json.
[[nodiscard]] result<prune_report> prune(
    const spool_paths& spool, wall_time now, duration age, std::size_t removals_max = 64
);

}  // namespace reaper
