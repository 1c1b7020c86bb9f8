#pragma once
// What `status` prints for a person. Every line that says that something waits says why, and what
// to do about it (SPEC P8).

#include "reaper/cli/snapshot.hpp"

#include <iosfwd>

namespace reaper {

// Is there a daemon, and what did it say last.
void print_daemon(std::ostream& out, const daemon_presence& daemon, wall_time now);

void print_job(std::ostream& out, const job_view& job, wall_time now);
void print_finished(std::ostream& out, const finished_job& job, wall_time now);
// All that is known of one that has ended.
void print_summary(std::ostream& out, const job_summary& summary, wall_time now);

// The whole page.
void print_snapshot(std::ostream& out, const spool_snapshot& shot, wall_time now);

}  // namespace reaper
