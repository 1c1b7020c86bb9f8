#include "reaper/base/units.hpp"
#include "reaper/cli/commands.hpp"
#include "reaper/cli/spool_view.hpp"

#include <fmt/format.h>

#include <ostream>

namespace reaper {

exit_status health(const spool_paths& spool, console& io)
{
    const daemon_presence daemon = look_for_daemon(spool, io);
    if (!daemon.running) {
        io.out << "not running: no daemon holds the spool " << spool.root << '\n';
        return exit_status::not_running;
    }
    if (daemon.responsive) {
        // What it waits for on purpose is said, and is no fault (SPEC 9).
        const std::string& trouble = daemon.status->trouble;
        io.out << "alive: heartbeat " << show_duration(*daemon.silence) << " ago"
               << (trouble.empty() ? "" : "; sends nothing: " + trouble) << '\n';
        return exit_status::ok;
    }
    if (daemon.silence) {
        io.out << fmt::format(
            "stuck: it holds the spool, but its last heartbeat was {} ago; look at its log\n",
            show_duration(*daemon.silence)
        );
    } else {
        io.out << "not ready: it holds the spool, but has written no status since this boot"
               << (daemon.unreadable.empty() ? "" : ": " + daemon.unreadable) << '\n';
    }
    return exit_status::failed;
}

}  // namespace reaper
