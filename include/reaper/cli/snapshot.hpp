#pragma once
// Everything that `status` shows, gathered from the spool at one moment.

#include "reaper/cli/spool_view.hpp"
#include "reaper/io/job_files.hpp"
#include "reaper/model/summary.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reaper {

struct finished_job
{
    std::string id;
    std::optional<job_summary> summary;  // of one in done/
    std::optional<rejection> rejected;   // of one in rejected/
    std::string unreadable;              // why there is neither

    [[nodiscard]] wall_time ended_at() const;
};

struct spool_snapshot
{
    daemon_presence daemon;
    std::vector<job_view> jobs;  // in active/, as the daemon said last, or as the disk says
    std::vector<waiting_file> waiting;
    std::vector<finished_job> finished;  // newest first; `finished_max` of each sort
    std::string unreadable;              // what this user may not look at
};

[[nodiscard]] spool_snapshot take_snapshot(
    const spool_paths& spool, const console& io, std::size_t finished_max
);

// One active job. Without a daemon its state says so.
[[nodiscard]] job_view view_of_active(
    const spool_paths& spool, const daemon_presence& daemon, const std::string& id
);

[[nodiscard]] finished_job read_finished(
    const spool_paths& spool, job_place place, const std::string& id
);

}  // namespace reaper
