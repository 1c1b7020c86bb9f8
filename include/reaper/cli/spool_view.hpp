#pragma once
// What the commands see of a spool, with or without a running daemon: whether one runs, what it
// last said of itself, and where a job is.

#include "reaper/base/result.hpp"
#include "reaper/cli/console.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/status.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// A heartbeat that is so much older than the daemon said it would be says that it is stuck (SPEC 2:
// health).
inline constexpr duration heartbeat_age_max = std::chrono::seconds(15);

struct daemon_presence
{
    bool running = false;               // somebody holds the spool's lock
    bool responsive = false;            // and its heartbeat is fresh
    std::optional<duration> silence;    // since the last heartbeat; only within the same boot
    std::optional<status_view> status;  // what the last daemon wrote; it may have stopped since
    std::string unreadable;             // why there is no status, if there should be one
};

[[nodiscard]] daemon_presence look_for_daemon(const spool_paths& spool, const console& io);

// A file in incoming/ that is not taken in yet.
struct waiting_file
{
    std::string path;  // below the spool: incoming/prod/x.txt
    std::string id;    // if its name is a job id, as `submit` names it, or it is being taken in
};

[[nodiscard]] std::vector<waiting_file> files_waiting(const spool_paths& spool);

// A job that a person named.
struct job_reference
{
    std::string id;
    bool in_incoming = false;
    job_place place = job_place::nowhere;  // if it is not in incoming/
};

// Finds a job by its id, or by a part of it that names only one. Looks in the order in which a job
// moves, so that one that moves meanwhile is found; what the daemon says counts as well, for users
// who may not look into active/. The fault says what to do; there is none such, or there are
// several: either way exit status 3.
[[nodiscard]] result<job_reference> find_job_named(
    const spool_paths& spool, const daemon_presence& daemon, std::string_view word
);

// The directory of a job that is in active, done or rejected.
[[nodiscard]] std::string directory_of(const spool_paths& spool, const job_reference& job);

// The job in the daemon's last status, or null.
[[nodiscard]] const job_view* find_view(const daemon_presence& daemon, std::string_view id);

}  // namespace reaper
