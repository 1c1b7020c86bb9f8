// Time and sending: what is due is done, and what may go goes.

#include "reaper/base/units.hpp"
#include "reaper/engine/engine.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reaper {

namespace {

constexpr duration tick_every = std::chrono::seconds(1);

// The retry set is bounded: when it is full, no new token is taken up (SPEC 6).
constexpr std::uint64_t waiting_tokens_max = 10'000;

}  // namespace

mono_time engine::advance(instant now)
{
    wake_ = mono_never;
    while (!timers_.empty() && timers_.begin()->first <= now.mono) {
        entry& e = jobs_.at(timers_.begin()->second);
        set_timer(e, mono_never);
        touch(e);
    }
    tick(now);
    keep_paces(now);
    check_links(now);

    service_dirty(now);
    if (!stopping_) {
        // Accounts under one limit take turns at being first.
        const std::size_t count = accounts_.size();
        first_account_ = count == 0 ? 0 : (first_account_ + 1) % count;
        auto it = accounts_.begin();
        std::advance(it, static_cast<std::ptrdiff_t>(first_account_));
        for (std::size_t i = 0; i < count; ++i, ++it) {
            if (it == accounts_.end())
                it = accounts_.begin();
            pump(*it->second, now);
        }
        service_dirty(now);
    }
    yield_wanted(now);
    if (stopping_)
        finish_stop(now);
    std::erase_if(retired_, [](const auto& each) { return each->links.empty(); });
    if (!timers_.empty())
        want(timers_.begin()->first);
    if (!dirty_.empty())
        want(now.mono);
    return wake_;
}

void engine::service_dirty(instant now)
{
    for (const job_key key : std::exchange(dirty_, {})) {
        entry& e = jobs_.at(key);
        e.dirty = false;
        service(e, now);
    }
}

void engine::tick(instant now)
{
    if (jobs_.empty() || ticked_at_ == mono_time{}) {
        ticked_at_ = now.mono;
        if (jobs_.empty())
            return;
    }
    const duration passed = now.mono - ticked_at_;
    if (passed >= tick_every) {
        for (auto& [key, e] : jobs_) {
            const job::reason why = reason_of(e, now);
            e.it->tick(passed, why.category);
            if (e.waits_for != why.category && !why.category.empty() && why.category != "held")
                world_.report(
                    {.level = notice_level::info,
                     .text = "waits: " + why.sentence,
                     .job = e.it->id(),
                     .account = e.it->manifest().account}
                );
            e.waits_for = why.category;
            // The wall clock may have jumped past one of these.
            const job_options& options = e.it->manifest().options;
            if (options.deadline || options.not_before)
                touch(e);
        }
        tell_backlogs();
        ticked_at_ = now.mono;
    }
    want(ticked_at_ + tick_every);
}

void engine::service(entry& e, instant now)
{
    const bool more = e.it->service(now);
    count_waiting(e);
    mono_time next = e.it->wake_at(now);
    if (e.it->is_complete() && !e.finishing) {
        if (now.mono >= e.finish_again) {
            e.finishing = true;
            job_summary summary = e.it->summary(now);
            if (e.it->is_dry() && summary.reason.empty())
                summary.reason = dry_run_says(e, summary);
            world_.finish(e.it->id(), summary);
        } else {
            next = std::min(next, e.finish_again);
        }
    }
    set_timer(e, next);
    if (more)
        mark_dirty(e);
}

std::string engine::dry_run_says(const entry& e, const job_summary& summary) const
{
    const std::uint64_t count = summary.outcomes[outcome::would_delete];
    std::string says = "dry run: " + std::to_string(count) + " campaigns would be deleted";
    const std::optional<learnt_pace> pace =
        e.owner == nullptr ? std::nullopt : e.owner->under->pace->learnt();
    if (!pace)
        return says + "; how long it takes is not known, no pace has been learnt yet";
    const auto takes = std::chrono::duration<double>(static_cast<double>(count) / pace->per_s);
    return says + ", in about " + show_duration(std::chrono::duration_cast<duration>(takes)) +
           " at the remembered pace of " + show_rate(pace->per_s);
}

void engine::set_timer(entry& e, mono_time at)
{
    if (e.timer == at)
        return;
    const job_key key = e.it->key();
    if (e.timer != mono_never)
        timers_.erase({e.timer, key});
    e.timer = at;
    if (at != mono_never)
        timers_.insert({at, key});
}

// --- sending

void engine::count_waiting(entry& e)
{
    const std::uint64_t before = std::exchange(e.waiting, e.it->waiting_tokens());
    if (e.owner == nullptr)
        return;
    account& a = *e.owner;
    const bool was_full = a.waiting >= waiting_tokens_max;
    a.waiting = a.waiting - before + e.waiting;
    if (was_full && a.waiting < waiting_tokens_max)
        wake_all(a);
}

void engine::pump(account& a, instant now)
{
    limit& l = *a.under;
    // A job that waits for something of its own opens no connection.
    job_key first = a.order.next();
    while (first != 0 && !jobs_.at(first).it->may_send(now)) {
        park(a, jobs_.at(first));
        first = a.order.next();
    }
    if (first == 0 || !a.setup.keys_fault.empty() || l.wanted || !l.owned)
        return;
    if (!a.health.is_clear() && !a.health.may_probe(now.mono)) {
        want(a.health.until());
        return;
    }
    open_links(a, now);
    for (link* each : a.links) {
        if (each->is != link::phase::up)
            continue;
        each->awaited = !each->writable;
        if (each->writable)
            fill(a, *each, now);
    }
}

