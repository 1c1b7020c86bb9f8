// What an answer means: the table of SPEC 6.

#include "reaper/core/answer.hpp"
#include "reaper/core/backoff.hpp"
#include "reaper/engine/engine.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reaper {

namespace {

// So much of what was learnt, sent at, shows that it holds.
constexpr double held_share = 0.98;

double milliseconds(duration value)
{
    return std::chrono::duration<double, std::milli>(value).count();
}

}  // namespace

void engine::received(link_id id, std::string_view bytes, instant now)
{
    const auto found = links_.find(id);
    if (found == links_.end())
        return;
    found->second->parser.feed(bytes);
    take_answers(*found->second, now);
}

void engine::take_answers(link& l, instant now)
{
    while (const answer* given = l.parser.next(now.wall)) {
        if (!on_answer(l, *given, now))
            return;
    }
    if (const auto& failure = l.parser.failure()) {
        lose(l, "the API sent something that is no HTTP answer: " + failure->sentence, true, now);
        return;
    }
    // P2: a byte that nobody waits for would be taken for the start of the next answer.
    if (l.fifo.empty() && !l.parser.idle())
        lose(l, "the API sent a surplus byte", true, now);
}

bool engine::on_answer(link& l, const answer& given, instant now)
{
    account& a = *l.owner;
    limit& under = *l.under;
    if (l.fifo.empty()) {
        lose(l, "the API sent an answer that nobody waits for", true, now);
        return false;
    }
    // It lies there until the link sends again, or is lost.
    const pipeline<flight>::entry& owed = l.fifo.answered(now.mono);
    const judged done{.owed = owed, .given = given, .meaning = judge(given)};
    ++l.answered;
    l.used_at = now.mono;
    --a.in_flight;
    --under.in_flight;

    tell_limit(l, done, now);
    if (done.meaning == verdict::broken) {
        // Never followed, never guessed at: the connection ends, its fate is the oldest one's.
        const std::string what = "the API answered " + std::to_string(given.status) +
                                 ", which is no answer to a deletion";
        const flight broken = owed.request;
        lose(l, what, false, now);
        on_unclear(a, broken, what, now);
        return false;
    }
    l.proven = true;
    judge_token(a, done, now);
    if (given.close) {
        a.server_closes.closed_after(l.answered);
        lose(l, "the server closed the connection", false, now);
        return false;
    }
    if (l.fifo.empty() && !a.server_closes.may_send(l.sent)) {
        l.lingers_until = now.mono + link_linger;  // so it is still there afterwards
        drain(l, now);
    }
    return true;
}

// What an answer says about the limit that its request went under.
void engine::tell_limit(link& l, const judged& done, instant now)
{
    const auto& [owed, given, meaning] = done;
    limit& under = *l.under;
    if (meaning == verdict::throttled) {
        ++under.throttled;
        const bool began = under.hard.shut(now.mono, given.retry_after.value_or(duration{}));
        // A straggler that was sent before the last silence says nothing new.
        const bool is_new = under.is_after_silence(owed.sent_at);
        under.pace->refused(
            now.mono,
            {.sent_at = owed.sent_at,
             .begins = began && is_new,
             .canary = owed.request.canary && is_new}
        );
        if (began)
            under.episode_at = now.mono;
        note_silence(under, now);
        // A reload has moved the account to another limit since: for all we know it is the same.
        if (l.owner->under != &under)
            l.owner->under->hard.shut(now.mono);
        return;
    }
    const bool clear = given.status < 500;
    if (clear) {
        under.pace->accepted(now.mono, now.mono - owed.sent_at, under.held_back);
        const auto learnt = under.held_back ? under.pace->learnt() : std::nullopt;
        if (learnt && under.pace->pace_per_s() >= held_share * learnt->per_s)
            under.held_at = now.mono;
    }
    // The answer to a canary that was sent before the last silence says nothing of the one after
    // it.
    if (owed.request.canary && under.is_after_silence(owed.sent_at)) {
        under.hard.canary_answered(clear);
        if (clear)
            under.pace->resumed(now.mono);
    }
}

void engine::judge_token(account& a, const judged& done, instant now)
{
    const auto& [owed, given, meaning] = done;
    const flight& f = owed.request;
    entry& e = jobs_.at(f.job);
    touch(e);
    const verdict_note note{
        .result = outcome::deleted,
        .status = given.status,
        .milliseconds = milliseconds(now.mono - owed.sent_at)};
    if (meaning != verdict::deleted) {
        judge_failure(a, e, done, note, now);
        return;
    }
    // The way of nearly every answer.
    a.health.clear_answer();
    ++progress_;
    e.it->settle(f.token, note, now);
    prove_route(a, now);
}

