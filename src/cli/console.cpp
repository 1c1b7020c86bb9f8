#include "reaper/cli/console.hpp"

#include "reaper/io/entry_look.hpp"
#include "reaper/io/spool_state.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <thread>

namespace reaper {

console system_console()
{
    console io{.out = std::cout, .err = std::cerr};
    io.input = STDIN_FILENO;
    io.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
    io.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
    struct winsize size = {};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        io.columns = size.ws_col;
    io.now = [] {
        const auto wall = std::chrono::system_clock::now();
        return instant{
            std::chrono::steady_clock::now(),
            std::chrono::time_point_cast<wall_time::duration>(wall)};
    };
    io.sleep = [](duration length) { std::this_thread::sleep_for(length); };
    io.user = owner_name(::getuid());
    io.boot_id = read_boot_id();
    return io;
}

}  // namespace reaper
