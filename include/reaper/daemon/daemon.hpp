#pragma once
// The daemon: everything that runs until it is told to stop (SPEC 2: `run` and `once`).

#include "reaper/base/time.hpp"

#include <string>

namespace reaper {

// Runs in the foreground until SIGTERM or SIGINT has drained it. Returns the exit status of SPEC 2.
[[nodiscard]] int run_daemon(const std::string& config_path);

// Takes what its first scan sees, finishes it and returns: 0, 1 or 75. Gives up after `max_wait`
// without progress.
[[nodiscard]] int run_once(const std::string& config_path, duration max_wait);

}  // namespace reaper
