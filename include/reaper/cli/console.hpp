#pragma once
// What a command sees of the outside: its streams, whether a person watches, and the passing of
// time. Data goes to `out`, words go to `err`, so that a pipe gets nothing but data. Tests bring
// their own console, in which `sleep` may change the spool as a daemon would.

#include "reaper/base/time.hpp"

#include <functional>
#include <iosfwd>
#include <string>

namespace reaper {

struct console
{
    std::ostream& out;
    std::ostream& err;
    int input = 0;  // the descriptor that `submit -` reads
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    unsigned columns = 80;  // of the terminal
    std::function<instant()> now = {};
    std::function<void(duration)> sleep = {};
    std::string user = {};     // who asks: recorded in control files
    std::string boot_id = {};  // the daemon's monotonic instants mean something within it
};

// The console of the process itself.
[[nodiscard]] console system_console();

}  // namespace reaper
