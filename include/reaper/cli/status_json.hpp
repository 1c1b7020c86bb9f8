#pragma once
// What `status --json` prints for programs: the members of status.json, plus what the spool holds
// beside it.

#include "reaper/cli/snapshot.hpp"

#include <string>

namespace reaper {

// {"daemon": "running" | "stuck" | "not running", "status": {...}, "jobs": [...], "waiting": [...],
//  "ended": [...]}, on one line without its end.
[[nodiscard]] std::string status_json(const spool_snapshot& shot);

// {"place": "incoming" | "active" | "done" | "rejected", ...}: the job's members in status.json, in
// summary.json, or in reason.json.
[[nodiscard]] std::string waiting_json(const std::string& id);
[[nodiscard]] std::string job_json(const job_view& job);
[[nodiscard]] std::string finished_json(const finished_job& job);

}  // namespace reaper
