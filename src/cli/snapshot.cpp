#include "reaper/cli/snapshot.hpp"

#include <algorithm>
#include <utility>

namespace reaper {

namespace {

// A job that the daemon has not spoken of: what its own files say. How much of it is done is known
// to the daemon only, once it has read the log.
job_view view_from_files(const std::string& directory, const std::string& id)
{
    job_view view;
    view.id = id;
    view.state = "waiting";
    const auto manifest = read_manifest(directory);
    if (manifest) {
        view.file = manifest->file;
        view.account = manifest->account;
        view.label = manifest->options.label.value_or("");
        view.prio = manifest->options.prio.value_or(priority::normal);
        view.dry_run = manifest->dry_run;
        view.total = manifest->total;
        view.submitted_at = manifest->submitted_at;
    } else {
        view.why = manifest.error().sentence;
    }
    const auto state = read_job_state(directory);
    if (state) {
        view.holds = state->holds;
        view.started_at = state->started_at;
    }
    return view;
}

std::vector<std::string> newest(const std::string& directory, std::size_t count_max)
{
    auto ids = list_jobs(directory);
    if (!ids)
        return {};
    std::reverse(ids->begin(), ids->end());
    ids->resize(std::min(ids->size(), count_max));
    return std::move(*ids);
}

}  // namespace

wall_time finished_job::ended_at() const
{
    if (summary)
        return summary->finished_at;
    return rejected ? rejected->at : wall_time{};
}

job_view view_of_active(
    const spool_paths& spool, const daemon_presence& daemon, const std::string& id
)
{
    const job_view* said = find_view(daemon, id);
    job_view view = said != nullptr ? *said : view_from_files(spool.active_job(id), id);
    if (daemon.running)
        return view;
    // What it did when its daemon stopped is not what it does now.
    view.state = view.holds.empty() ? "waiting" : "held";
    if (view.why.empty() || view.holds.empty())
        view.why = "no daemon is running";
    view.in_flight = 0;
    view.pace_per_s = 0;
    view.eta_s.reset();
    return view;
}

finished_job read_finished(const spool_paths& spool, job_place place, const std::string& id)
{
    finished_job job;
    job.id = id;
    if (place == job_place::done) {
        auto summary = read_summary(spool.done_job(id));
        if (summary)
            job.summary = std::move(*summary);
        else
            job.unreadable = summary.error().sentence;
    } else {
        auto why = read_rejection(spool.rejected_job(id));
        if (why)
            job.rejected = std::move(*why);
        else
            job.unreadable = why.error().sentence;
    }
    return job;
}

spool_snapshot take_snapshot(const spool_paths& spool, const console& io, std::size_t finished_max)
{
    spool_snapshot shot;
    shot.daemon = look_for_daemon(spool, io);
    shot.waiting = files_waiting(spool);
    const auto active = list_jobs(spool.active);
    if (active) {
        for (const std::string& id : *active)
            shot.jobs.push_back(view_of_active(spool, shot.daemon, id));
    } else {
        if (active.error().error_number != ENOENT)
            shot.unreadable = active.error().sentence;
        if (shot.daemon.status)
            shot.jobs = shot.daemon.status->jobs;
    }
    for (const std::string& id : newest(spool.done, finished_max))
        shot.finished.push_back(read_finished(spool, job_place::done, id));
    for (const std::string& id : newest(spool.rejected, finished_max))
        shot.finished.push_back(read_finished(spool, job_place::rejected, id));
    std::stable_sort(
        shot.finished.begin(),
        shot.finished.end(),
        [](const finished_job& a, const finished_job& b) { return a.ended_at() > b.ended_at(); }
    );
    return shot;
}

}  // namespace reaper
