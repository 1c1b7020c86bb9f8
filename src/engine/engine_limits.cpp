// Limits: what is stored of them, who may use them, and what ceiling they have.

#include "reaper/engine/engine.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <utility>

namespace reaper {

namespace {

// What a crash may lose of the pace: what it learnt in so long, unless it moved by less than this.
constexpr duration keep_every = std::chrono::seconds(15);
constexpr double keep_moved = 0.05;
// Of its date less matters: a pace is trusted a hundredth less after two hours.
constexpr duration keep_date_every = std::chrono::minutes(5);
constexpr duration look_every = std::chrono::seconds(1);

bool has_moved(double from, double to)
{
    return std::abs(to - from) > keep_moved * from;
}

bool is_worth_keeping(const learnt_pace& now, const learnt_pace& kept)
{
    return has_moved(kept.per_s, now.per_s) || has_moved(kept.burst_s, now.burst_s) ||
           has_moved(kept.window_s, now.window_s) || now.at - kept.at >= keep_date_every;
}

}  // namespace

void engine::reset_ceilings()
{
    // Accounts that share a limit share its lowest ceiling.
    std::map<limit*, std::optional<double>> ceilings;
    for (const auto& [name, a] : accounts_) {
        std::optional<double>& ceiling = ceilings[a->under];
        const std::optional<double>& own = a->setup.settings.pace_per_s;
        if (own)
            ceiling = ceiling ? std::min(*ceiling, *own) : *own;
    }
    for (const auto& [l, ceiling] : ceilings)
        l->pace->set_ceiling(ceiling);
}

// How much there is to send says whether a test of more speed can pay.
void engine::tell_backlogs()
{
    std::map<limit*, std::uint64_t> backlogs;
    for (const auto& [name, a] : accounts_)
        backlogs[a->under] += 0;
    for (const auto& [key, e] : jobs_)
        if (e.owner != nullptr && !e.it->is_held() && !e.it->is_ending())
            backlogs[e.owner->under] += e.it->pending_tokens();
    for (const auto& [l, requests] : backlogs)
        l->pace->backlog(requests);
}

limit& engine::limit_of(const std::string& id, instant now)
{
    const auto found = limits_.find(id);
    if (found != limits_.end())
        return *found->second;
    auto made = std::make_unique<limit>();
    made->id = id;
    const auto claimed = world_.claim_limit(id);
    made->owned = claimed.has_value();
    if (!claimed && claimed.error().error_number != EWOULDBLOCK) {
        made->not_owned = "sending waits, the limit cannot be taken: " + claimed.error().sentence;
        world_.report(
            {.level = notice_level::error, .text = made->not_owned, .job = {}, .account = {}}
        );
    }
    std::optional<learnt_pace> remembered;
    if (const auto stored = world_.load_limit(id)) {
        remembered = remembered_pace(*stored, now);
        take_gate(*made, *stored, now);
    }
    made->pace = make_pacer(now.mono, remembered, random_());
    return *limits_.emplace(id, std::move(made)).first->second;
}

std::optional<learnt_pace> engine::remembered_pace(const limit_state& stored, instant now)
{
    if (!stored.pace_per_s)
        return std::nullopt;
    // A wall clock that was set back makes nothing younger than now.
    const duration age = std::max(duration{}, duration{now.wall - stored.pace_at});
    return learnt_pace{
        .per_s = *stored.pace_per_s,
        .burst_s = stored.burst_s,
        .window_s = stored.window_s,
        .at = now.mono - age};
}

// P3: only a clean stop in the same boot knows when the silence ends.
void engine::take_gate(limit& l, const limit_state& stored, instant now) const
{
    const bool same_boot = stored.boot_id == boot_id_;
    if (!stored.clean || !same_boot)
        l.hard.shut_until(now.mono + silence_min);
    if (same_boot && stored.shut_until != mono_time{})
        l.hard.shut_until(stored.shut_until);
}

// A pace that is held is proved anew by every answer, and says so by its date.
std::optional<learnt_pace> engine::learnt_of(const limit& l)
{
    std::optional<learnt_pace> learnt = l.pace->learnt();
    if (learnt)
        learnt->at = std::max(learnt->at, l.held_at);
    return learnt;
}

limit_state engine::state_of(const limit& l, bool clean, instant now) const
{
    limit_state state;
    state.id = l.id;
    state.boot_id = boot_id_;
    state.clean = clean;
    // A gate that is not open needs a canary yet: an instant in the past says so.
    if (!l.hard.is_open())
        state.shut_until = std::max(l.hard.shut_until(), now.mono);
    if (const auto learnt = learnt_of(l)) {
        state.pace_per_s = learnt->per_s;
        state.pace_at =
            std::chrono::floor<std::chrono::milliseconds>(now.wall - (now.mono - learnt->at));
        state.burst_s = learnt->burst_s;
        state.window_s = learnt->window_s;
    }
    return state;
}

// False, and tried again later, if it cannot be stored.
bool engine::store(limit& l, bool clean, instant now)
{
    if (now.mono < l.store_again) {
        want(l.store_again);
        return false;
    }
    const limit_state state = state_of(l, clean, now);
    const auto stored = world_.store_limit(state);
    if (!stored) {
        const std::string trouble =
            "sending waits, the limit cannot be noted: " + stored.error().sentence;
        if (l.trouble != trouble)
            world_.report({.level = notice_level::error, .text = trouble, .job = {}, .account = {}}
            );
        l.trouble = trouble;
        l.store_again = now.mono + std::chrono::seconds(1);
        want(l.store_again);
        return false;
    }
    l.stored_shut = state.shut_until;
    l.kept = learnt_of(l);
    l.trouble.clear();
    return true;
}

// What was learnt outlives a crash: it is stored now and then, without waiting. Only of a limit
// that is in use, so that what is there before and after both say so.
void engine::keep_paces(instant now)
{
    for (auto& [id, l] : limits_) {
        if (!l->noted || now.mono < l->keep_again)
            continue;
        l->keep_again = now.mono + look_every;
        const std::optional<learnt_pace> learnt = learnt_of(*l);
        if (!learnt || (l->kept && !is_worth_keeping(*learnt, *l->kept)))
            continue;
        world_.note_limit(state_of(*l, false, now));
        l->kept = learnt;
        l->keep_again = now.mono + keep_every;
    }
}

bool engine::note_in_use(limit& l, instant now)
{
    if (!l.noted)
        l.noted = store(l, false, now);
    return l.noted;
}

// A silence that is longer than P3's must be known after a crash, too.
void engine::note_silence(limit& l, instant now)
{
    const bool is_long = l.hard.shut_until() > now.mono + silence_min;
    if (is_long && l.hard.shut_until() > l.stored_shut + std::chrono::seconds(1))
        static_cast<void>(store(l, false, now));
}

void engine::limit_wanted(const std::string& limit_id, instant /*now*/)
{
    if (const auto found = limits_.find(limit_id); found != limits_.end())
        found->second->wanted = true;
}

void engine::limit_acquired(const std::string& limit_id, instant now)
{
    const auto found = limits_.find(limit_id);
    if (found == limits_.end())
        return;
    limit& l = *found->second;
    l.owned = true;
    l.not_owned.clear();
    l.wanted = false;
    l.noted = false;
    // The other process kept to the gate, and may have met a 429 of its own.
    if (const auto stored = world_.load_limit(limit_id))
        take_gate(l, *stored, now);
}

// Lets go of what another process asks for, once nothing is in flight under it.
void engine::yield_wanted(instant now)
{
    for (auto& [id, l] : limits_) {
        if (!l->wanted || !l->owned || l->in_flight > 0 || !store(*l, true, now))
            continue;
        l->owned = false;
        l->noted = false;
        world_.yield_limit(id);
    }
}

}  // namespace reaper
