// How tokens of a job get their outcome, and what people and guards make of it.

#include "reaper/base/units.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/engine/job.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reaper {

namespace {

std::string release_with(const std::string& id)
{
    return "; to go on: campaign-reaper release " + id;
}

}  // namespace

void job::record(const pending_token& token, const verdict_note& note, instant now)
{
    const bool is_new = settled_.set(token.n);
    assert(is_new);  // P1: exactly one record per token
    record_view line;
    line.ts = now.wall;
    line.n = token.n;
    line.line = token.line;
    line.token = token.token.view();
    line.result = note.result;
    line.status = note.status;
    line.code = note.code;
    line.message = note.message;
    line.attempts = token.attempts;
    line.milliseconds = note.milliseconds;
    queue(line, now);
}

void job::queue(const record_view& line, instant now)
{
    const record_encoder::room room(commits_.draft(record_bytes_max), record_bytes_max);
    commits_.append(encoder_.encode(line, room), line.result, now.mono);
}

void job::settle(const pending_token& token, const verdict_note& note, instant now)
{
    landed();
    record(token, note, now);
    if (note.milliseconds >= 0)
        latency_.add(note.milliseconds);
    watch_guards(note, now);
    if (has_hold_after())
        check_hold_after(now);
}

void job::watch_guards(const verdict_note& note, instant now)
{
    if (breaker_.add(note.result))
        hold_for_outcomes(now);
    if (misuse_.add(note.status == 403))
        hold_for_misuse(now);
}

void job::hold_for_outcomes(instant now)
{
    if (!is_held())
        add_hold(
            hold_cause::breaker,
            "more than " + std::to_string(static_cast<int>(breaker_settings_.not_deleted * 100)) +
                " % of the last " + std::to_string(breaker_settings_.window) +
                " tokens were neither deleted nor already gone: look at the results" +
                release_with(id()),
            now
        );
}

void job::hold_for_misuse(instant now)
{
    if (!is_held())
        add_hold(
            hold_cause::misuse,
            "five tokens in a row were refused with 403: the key may not delete these campaigns" +
                release_with(id()),
            now
        );
}

void job::check_hold_after(instant now)
{
    const auto limit = hold_after_limit();
    if (!limit || is_held() || is_ending())
        return;
    if (deleted_at_most() >= *limit && settled_.count() < manifest_.total)
        add_hold(
            hold_cause::hold_after,
            "the first " + std::to_string(*limit) + " are deleted: look at them" +
                release_with(id()),
            now
        );
}

void job::settle_provisionally(const pending_token& token, const verdict_note& note, instant now)
{
    landed();
    result_record line;
    line.ts = now.wall;
    line.n = token.n;
    line.line = token.line;
    line.token = token.token.view();
    line.result = note.result;
    line.status = note.status;
    line.code = note.code;
    line.message = note.message;
    line.attempts = token.attempts;
    line.milliseconds = note.milliseconds;
    state_.provisional.push_back(std::move(line));
    static_cast<void>(store(now));  // a failure is kept as trouble, and tried again
    check_unproven(false, now);
}

void job::check_unproven(bool all_done, instant now)
{
    if (state_.provisional.empty() || is_held() || is_ending() || account_ == nullptr)
        return;
    const auto clean = static_cast<std::uint64_t>(std::count_if(
        state_.provisional.begin(),
        state_.provisional.end(),
        [](const result_record& r) { return r.result == outcome::not_found; }
    ));
    if (clean < account_->guards.unproven_404 && !all_done)
        return;
    add_hold(
        hold_cause::unproven,
        "the API answered 404 to " + std::to_string(state_.provisional.size()) +
            " tokens and has confirmed nothing yet with this key: the API key, the kind or the "
            "endpoint of account " +
            manifest_.account + " is probably wrong" + release_with(id()),
        now
    );
}

void job::confirm_provisional(instant now)
{
    if (damage_)
        return;
    // A hold that they have caused stays until somebody releases it (SPEC, "held").
    const auto lines = std::exchange(state_.provisional, {});
    confirmed_.insert(confirmed_.end(), lines.begin(), lines.end());
    for (const result_record& line : lines) {
        const bool is_new = settled_.set(line.n);
        assert(is_new);
        queue(record_view(line), now);
        verdict_note note;
        note.result = line.result;
        note.status = line.status;
        watch_guards(note, now);
    }
}

void job::add_hold(hold_cause cause, std::string sentence, instant now)
{
    hold added{.id = state_.next_hold_id++, .cause = cause, .reason = std::move(sentence)};
    added.since = now.wall;
    world_.report(
        {.level = notice_level::warning,
         .text = "held: " + added.reason,
         .job = id(),
         .account = manifest_.account}
    );
    state_.holds.push_back(std::move(added));
    if (cause == hold_cause::damaged)
        damage_ = fault{state_.holds.back().reason};
    else
        static_cast<void>(store(now));  // it holds in memory at once; a failure is tried again
}

result<void> job::hold_by_person(std::string sentence, instant now)
{
    if (damage_)
        return fault{"the job is held already, it is damaged: " + damage_->sentence};
    const job_state before = state_;
    state_.holds.push_back(
        {.id = state_.next_hold_id++,
         .cause = hold_cause::person,
         .reason = std::move(sentence) + release_with(id()),
         .since = now.wall}
    );
    const auto stored = store_now();
    if (!stored)
        state_ = before;
    return stored;
}

result<void> job::release(const std::vector<std::uint64_t>& hold_ids, instant now)
{
    if (damage_)
        return fault{"the job is damaged and cannot be released: " + damage_->sentence};
    const job_state before = state_;
    bool unproven = false;
    bool afresh = false;
    const auto lifted = [&](const hold& h) {
        if (std::find(hold_ids.begin(), hold_ids.end(), h.id) == hold_ids.end())
            return false;
        unproven = unproven || h.cause == hold_cause::unproven;
        if (h.cause == hold_cause::hold_after)
            state_.hold_after_done = true;
        afresh = afresh || h.cause == hold_cause::breaker || h.cause == hold_cause::misuse;
        return true;
    };
    if (std::erase_if(state_.holds, lifted) == 0)
        return fault{"none of the holds that were named is there any more"};
    state_.route_released = state_.route_released || unproven;
    if (afresh)
        state_.breaker_from = settled_.count();
    if (const auto stored = store_now(); !stored) {
        state_ = before;
        return stored;
    }
    if (afresh) {
        breaker_.reset();
        misuse_.reset();
    }
    if (unproven)
        confirm_provisional(now);
    return {};
}

result<void> job::cancel(instant now)
{
    if (damage_)
        return fault{"the job is damaged and nothing can be written to it: " + damage_->sentence};
    if (state_.cancelled_at)
        return {};
    state_.cancelled_at = now.wall;
    const auto stored = store_now();
    if (!stored)
        state_.cancelled_at.reset();
    return stored;
}

}  // namespace reaper