void engine::open_links(account& a, instant now)
{
    const auto usable = std::count_if(a.links.begin(), a.links.end(), [&](const link* l) {
        return l->is != link::phase::draining && a.server_closes.may_send(l->sent);
    });
    const bool proven = std::any_of(a.links.begin(), a.links.end(), [](const link* l) {
        return l->is == link::phase::up && l->proven;
    });
    // More than one connection only where the first has shown that it works.
    const bool many = proven && a.health.is_clear() && a.setup.route_proven;
    const auto wanted = many ? static_cast<std::ptrdiff_t>(a.setup.settings.connections) : 1;
    if (usable >= wanted)
        return;
    if (!a.health.may_connect(now.mono)) {
        want(a.health.until());
        return;
    }
    auto made = std::make_unique<link>();
    made->id = next_link_++;
    made->owner = &a;
    made->under = a.under;
    made->opened_at = made->used_at = now.mono;
    a.links.push_back(made.get());
    world_.open_link(made->id, a.name());
    links_.emplace(made->id, std::move(made));
}

void engine::fill(account& a, link& l, instant now)
{
    // Nothing of this changes while a turn sends.
    const job::take_options options{
        .may_take_new = a.waiting < waiting_tokens_max,
        .probing = a.health.current() == trouble::outage,
        .route_proven = a.setup.route_proven,
        .pace_per_s = a.under->pace->pace_per_s()};
    const std::uint64_t window = a.under->pace->window();
    while (const job_key key = a.order.next()) {
        entry& e = jobs_.at(key);
        const std::uint64_t room = room_on(a, l, *e.it);
        if (room == 0) {
            // Perhaps the pace would not have let it go either.
            paces(*a.under, now);
            break;
        }
        const std::uint64_t may_go = may_send(a, l, window, now);
        if (may_go == 0)
            break;
        mark_dirty(e);
        const std::uint64_t count = a.order.has_rivals() ? 1 : std::min(room, may_go);
        const job::taken got = send_run(a, l, *e.it, {options, count}, now);
        if (got == job::taken::nothing) {
            park(a, e);
            continue;
        }
        a.order.pass(key);
        if (got == job::taken::again) {
            want(now.mono);
            break;
        }
    }
    if (a.order.next() == 0)
        a.under->held_back = false;
    if (std::exchange(l.staged, false)) {
        l.writable = false;
        world_.flush(l.id);
    }
}

// Tokens of one job in a row. Nothing that was asked before it changes on the way but what `count`
// bounds and the pace, which is asked again for each. Says what the last take() said.
job::taken engine::send_run(account& a, link& l, job& from, const run& bounds, instant now)
{
    job::clear_way way = from.clear_way_ahead(bounds.options, now);
    for (std::uint64_t sent = 0; sent < bounds.count; ++sent) {
        if (sent > 0 && paces(*a.under, now))
            break;
        pending_token& into = l.fifo.draft().token;
        if (!from.take_along(way, into, now)) {
            const job::taken got = from.take(bounds.options, into, now);
            if (got != job::taken::token)
                return got;
        }
        send(a, l, from, now);
    }
    return job::taken::token;
}

// Whether the pace is what has to be waited for. If a window is, too, it has to be asked again at
// that instant.
bool engine::paces(limit& under, instant now)
{
    const mono_time ready = under.pace->ready_at(now.mono);
    under.held_back = ready > now.mono;
    if (under.held_back)
        want(ready);
    return under.held_back;
}

// How many requests may go on the link, by all but the room on it. Of the pace it says only whether
// it lets one go.
std::uint64_t engine::may_send(account& a, link& l, std::uint64_t window, instant now)
{
    limit& under = *a.under;
    if (!a.health.is_clear() && a.in_flight > 0)
        return 0;
    under.hard.refresh(now.mono);
    if (!under.hard.allows(now.mono)) {
        if (under.hard.current() == gate::phase::shut)
            want(under.hard.shut_until());
        return 0;
    }
    if (paces(under, now) || under.in_flight >= window)
        return 0;
    const std::uint64_t left = a.server_closes.left(l.sent);
    if (left == 0 || !note_in_use(under, now))
        return 0;
    // A probe goes alone, and so does a canary.
    const bool alone = !a.health.is_clear() || !under.hard.is_open();
    return alone ? 1 : std::min(left, window - under.in_flight);
}

// How many requests the link may take.
std::uint64_t engine::room_on(const account& a, const link& l, const job& next) const
{
    // An old connection of the account may still await its answers.
    if (!a.setup.route_proven && !next.route_released())
        return a.in_flight == 0 ? 1 : 0;
    const std::uint64_t window = l.proven ? a.setup.settings.max_window : 1;
    return window - std::min<std::uint64_t>(window, l.fifo.size());
}

// What lies in the draft of the link's pipeline.
void engine::send(account& a, link& l, job& from, instant now)
{
    limit& under = *l.under;
    assert(&under == a.under && under.owned && under.noted);
    flight& f = l.fifo.draft();
    f.job = from.key();
    f.canary = under.hard.sent(now.mono);
    f.probe = !a.health.is_clear();
    under.pace->sent(now.mono);
    ++under.in_flight;
    ++a.in_flight;
    ++a.requests;
    ++from.counters().requests;
    world_.send(l.id, f.token.token.view());
    l.staged = true;
    ++l.sent;
    l.used_at = now.mono;
    l.fifo.push(now.mono);
}

}  // namespace reaper
