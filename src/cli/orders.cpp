#include "reaper/cli/commands.hpp"
#include "reaper/cli/spool_view.hpp"
#include "reaper/io/job_files.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <ostream>

namespace reaper {

namespace {

using namespace std::chrono_literals;

constexpr duration carried_out_within = 5s;
constexpr duration look_every = 50ms;

exit_status refuse(console& io, exit_status status, const std::string& sentence)
{
    io.err << "campaign-reaper: " << sentence << '\n';
    return status;
}

// The holds that a person sees now. Only these are lifted: one that comes meanwhile stays.
result<std::vector<hold>> holds_of(
    const spool_paths& spool, const daemon_presence& daemon, const std::string& id
)
{
    const job_view* view = find_view(daemon, id);
    if (daemon.running && view != nullptr)
        return view->holds;
    const auto state = read_job_state(spool.active_job(id));
    if (!state)
        return state.error();
    return state->holds;
}

// Puts the holds into the request; the exit status if there is nothing to release.
std::optional<exit_status> name_holds(
    const spool_paths& spool,
    const daemon_presence& daemon,
    const job_reference& job,
    control_request& request,
    console& io
)
{
    if (job.in_incoming) {
        return refuse(
            io,
            exit_status::try_later,
            fmt::format(
                "{} is not taken in yet, so it has no holds to lift: try again when `status` lists "
                "it",
                job.id
            )
        );
    }
    const auto holds = holds_of(spool, daemon, job.id);
    if (!holds)
        return refuse(io, exit_status::failed, holds.error().sentence);
    if (holds->empty()) {
        io.err << job.id << " is not held: there is nothing to release.\n";
        return exit_status::ok;
    }
    for (const hold& h : *holds) {
        io.err << fmt::format("Lifts hold {} ({}): {}\n", h.id, to_string(h.cause), h.reason);
        request.holds.push_back(h.id);
    }
    return std::nullopt;
}

std::string request_path(const spool_paths& spool, const control_request& request)
{
    return fmt::format("{}/{}.{}", spool.control, request.job, to_string(request.order));
}

// True once the daemon has carried the request out, false if it has not within the time.
bool is_carried_out(const std::string& path, console& io)
{
    const mono_time give_up = io.now().mono + carried_out_within;
    while (::access(path.c_str(), F_OK) == 0) {
        if (io.now().mono >= give_up)
            return false;
        io.sleep(look_every);
    }
    return true;
}

// The status is written once a second: waits for one that is newer than what was just done.
daemon_presence fresh_status(const spool_paths& spool, console& io)
{
    const instant asked = io.now();
    for (;;) {
        daemon_presence daemon = look_for_daemon(spool, io);
        const bool newer = daemon.status && daemon.status->written_at > asked.wall;
        if (newer || !daemon.running || io.now().mono >= asked.mono + carried_out_within)
            return daemon;
        io.sleep(look_every);
    }
}

void report(const spool_paths& spool, const std::string& id, console& io)
{
    const daemon_presence daemon = fresh_status(spool, io);
    const auto job = find_job_named(spool, daemon, id);
    const job_view* view = find_view(daemon, id);
    if (job && job->place == job_place::done) {
        io.err << fmt::format("{} has ended: campaign-reaper status {}\n", id, id);
    } else if (view != nullptr) {
        io.err << fmt::format(
            "{} is {}{}{}\n", id, view->state, view->why.empty() ? "" : ": ", view->why
        );
    } else {
        io.err << "The daemon has taken the order.\n";
    }
}

}  // namespace

exit_status give_order(const order_options& asked, const spool_paths& spool, console& io)
{
    const daemon_presence daemon = look_for_daemon(spool, io);
    const auto job = find_job_named(spool, daemon, asked.job);
    if (!job)
        return refuse(io, exit_status::no_such_job, job.error().sentence);
    if (job->place == job_place::done || job->place == job_place::rejected) {
        return refuse(
            io,
            exit_status::no_such_job,
            fmt::format(
                "{} {}: it is too late to {} it",
                job->id,
                job->place == job_place::done ? "has ended" : "was rejected",
                to_string(asked.order)
            )
        );
    }

    control_request request;
    request.job = job->id;
    request.order = asked.order;
    request.by = io.user;
    if (asked.order == job_order::release) {
        if (const auto ended = name_holds(spool, daemon, *job, request, io))
            return *ended;
    }
    if (auto written = write_control(spool, request); !written)
        return refuse(io, exit_status::failed, written.error().sentence);

    if (!daemon.running) {
        io.err
            << "No daemon is running: the order takes effect at its next start, before its first "
               "request.\n";
    } else if (job->in_incoming) {
        io.err << job->id << " is not taken in yet: the order takes effect when it is.\n";
    } else if (is_carried_out(request_path(spool, request), io)) {
        report(spool, job->id, io);
    } else {
        io.err << "The daemon has not taken the order yet; it will: campaign-reaper status "
               << job->id << '\n';
    }
    return exit_status::ok;
}

}  // namespace reaper