void engine::judge_failure(account& a, entry& e, const judged& done, verdict_note note, instant now)
{
    const auto& [owed, given, meaning] = done;
    const flight& f = owed.request;
    std::string code;
    if (!given.code.empty())
        code = world_.presentable(given.code);
    note.code = code;
    switch (meaning) {
        case verdict::gone: {
            a.health.clear_answer();
            ++progress_;
            const std::string message = world_.presentable(given.message);
            note.message = message;
            on_gone(a, e, f, note, now);
            return;
        }
        case verdict::misuse:
        case verdict::refused: {
            a.health.clear_answer();
            ++progress_;
            const std::string message = world_.presentable(given.message);
            note.result = outcome::refused;
            note.message = message;
            e.it->settle(f.token, note, now);
            return;
        }
        case verdict::throttled:
            // A clear answer all the same: an outage is over. A refused key, or maintenance, may
            // not be.
            if (a.health.current() == trouble::outage || a.health.is_clear())
                a.health.clear_answer();
            ++e.it->counters().throttled;
            e.it->put_back_unsent(f.token);
            return;
        case verdict::blocked:
            on_blocked(a, e, f, now);
            return;
        case verdict::maintenance:
            a.health.maintenance(now.mono, f.probe);
            e.it->put_back_unsent(f.token);
            return;
        case verdict::unclear: {
            std::string what = "the API answered " + std::to_string(given.status);
            if (!given.message.empty())
                what += " " + world_.presentable(given.message);
            on_unclear(a, f, what, now);
            return;
        }
        case verdict::deleted:
        case verdict::broken:
            break;  // judge_token() is done with the one, on_answer() has ended the other
    }
}

void engine::on_blocked(account& a, entry& e, const flight& f, instant now)
{
    if (a.health.current() != trouble::blocked)
        world_.report(
            {.level = notice_level::error,
             .text = "the API refuses the REST key (401): jobs wait; put the right key in "
                     "place, it is tried again then, after a reload, and every 5 min",
             .job = {},
             .account = a.name()}
        );
    a.health.key_refused(now.mono, f.probe);
    e.it->put_back_unsent(f.token);
}

void engine::on_gone(account& a, entry& e, const flight& f, verdict_note note, instant now)
{
    note.result = f.token.fate_unknown ? outcome::already_gone : outcome::not_found;
    if (a.setup.route_proven || e.it->route_released())
        e.it->settle(f.token, note, now);
    else
        e.it->settle_provisionally(f.token, note, now);
}

void engine::on_unclear(account& a, const flight& f, const std::string& what, instant now)
{
    entry& e = jobs_.at(f.job);
    touch(e);
    const bool was_clear = a.health.is_clear();
    bool charged = a.health.unclear(now.mono, {f.job, f.token.n}, f.probe, what, random_);
    if (was_clear && !a.health.is_clear())
        world_.report(
            {.level = notice_level::warning,
             .text = "outage: five tokens in a row got no clear answer (" + what +
                     "); one probe at a time until the API answers again",
             .job = {},
             .account = a.name()}
        );
    // With fewer than five tokens pending, attempts decide.
    charged = charged || has_few_pending(a);
    if (!charged) {
        e.it->put_back_last(f.token);
        return;
    }
    pending_token token = f.token;
    ++token.charged;
    const retry_settings& retry = a.setup.settings.retry;
    if (token.charged >= retry.attempts) {
        const std::string message = "no clear answer after " + std::to_string(token.charged) +
                                    " attempts; the last: " + what;
        verdict_note note;
        note.result = outcome::unknown;
        note.message = message;
        e.it->settle(token, note, now);
        return;
    }
    const backoff_settings waits{.base = retry.base, .cap = retry.cap};
    const mono_time due = now.mono + backoff(waits, token.charged, random_);
    e.it->put_back_later(std::move(token), due);
}

// True if the tokens that could be tried are fewer than an outage needs.
bool engine::has_few_pending(const account& a) const
{
    std::uint64_t pending = 0;
    for (const auto& [key, e] : jobs_) {
        if (e.owner == &a && !e.it->is_held() && !e.it->is_ending())
            pending += e.it->pending_tokens();
        if (pending >= account_health::outage_after)
            return false;
    }
    return true;
}

void engine::prove_route(account& a, instant now)
{
    if (a.setup.route_proven)
        return;
    a.setup.route_proven = true;
    if (const auto stored = world_.store_proof(a.name()); !stored)
        world_.report(
            {.level = notice_level::warning,
             .text = "the proof of the route is not stored: " + stored.error().sentence,
             .job = {},
             .account = a.name()}
        );
    for (auto& [key, e] : jobs_) {
        if (e.owner != &a)
            continue;
        e.it->confirm_provisional(now);
        touch(e);
    }
}

}  // namespace reaper
