#pragma once
// The flags of `submit`: one for every option that a job file may state (SPEC 4).

#include "reaper/cli/commands.hpp"

namespace CLI {
class App;
}

namespace reaper {

// `asked` must live until the command line has been parsed.
void add_submit_flags(CLI::App& sub, submit_options& asked);

}  // namespace reaper
