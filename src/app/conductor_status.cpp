// What the daemon shows of itself: status.json, the line in `systemctl status`, its heartbeat.

#include "reaper/app/conductor.hpp"
#include "reaper/app/status_file.hpp"
#include "reaper/base/units.hpp"
#include "reaper/rt/log.hpp"

#include <unistd.h>

#include <algorithm>

namespace reaper {

namespace {

constexpr duration idle_status_every = std::chrono::seconds(5);

}  // namespace

void conductor::write_status(instant now)
{
    status_at_ = now.mono + idle_status_every;
    status_view view;
    view.version = REAPER_VERSION;
    view.state = phase_;
    view.pid = ::getpid();
    view.boot_id = boot_id_;
    view.written_at = now.wall;
    view.heartbeat = now.mono;
    quiet_said_ = is_quiet();
    if (quiet_said_)
        view.quiet_for = quiet_for();
    view.jobs = engine_.job_views(now);
    view.accounts = engine_.account_views(now);
    view.limits = engine_.limit_views(now);
    view.problems = problems();
    const std::string path = spool_.paths.state + "/status.json";
    if (const auto written = replace_file(path, render_status(view), 0644); !written)
        folded_warning("status", "the status cannot be written: " + written.error().sentence);
    tell(supervisor_.status(status_line(view)));
}

std::vector<intake_problem> conductor::problems() const
{
    std::vector<intake_problem> found = intake_.problems();
    for (const auto& [id, lost] : lost_jobs_)
        found.push_back({.path = spool_.paths.active_job(id), .why = lost.why});
    if (!host_.watch_trouble().empty())
        found.push_back({.path = spool_.paths.incoming, .why = host_.watch_trouble()});
    return found;
}

// What has begun to wait since the last look is logged once, and shown at once.
bool conductor::say_new_problems()
{
    constexpr std::size_t said_at_once_max = 20;
    std::set<std::string> now_there;
    std::size_t said = 0;
    for (const intake_problem& problem : problems()) {
        const std::string line = problem.path + ": " + problem.why;
        if (!problems_said_.contains(line)) {
            if (said == said_at_once_max)
                continue;  // the rest with the next look
            ++said;
            log_warning(problem.why, {{"path", problem.path}});
        }
        now_there.insert(line);
    }
    const bool changed = now_there != problems_said_;
    problems_said_ = std::move(now_there);
    return changed;
}

void conductor::tell(const result<void>& told)
{
    if (!told)
        folded_warning(
            "supervisor", "the service manager cannot be told: " + told.error().sentence
        );
}

std::string conductor::status_line(const status_view& view) const
{
    if (view.state != "running")
        return view.state;
    if (view.jobs.empty())
        return "idle";
    std::uint64_t total = 0;
    std::uint64_t settled = 0;
    double pace = 0;
    for (const job_view& job : view.jobs) {
        total += job.total;
        settled += job.outcomes.total();
        pace += job.pace_per_s;
    }
    std::string line = std::to_string(view.jobs.size()) + " jobs, " + std::to_string(settled) +
                       " of " + std::to_string(total) + " tokens, " + show_rate(pace);
    const auto waiting = std::find_if(view.jobs.begin(), view.jobs.end(), [](const job_view& job) {
        return !job.why.empty();
    });
    if (waiting != view.jobs.end())
        line += "; " + waiting->why;
    return line;
}

}  // namespace reaper
