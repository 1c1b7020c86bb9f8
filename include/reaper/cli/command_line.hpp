#pragma once
// The command line of `campaign-reaper`: parses it, runs what it asks, and answers with the exit
// status of SPEC 2.

#include "reaper/cli/console.hpp"

namespace reaper {

[[nodiscard]] int run_command_line(int argc, const char* const* argv, console& io);

}  // namespace reaper
