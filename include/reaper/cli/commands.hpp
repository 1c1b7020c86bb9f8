#pragma once
// The sub-commands that talk through the spool (SPEC 2), one .cpp each. Every one works whether or
// not the daemon is running, unless it says otherwise.

#include "reaper/cli/console.hpp"
#include "reaper/io/control_files.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/exit_status.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/outcome.hpp"
#include "reaper/model/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reaper {

struct check_options
{
    bool connect = false;  // also resolve, connect, verify TLS and make one GET per account
};

// Reports all faults of the configuration at once. Takes the path, not settings: that they can be
// had at all is what it checks.
[[nodiscard]] exit_status check(
    const check_options& asked, const std::string& config_path, console& io
);

struct submit_options
{
    std::vector<std::string> files;    // "-" is standard input
    job_options options;               // the flags
    std::optional<job_format> format;  // else the extension tells
    std::string name;                  // instead of the file's name in the job id
    bool wait = false;
};

// Publishes each file as a job and prints one job id per line. If one of the files cannot be a job,
// none is published.
[[nodiscard]] exit_status submit(const submit_options& asked, const settings& config, console& io);

struct status_options
{
    std::string job;  // id or an unambiguous part of one; empty for all
    bool watch = false;
    bool json = false;
};

[[nodiscard]] exit_status show_status(
    const status_options& asked, const spool_paths& spool, console& io
);

enum class results_format
{
    jsonl,
    csv,
    tokens,
};

struct results_options
{
    std::string job;
    std::vector<outcome> outcomes;  // empty: all
    results_format format = results_format::jsonl;
    bool follow = false;
};

[[nodiscard]] exit_status show_results(
    const results_options& asked, const spool_paths& spool, console& io
);

struct order_options
{
    job_order order = job_order::hold;  // hold, release or cancel
    std::string job;
};

// Leaves the order in control/ and, if the daemon runs, waits for it to be carried out.
[[nodiscard]] exit_status give_order(
    const order_options& asked, const spool_paths& spool, console& io
);

[[nodiscard]] exit_status health(const spool_paths& spool, console& io);

}  // namespace reaper
