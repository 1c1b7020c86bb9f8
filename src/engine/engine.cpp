// Configuration, jobs and what people ask. Sending is in engine_pump.cpp, answers in
// engine_answers.cpp, connections in engine_links.cpp, questions in engine_view.cpp.

#include "reaper/engine/engine.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reaper {

namespace {

constexpr duration finish_retry = std::chrono::seconds(5);

}  // namespace

engine::engine(ports& world, std::string boot_id, std::uint64_t seed)
    : world_(world), boot_id_(std::move(boot_id)), random_(seed)
{
}

engine::~engine() = default;

// --- configuration

void engine::configure(const settings& config, std::vector<account_setup> accounts, instant now)
{
    config_ = config;
    std::set<std::string> configured;
    for (account_setup& setup : accounts) {
        configured.insert(setup.settings.name);
        account& known = adopt(std::move(setup), now);
        known.health.key_changed(now.mono);
    }
    for (auto it = accounts_.begin(); it != accounts_.end();) {
        if (configured.contains(it->first)) {
            ++it;
            continue;
        }
        account& gone = *it->second;
        gone.retired = true;
        const std::vector<link*> links = gone.links;
        for (link* l : links)
            drain(*l, now);
        // Its jobs point to it until they are bound anew; advance() lets go of it.
        retired_.push_back(std::move(it->second));
        it = accounts_.erase(it);
    }
    rebind_jobs(now);
    // Perhaps it was changed because the limit was.
    for (auto& [id, l] : limits_)
        l->pace->may_be_raised(now.mono);
}

void engine::refresh_account(account_setup setup, instant now)
{
    adopt(std::move(setup), now);
    rebind_jobs(now);
}

void engine::rebind_jobs(instant now)
{
    reset_ceilings();
    for (auto& [key, e] : jobs_) {
        bind(e);
        if (e.owner != nullptr && e.owner->setup.route_proven)
            e.it->confirm_provisional(now);
        touch(e);
    }
}

account& engine::adopt(account_setup setup, instant now)
{
    const std::string name = setup.settings.name;
    auto found = accounts_.find(name);
    if (found == accounts_.end()) {
        found = accounts_.emplace(name, std::make_unique<account>(std::move(setup))).first;
        found->second->under = &limit_of(found->second->setup.limit, now);
        return *found->second;
    }
    account& known = *found->second;
    const bool renewed = known.setup.credentials != setup.credentials;
    const bool same_route = known.setup.limit == setup.limit && !renewed;
    // A proof that is only in memory (its store failed) still counts for the same route.
    setup.route_proven = setup.route_proven || (same_route && known.setup.route_proven);
    known.setup = std::move(setup);
    known.health.set_waits(known.setup.settings.retry.base, known.setup.settings.retry.cap);
    limit& next = limit_of(known.setup.limit, now);
    const bool moved = &next != known.under;
    if (moved)
        move_to_limit(known, next, renewed, now);
    if (renewed)
        known.health.key_changed(now.mono);
    if (renewed || moved) {
        const std::vector<link*> links = known.links;
        for (link* l : links)
            drain(*l, now);
    }
    return known;
}

// P3, "not after a reload": under another name it may be the same limit. A silence that is longer
// than P3's was for the old key.
void engine::move_to_limit(account& a, limit& next, bool renewed, instant now)
{
    const limit& before = *std::exchange(a.under, &next);
    if (before.hard.current() != gate::phase::shut)
        return;
    const mono_time until = before.hard.shut_until();
    next.hard.shut_until(renewed ? std::min(until, now.mono + silence_min) : until);
}

// --- jobs

void engine::add_job(recovered_job from, instant now)
{
    const job_key key = next_key_++;
    const std::string id = from.manifest.id;
    entry e;
    e.it = std::make_unique<job>(key, std::move(from), config_.results, world_, now);
    by_id_[id] = key;
    entry& placed = jobs_.emplace(key, std::move(e)).first->second;
    bind(placed);
    const bool proven = placed.owner != nullptr && placed.owner->setup.route_proven;
    if (proven || placed.it->route_released())
        placed.it->confirm_provisional(now);
    if (stopping_)
        placed.it->wind_down();
    touch(placed);
}

