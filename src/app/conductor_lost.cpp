// Jobs in active/ that could not be read: a reason that may pass must not keep them for ever.

#include "reaper/app/conductor.hpp"
#include "reaper/app/recovery.hpp"
#include "reaper/rt/log.hpp"

#include <algorithm>
#include <utility>

namespace reaper {

namespace {

constexpr duration pause_min = std::chrono::seconds(1);
// After a pause of so long (a minute in all) a job that still cannot be read is held as damaged, so
// that a person can cancel it.
constexpr duration pause_max = std::chrono::seconds(32);

}  // namespace

bool conductor::take_up(const std::string& id, bool verify_input)
{
    const auto lost = lost_jobs_.find(id);
    const bool has_waited = lost != lost_jobs_.end() && lost->second.pause >= pause_max;
    auto job = recover_job(
        spool_.paths, id, {.verify_input = verify_input, .unreadable_is_damaged = has_waited}
    );
    if (!job) {
        note_lost(id, verify_input, job.error());
        return false;
    }
    lost_jobs_.erase(id);
    if (verify_input)
        log_info(
            "job goes on",
            {{"job", id}, {"total", job->manifest.total}, {"settled", job->settled.count()}}
        );
    world_.note_job(job->manifest);
    engine_.add_job(std::move(*job), host_.clocks());
    return true;
}

void conductor::note_lost(const std::string& id, bool verify_input, const fault& why)
{
    lost_job& lost = lost_jobs_[id];
    lost.verify_input = verify_input;
    lost.may_pass = may_pass(why);
    lost.pause = lost.pause == duration{} ? pause_min : std::min(2 * lost.pause, pause_max);
    lost.again_at = host_.clocks().mono + lost.pause;
    const std::string sentence =
        why.sentence + (lost.may_pass
                            ? "; the job waits, and it is tried again"
                            : "; the job is left as it is: restore the file, then restart");
    lost.why = sentence;  // logged with the next look at what waits
}

void conductor::retry_lost(instant now)
{
    std::vector<std::string> due;
    for (const auto& [id, lost] : lost_jobs_)
        if (lost.may_pass && lost.again_at <= now.mono)
            due.push_back(id);
    for (const std::string& id : due)
        if (take_up(id, lost_jobs_.at(id).verify_input))
            control_changed_ = true;  // what was asked of it meanwhile
    if (!due.empty())
        host_.wake();
}

bool conductor::awaits_lost() const
{
    return std::any_of(lost_jobs_.begin(), lost_jobs_.end(), [](const auto& each) {
        return each.second.may_pass;
    });
}

}  // namespace reaper
