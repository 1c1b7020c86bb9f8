// The life of connections: opened when there is work, lost at any point, drained and renewed.

#include "reaper/engine/engine.hpp"

#include <algorithm>
#include <utility>

namespace reaper {

namespace {

// Long-lived connections rot: DNS and certificates are asked again with a new one (lessons.md 10).
constexpr duration age_max = std::chrono::minutes(10);
constexpr duration idle_max = std::chrono::seconds(60);

}  // namespace

void engine::connected(link_id id, instant now)
{
    const auto found = links_.find(id);
    if (found == links_.end())
        return;
    link& l = *found->second;
    l.owner->health.connected();
    if (l.is == link::phase::opening)
        l.is = link::phase::up;
    l.writable = true;
    l.opened_at = l.used_at = now.mono;
}

void engine::connect_failed(link_id id, std::string sentence, instant now)
{
    const auto found = links_.find(id);
    if (found == links_.end())
        return;
    account& a = *found->second->owner;
    if (!a.health.network_down())
        world_.report(
            {.level = notice_level::warning,
             .text = "cannot connect: " + sentence + "; tried again until it works",
             .job = {},
             .account = a.name()}
        );
    a.health.connect_failed(now.mono, std::move(sentence), random_);
    world_.close_link(id);
    drop(*found->second);
}

bool engine::written(link_id id)
{
    const auto found = links_.find(id);
    if (found == links_.end())
        return false;
    found->second->writable = true;
    return std::exchange(found->second->awaited, false);
}

void engine::closed(link_id id, const std::string& sentence, bool clean_end, instant now)
{
    const auto found = links_.find(id);
    if (found == links_.end())
        return;
    link& l = *found->second;
    if (clean_end) {
        // The end of the stream may be the end of an answer.
        l.parser.finish();
        while (const answer* given = l.parser.next(now.wall)) {
            if (!on_answer(l, *given, now))
                return;
        }
    }
    if (!l.fifo.empty() || now.mono < l.used_at + link_linger)
        l.owner->server_closes.closed_after(l.answered);
    lose(l, sentence, true, now);
}

// The connection is over. What it had in flight has an unknown fate; only the oldest has to answer
// for it, and only if `charge_oldest` (SPEC 6).
void engine::lose(link& l, const std::string& what, bool charge_oldest, instant now)
{
    account& a = *l.owner;
    limit& under = *l.under;
    const bool never_answered = l.is == link::phase::up && l.answered == 0;
    world_.close_link(l.id);
    std::vector<pipeline<flight>::entry> lost = l.fifo.lost();
    drop(l);

    a.in_flight -= lost.size();
    under.in_flight -= lost.size();
    if (lost.empty() && never_answered && charge_oldest)
        a.health.connect_failed(now.mono, what, random_);
    for (const auto& each : lost)
        if (each.request.canary && under.is_after_silence(each.sent_at))
            under.hard.canary_answered(false);

    const bool charged = charge_oldest && !lost.empty();
    const auto end = lost.rend() - (charged ? 1 : 0);
    // Newest first, each to the front: they keep their order.
    for (auto each = lost.rbegin(); each != end; ++each) {
        entry& e = jobs_.at(each->request.job);
        e.it->put_back_unknown(std::move(each->request.token));
        touch(e);
    }
    if (charged)
        on_unclear(a, lost.front().request, what, now);
}

void engine::drop(link& l)
{
    std::erase(l.owner->links, &l);
    links_.erase(l.id);
}

// Sends nothing more on it; it closes when everything is answered and it has lingered.
void engine::drain(link& l, instant now)
{
    if (!l.fifo.empty() || now.mono < l.lingers_until) {
        l.is = link::phase::draining;
        return;
    }
    if (l.lingers_until != mono_time{})
        l.owner->server_closes.stays_open();
    world_.close_link(l.id);
    drop(l);
}

void engine::check_links(instant now)
{
    std::vector<link*> overdue;
    std::vector<link*> over;
    for (const auto& [id, l] : links_) {
        if (l->is == link::phase::opening)
            continue;
        const duration timeout = l->owner->setup.settings.timeout;
        if (const auto at = l->fifo.overdue_at(timeout)) {
            if (*at <= now.mono)
                overdue.push_back(l.get());
            else
                want(*at);
            if (l->opened_at + age_max <= now.mono)
                over.push_back(l.get());
            continue;
        }
        const mono_time end = l->is == link::phase::draining
                                  ? l->lingers_until
                                  : std::min(l->used_at + idle_max, l->opened_at + age_max);
        if (end <= now.mono)
            over.push_back(l.get());
        else
            want(end);
    }
    for (link* l : over)
        if (std::find(overdue.begin(), overdue.end(), l) == overdue.end())
            drain(*l, now);
    for (link* l : overdue)
        lose(*l, "no answer in time", true, now);
}

}  // namespace reaper