void engine::bind(entry& e)
{
    const job_manifest& manifest = e.it->manifest();
    const auto found = accounts_.find(manifest.account);
    account* owner = found == accounts_.end() ? nullptr : found->second.get();
    std::string why_not;
    if (owner == nullptr)
        why_not = "account " + manifest.account +
                  " is not in the configuration any more: add it again, or cancel the job";
    else if (owner->setup.settings.kind != manifest.kind)
        why_not = "account " + manifest.account + " has kind " +
                  std::string(to_string(owner->setup.settings.kind)) +
                  " now, the job was taken for " + std::string(to_string(manifest.kind)) +
                  ": change it back, or cancel the job";
    else if (owner->setup.settings.endpoint.url != manifest.endpoint)
        why_not =
            "account " + manifest.account +
            " has another endpoint than when the job was taken: change it back, or cancel the "
            "job";
    if (!why_not.empty())
        owner = nullptr;

    if (e.owner != nullptr && e.owner != owner) {
        e.owner->order.remove(e.it->key());
        e.owner->waiting -= e.waiting;
    }
    if (owner != nullptr && e.owner != owner)
        owner->waiting += e.waiting;
    if (owner != nullptr)
        owner->order.add(e.it->key(), manifest.options.prio.value_or(priority::normal));
    e.parked = false;  // add() makes it ready
    e.owner = owner;
    e.it->bind(
        owner != nullptr ? &owner->setup.settings : nullptr,
        owner != nullptr ? &owner->setup.lists : nullptr,
        std::move(why_not)
    );
}

engine::entry* engine::find(std::string_view job_id)
{
    const auto found = by_id_.find(job_id);
    return found == by_id_.end() ? nullptr : &jobs_.at(found->second);
}

bool engine::knows(std::string_view job_id) const
{
    return by_id_.find(job_id) != by_id_.end();
}

void engine::unpark(entry& e)
{
    e.parked = false;
    if (e.owner != nullptr)
        e.owner->order.wake(e.it->key());
}

void engine::park(account& a, entry& e)
{
    a.order.park(e.it->key());
    e.parked = true;
}

void engine::wake_all(account& a)
{
    for (auto& [key, e] : jobs_)
        if (e.owner == &a)
            touch(e);
}

result<void> engine::hold(std::string_view job_id, const std::string& by, instant now)
{
    entry& e = *find(job_id);
    if (e.finishing)
        return fault{"the job has ended"};
    touch(e);
    return e.it->hold_by_person(by.empty() ? "held by a person" : "held by " + by, now);
}

result<void> engine::release(
    std::string_view job_id, const std::vector<std::uint64_t>& hold_ids, instant now
)
{
    entry& e = *find(job_id);
    if (e.finishing)
        return fault{"the job has ended"};
    touch(e);
    return e.it->release(hold_ids, now);
}

result<void> engine::cancel(std::string_view job_id, instant now)
{
    entry& e = *find(job_id);
    if (e.finishing)
        return fault{"the job has ended"};
    touch(e);
    return e.it->cancel(now);
}

void engine::results_synced(std::string_view job_id, const result<void>& ended, instant now)
{
    if (entry* e = find(job_id)) {
        e->it->results_synced(ended, now);
        if (ended)
            ++progress_;
        touch(*e);
    }
}

void engine::mark_written(std::string_view job_id, const result<void>& ended, instant now)
{
    if (entry* e = find(job_id)) {
        e->it->mark_written(ended, now);
        touch(*e);
    }
}

void engine::finished(std::string_view job_id, const result<void>& ended, instant now)
{
    entry* e = find(job_id);
    if (e == nullptr)
        return;
    if (!ended) {
        e->finishing = false;
        e->finish_again = now.mono + finish_retry;
        set_timer(*e, e->finish_again);
        const std::string fault =
            "the job is complete but cannot be moved to done: " + ended.error().sentence;
        if (e->finish_fault != fault)
            world_.report(
                {.level = notice_level::error,
                 .text = fault,
                 .job = std::string(job_id),
                 .account = e->it->manifest().account}
            );
        e->finish_fault = fault;
        return;
    }
    ++progress_;
    ended_.push_back({.id = std::string(job_id), .outcomes = e->it->summary(now).outcomes});
    const job_key key = e->it->key();
    if (e->owner != nullptr) {
        e->owner->order.remove(key);
        e->owner->waiting -= e->waiting;
    }
    timers_.erase({e->timer, key});
    std::erase(dirty_, key);
    by_id_.erase(by_id_.find(job_id));
    jobs_.erase(key);
}

std::vector<ended_job> engine::take_ended()
{
    return std::exchange(ended_, {});
}

}  // namespace reaper
