#pragma once
// `submit --wait`: shows the progress of jobs until they have ended.

#include "reaper/cli/console.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/exit_status.hpp"

#include <string>
#include <vector>

namespace reaper {

// A bar that is redrawn on a terminal, a line per change elsewhere; both on `io.err`. `ok` if every
// token was deleted, already gone, a duplicate or (dry run) would be deleted; else `failed`.
[[nodiscard]] exit_status wait_for_jobs(
    const std::vector<std::string>& ids, const spool_paths& spool, console& io
);

}  // namespace reaper
