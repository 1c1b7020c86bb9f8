// The work that a job does for itself: room, state, marks, syncs, dry runs and endings.

#include "reaper/base/units.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/engine/job.hpp"

#include <algorithm>
#include <utility>

namespace reaper {

namespace {

constexpr duration trouble_retry = std::chrono::seconds(1);
constexpr int records_per_slice = 2000;
constexpr std::size_t sweep_pending_max = 1024 * 1024;

// The wall clock may be set while we wait for one of its times: look at it again by then.
constexpr std::chrono::milliseconds wall_wait_max = std::chrono::hours(1);

}  // namespace

// --- trouble: what cannot be written stops the sending, says why, and is tried again (P5)

void job::set_trouble(const fault& f, instant now)
{
    trouble_ = f.sentence;
    trouble_until_ = now.mono + trouble_retry;
    if (trouble_said_ == trouble_)
        return;
    trouble_said_ = trouble_;
    world_.report(
        {.level = notice_level::error,
         .text = "sending stops until this is mended: " + trouble_,
         .job = id(),
         .account = manifest_.account}
    );
}

void job::clear_trouble()
{
    if (!trouble_.empty() || trouble_said_.empty())
        return;
    trouble_said_.clear();
    world_.report(
        {.level = notice_level::info,
         .text = "results can be written again: the job goes on",
         .job = id(),
         .account = manifest_.account}
    );
}

// Where the results end, at most, once every request in flight and so many records more are
// written.
std::uint64_t job::results_end_with(std::uint64_t records) const
{
    const std::uint64_t owed = in_flight_ + state_.provisional.size() + records;
    return commits_.end() + owed * record_bytes_max;
}

// So many requests more have room for their records.
std::uint64_t job::records_reserved() const
{
    const std::uint64_t needed = results_end_with(0);
    return reserved_upto_ < needed ? 0 : (reserved_upto_ - needed) / record_bytes_max;
}

bool job::has_room(std::uint64_t records, instant now)
{
    const std::uint64_t needed = results_end_with(records);
    if (needed <= reserved_upto_)
        return true;
    const std::uint64_t left = manifest_.total - settled_.count();
    const std::uint64_t whole_job = commits_.end() + left * record_bytes_max;
    std::uint64_t upto = std::max(needed, std::min(needed + results_.reserve, whole_job));
    result<void> reserved = world_.reserve(id(), upto);
    if (!reserved && upto > needed) {
        // The disk may be nearly full: what is in flight needs little.
        upto = needed;
        reserved = world_.reserve(id(), upto);
    }
    if (!reserved) {
        set_trouble(reserved.error(), now);
        return false;
    }
    reserved_upto_ = upto;
    clear_trouble();
    return true;
}

result<void> job::store_now()
{
    if (confirmed_.empty())
        return world_.store_state(id(), state_);
    // Until their records are durable, a crash must find them here.
    job_state with_confirmed = state_;
    with_confirmed.provisional.insert(
        with_confirmed.provisional.end(), confirmed_.begin(), confirmed_.end()
    );
    return world_.store_state(id(), with_confirmed);
}

// Once nothing is pending, their records are durable.
void job::forget_confirmed()
{
    if (commits_.is_durable())
        confirmed_.clear();
}

bool job::store(instant now)
{
    const auto stored = store_now();
    state_dirty_ = !stored.has_value();
    if (!stored)
        set_trouble(stored.error(), now);
    return stored.has_value();
}

// --- service

bool job::service(instant now)
{
    if (!trouble_.empty() && now.mono >= trouble_until_)
        trouble_.clear();
    bool more = false;
    if (!damage_) {
        if (state_dirty_ && trouble_.empty())
            static_cast<void>(store(now));
        check_deadline(now);
        more = run_sweep(now);
        const bool all_asked = feed_ended_ && ready_.empty() && delayed_.empty() && in_flight_ == 0;
        check_unproven(all_asked, now);
        check_hold_after(now);
        if (mark_wanted_ && !mark_pending_) {
            mark_pending_ = true;
            world_.write_mark(id(), *mark_wanted_);
        }
    }
    // Answers that came before the damage was seen are recorded all the same.
    if (winding_down_ || settled_.count() == manifest_.total)
        commits_.expedite();
    if (commits_.due_at() <= now.mono)
        sync(now);
    return more;
}

void job::sync(instant now)
{
    const commit_queue::batch batch = commits_.begin_sync();
    if (const auto written = world_.write_results(id(), batch.offset, batch.bytes); !written) {
        commits_.failed(now.mono + trouble_retry);
        results_failed_ = true;
        set_trouble(written.error(), now);
        return;
    }
    world_.sync_results(id());
}

void job::results_synced(const result<void>& ended, instant now)
{
    if (ended) {
        commits_.synced();
        forget_confirmed();
        results_failed_ = false;
        clear_trouble();
    } else {
        commits_.failed(now.mono + trouble_retry);
        results_failed_ = true;
        set_trouble(ended.error(), now);
    }
}

void job::mark_written(const result<void>& ended, instant now)
{
    mark_pending_ = false;
    const std::optional<send_mark> wanted = std::exchange(mark_wanted_, std::nullopt);
    if (ended && wanted)
        mark_ = *wanted;
    else if (!ended)
        set_trouble(ended.error(), now);
}

// --- dry runs and endings

void job::check_deadline(instant now)
{
    if (ending_ || settled_.count() == manifest_.total)
        return;
    if (state_.cancelled_at) {
        ending_ = disposal{
            .clean = outcome::cancelled,
            .sentence = "cancelled after a request whose fate is unknown"};
        ending_reason_ = "cancelled";
    } else if (manifest_.options.deadline && now.wall >= *manifest_.options.deadline) {
        ending_ = disposal{
            .clean = outcome::expired,
            .sentence = "the deadline passed after a request whose fate is unknown"};
        ending_reason_ = "the deadline passed";
    }
}

bool job::run_sweep(instant now)
{
    const bool blocked = winding_down_ || state_dirty_ || results_failed_ || !trouble_.empty();
    if (blocked || settled_.count() == manifest_.total)
        return false;
    // Answers in flight are awaited first.
    if (ending_)
        return in_flight_ == 0 && sweep(*ending_, now);
    const bool may_run =
        is_dry() && account_ != nullptr && !is_held() && in_flight_ == 0 && lists_->fault.empty() &&
        (!manifest_.options.not_before || now.wall >= *manifest_.options.not_before);
    if (!may_run)
        return false;
    if (!state_.started_at)
        state_.started_at = now.wall;
    const disposal dry{
        .clean = outcome::would_delete,
        .sentence = "the dry run began after a request whose fate is unknown"};
    return sweep(dry, now);
}

bool job::sweep(const disposal& how, instant now)
{
    if (!sweep_provisional(how, now))
        return false;
    for (int records = 0; records < records_per_slice; ++records) {
        if (commits_.pending_bytes() >= sweep_pending_max) {
            commits_.expedite();
            return false;  // goes on when the sync has ended
        }
        pending_token token;
        if (!pick({.before_due = true}, token, now))
            return look_again_;
        if (!has_room(1, now)) {
            keep_ready(token);
            return false;
        }
        dispose(token, how, now);
    }
    return true;
}

bool job::sweep_provisional(const disposal& how, instant now)
{
    while (!state_.provisional.empty()) {
        if (!has_room(1, now))
            return false;
        const result_record& last = state_.provisional.back();
        pending_token token{.n = last.n, .line = last.line, .token = token_text(last.token)};
        token.attempts = last.attempts;
        token.fate_unknown = last.result == outcome::already_gone;
        confirmed_.push_back(last);
        state_.provisional.pop_back();
        dispose(token, how, now);
    }
    return true;
}

void job::dispose(const pending_token& token, const disposal& how, instant now)
{
    verdict_note note;
    if (token.fate_unknown) {
        note.result = outcome::unknown;
        note.message = how.sentence;
    } else if (how.clean == outcome::would_delete && refuse_by_lists(token, now)) {
        return;
    } else {
        note.result = how.clean;
    }
    record(token, note, now);
}

void job::wind_down()
{
    winding_down_ = true;
}

// --- the end

bool job::is_complete() const
{
    return !damage_ && settled_.count() == manifest_.total && commits_.is_durable() &&
           in_flight_ == 0;
}

result<void> job::store_clean(instant /*now*/)
{
    if (damage_)
        return {};
    state_.clean = true;
    state_.epoch = mark_.epoch;
    state_.unknown.clear();
    for (const pending_token& token : ready_)
        if (token.fate_unknown)
            state_.unknown.push_back(token.n);
    for (const auto& [due, token] : delayed_)
        if (token.fate_unknown)
            state_.unknown.push_back(token.n);
    // Those of the last crash or stop that were not read again yet.
    for_each_unread_uncertain([this](std::uint64_t n) { state_.unknown.push_back(n); });
    std::sort(state_.unknown.begin(), state_.unknown.end());
    return world_.store_state(id(), state_);
}

void job::tick(duration passed, const std::string& reason_category)
{
    const double seconds = to_seconds(passed);
    if (reason_category.empty())
        state_.active_s += seconds;
    else
        state_.paused_s[reason_category] += seconds;
    const std::uint64_t durable = commits_.durable().total();
    const double lately = static_cast<double>(durable - pace_seen_) / std::max(seconds, 1e-3);
    pace_seen_ = durable;
    pace_per_s_ += (lately - pace_per_s_) * 0.3;
    state_.best_pace = std::max(state_.best_pace, pace_per_s_);
}

mono_time job::wake_at(instant now) const
{
    mono_time wake = commits_.due_at();
    if (!trouble_.empty())
        wake = std::min(wake, trouble_until_);
    if (const auto due = delayed_.upper_bound(now.mono); due != delayed_.end())
        wake = std::min(wake, due->first);
    const auto at_wall = [&](const std::optional<wall_time>& time) {
        if (time && *time > now.wall)
            wake = std::min(wake, now.mono + std::min(*time - now.wall, wall_wait_max));
    };
    at_wall(manifest_.options.not_before);
    if (!ending_)
        at_wall(manifest_.options.deadline);
    return wake;
}

}  // namespace reaper
