// What the conductor does every second, and how it ends.

#include "reaper/app/conductor.hpp"
#include "reaper/app/prune.hpp"
#include "reaper/base/units.hpp"
#include "reaper/model/exit_status.hpp"
#include "reaper/rt/log.hpp"

#include <algorithm>

namespace reaper {

namespace {

constexpr duration second = std::chrono::seconds(1);
// With nothing to do, nothing is looked at more often than the folders are; but a heartbeat is
// wanted.
constexpr duration quiet_max = std::chrono::seconds(30);
constexpr duration changes_every = std::chrono::seconds(5);
constexpr duration prune_every = std::chrono::hours(1);
// A limit that was lent is not asked for again before the borrower has had time to take it.
constexpr duration lent_retry = std::chrono::milliseconds(500);
// After the drain deadline, before the daemon ends without a clean stop.
constexpr duration stop_grace = std::chrono::seconds(5);

}  // namespace

mono_time conductor::turn_clock()
{
    const instant now = host_.clocks();
    const auto due = [this] {
        return looked_at_ + (quiet_said_ && is_quiet() ? quiet_for() : second);
    };
    if (now.mono >= due()) {
        looked_at_ = now.mono;
        look_around(now);
    }
    return std::min(due(), feed_watchdog(now));
}

// True if only an event can bring something to do: then nothing but the rescan and the watchdog
// wakes the daemon, which may be a sidecar.
bool conductor::is_quiet() const
{
    return !mode_.once && !stopping_ && !engine_.has_jobs() && lost_jobs_.empty() &&
           intake_.is_done() && !control_changed_ && control_retry_at_ == mono_never &&
           !world_.has_lent_limits() && problems_said_.empty() && host_.watch_trouble().empty();
}

duration conductor::quiet_for() const
{
    return std::min(config_.intake.rescan, quiet_max);
}

void conductor::look_around(instant now)
{
    if (now.mono >= rescan_at_) {
        rescan_at_ = now.mono + config_.intake.rescan;
        make_account_folders();  // somebody removed one, or it could not be made before
        host_.watch(account_names());
        intake_.hint(watch_event{});
        intake_wanted_ = true;
        control_changed_ = true;
    }
    if (!stopping_)
        retry_lost(now);
    // Without events, control/ is looked at as often as this.
    if (control_changed_ || !host_.watch_trouble().empty() || now.mono >= control_retry_at_)
        apply_control();
    if (now.mono >= changes_at_) {
        changes_at_ = now.mono + changes_every;
        look_for_changes();
    }
    if (now.mono >= limits_at_ && world_.has_lent_limits()) {
        limits_at_ = now.mono + lent_retry;
        world_.retry_limits(now);
        host_.wake();
    }
    if (now.mono >= prune_at_ && !stopping_)
        prune_old(now);
    const bool news = say_new_problems();
    if (news || engine_.has_jobs() || now.mono >= status_at_)
        write_status(now);
    flush_folded_warnings();
    check_once(now);
}

// What is older than the configuration keeps it (SPEC 3); a piece at a time.
void conductor::prune_old(instant now)
{
    prune_at_ = now.mono + prune_every;
    const auto pruned = prune(spool_.paths, now.wall, config_.retention.age);
    if (!pruned) {
        folded_warning("prune", "old jobs cannot be removed: " + pruned.error().sentence);
        return;
    }
    if (!pruned->trouble.empty())
        folded_warning("prune", pruned->trouble);
    if (pruned->removed > 0)
        log_info("old jobs were removed", {{"count", pruned->removed}});
    if (pruned->bytes_kept > config_.retention.warn_size)
        folded_warning(
            "retention",
            "done/ and rejected/ hold " + show_size(pruned->bytes_kept) +
                ", more than retention.warn_size: remove what is not needed, or shorten "
                "retention.age"
        );
    if (pruned->more)
        prune_at_ = now.mono;
}

// When it is to be fed again.
mono_time conductor::feed_watchdog(instant now)
{
    const auto timeout = supervisor_.watchdog_timeout();
    if (!timeout)
        return mono_never;
    if (now.mono >= watchdog_at_) {
        // From a turn: a loop that is stuck does not feed it.
        tell(supervisor_.alive());
        watchdog_at_ = now.mono + *timeout / 2;
    }
    return watchdog_at_;
}

void conductor::check_once(instant now)
{
    if (!mode_.once || stopping_)
        return;
    if (const std::uint64_t progress = engine_.progress(); progress != progress_seen_) {
        progress_seen_ = progress;
        progress_at_ = now.mono;
    }
    if (!intake_.is_done() || awaits_lost()) {
        if (now.mono - progress_at_ >= mode_.max_wait)
            stop(static_cast<int>(exit_status::try_later));
        return;
    }
    if (!engine_.has_jobs()) {
        const bool well = all_well_ && lost_jobs_.empty() && intake_.problems().empty();
        stop(static_cast<int>(well ? exit_status::ok : exit_status::failed));
    } else if (engine_.is_stuck(now) || now.mono - progress_at_ >= mode_.max_wait) {
        for (const job_view& job : engine_.job_views(now))
            log_warning("cannot go on now: " + job.why, {{"job", job.id}});
        stop(static_cast<int>(exit_status::try_later));
    }
}

void conductor::stop()
{
    stop(exit_status_);
}

void conductor::stop(int status)
{
    const instant now = host_.clocks();
    exit_status_ = status;
    if (stopping_) {
        // Asked again: what is in flight is not awaited any longer.
        engine_.stop(now.mono, now);
        host_.wake();
        return;
    }
    if (mode_.once && engine_.has_jobs())
        exit_status_ = static_cast<int>(exit_status::try_later);
    stopping_ = true;
    phase_ = "draining";
    tell(supervisor_.stopping("draining"));
    log_info("stopping: what is in flight is awaited");
    const mono_time deadline = now.mono + config_.drain;
    stop_deadline_ = deadline + stop_grace;
    engine_.stop(deadline, now);
    host_.wake();
}

void conductor::end()
{
    phase_ = "stopped";
    ended_ = true;
    write_status(host_.clocks());
    log_info("stopped", {{"clean", engine_.stopped() ? "yes" : "no"}});
}

}  // namespace reaper
