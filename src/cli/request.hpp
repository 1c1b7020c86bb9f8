#pragma once
// Part of cli/command_line: what the command line asks, and the groups of sub-commands.

#include "reaper/base/time.hpp"
#include "reaper/cli/commands.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace reaper {

inline constexpr const char* default_config = "/etc/campaign-reaper/config.yaml";

// What the command line asks, filled while it is parsed. `run` is set by the one sub-command.
struct request
{
    std::string config_path = default_config;
    std::function<int()> run;
    duration max_wait = std::chrono::minutes(10);
    check_options check;
    submit_options submit;
    status_options status;
    results_options results;
    order_options order;
};

// The commands that need no more of the configuration than where the spool is: status, results,
// hold, release, cancel, health.
void add_spool_commands(CLI::App& app, request& asked, console& io);

// The end of a command's help: what it teaches, and what may stand behind every command.
void teach(CLI::App& sub, std::string text);

}  // namespace reaper
