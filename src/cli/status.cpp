#include "reaper/cli/commands.hpp"
#include "reaper/cli/status_json.hpp"
#include "reaper/cli/status_text.hpp"

#include <ostream>
#include <sstream>

namespace reaper {

namespace {

using namespace std::chrono_literals;

constexpr duration watch_every = 1s;
constexpr std::size_t finished_shown = 5;
constexpr const char* clear_screen = "\x1b[H\x1b[2J";

// One job, wherever it is.
exit_status describe_job(
    const status_options& asked, const spool_paths& spool, console& io, std::ostream& page
)
{
    const daemon_presence daemon = look_for_daemon(spool, io);
    const auto job = find_job_named(spool, daemon, asked.job);
    if (!job) {
        io.err << "campaign-reaper: " << job.error().sentence << '\n';
        return exit_status::no_such_job;
    }
    const wall_time now = io.now().wall;
    if (job->in_incoming) {
        if (asked.json) {
            page << waiting_json(job->id) << '\n';
            return exit_status::ok;
        }
        print_daemon(page, daemon, now);
        page << job->id << " is in incoming/, not taken in yet.\n";
    } else if (job->place == job_place::active) {
        const job_view view = view_of_active(spool, daemon, job->id);
        if (asked.json) {
            page << job_json(view) << '\n';
            return exit_status::ok;
        }
        print_daemon(page, daemon, now);
        print_job(page, view, now);
    } else {
        const finished_job ended = read_finished(spool, job->place, job->id);
        if (asked.json)
            page << finished_json(ended) << '\n';
        else if (ended.summary)
            print_summary(page, *ended.summary, now);
        else
            print_finished(page, ended, now);
    }
    return exit_status::ok;
}

exit_status describe(
    const status_options& asked, const spool_paths& spool, console& io, std::ostream& page
)
{
    if (!asked.job.empty())
        return describe_job(asked, spool, io, page);
    const spool_snapshot shot = take_snapshot(spool, io, finished_shown);
    if (asked.json)
        page << status_json(shot) << '\n';
    else
        print_snapshot(page, shot, io.now().wall);
    return exit_status::ok;
}

}  // namespace

exit_status show_status(const status_options& asked, const spool_paths& spool, console& io)
{
    for (;;) {
        // A page is written at once, so that a terminal does not flicker.
        std::ostringstream page;
        const exit_status status = describe(asked, spool, io, page);
        if (asked.watch && io.out_is_terminal)
            io.out << clear_screen;
        io.out << page.str() << std::flush;
        // A reader that has gone ends a watch.
        if (!asked.watch || status != exit_status::ok || !io.out)
            return status;
        io.sleep(watch_every);
    }
}

}  // namespace reaper
