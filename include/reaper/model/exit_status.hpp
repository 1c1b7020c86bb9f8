#pragma once

// What the commands tell the shell that called them (SPEC 2). Scripts branch on these: they change
// only with a new major version.

namespace reaper {

enum class exit_status : int
{
    ok = 0,
    failed = 1,          // some tokens were not deleted, a job was rejected, or the command failed
    usage = 2,           // the command line contradicts itself, the file, or this version
    no_such_job = 3,     // or one that has ended, where only an active job will do
    not_running = 69,    // no daemon holds the spool (`health`)
    try_later = 75,      // the spool is locked, or nothing can move for now
    configuration = 78,  // the configuration has faults
};

}  // namespace reaper
