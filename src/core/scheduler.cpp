#include "reaper/core/scheduler.hpp"

namespace reaper {

void scheduler::add(job_key key, priority prio)
{
    remove(key);
    place& where = places_[key];
    where.ring = static_cast<std::size_t>(prio);
    where.position = rings_[where.ring].insert(rings_[where.ring].end(), key);
    where.ready = true;
}

void scheduler::remove(job_key key)
{
    park(key);
    places_.erase(key);
}

void scheduler::park(job_key key)
{
    const auto found = places_.find(key);
    if (found == places_.end() || !found->second.ready)
        return;
    rings_[found->second.ring].erase(found->second.position);
    found->second.ready = false;
}

void scheduler::wake(job_key key)
{
    const auto found = places_.find(key);
    if (found == places_.end() || found->second.ready)
        return;
    place& where = found->second;
    where.position = rings_[where.ring].insert(rings_[where.ring].end(), key);
    where.ready = true;
}

job_key scheduler::next() const
{
    for (const auto& ring : rings_)
        if (!ring.empty())
            return ring.front();
    return 0;
}

bool scheduler::has_rivals() const
{
    for (const auto& ring : rings_)
        if (!ring.empty())
            return ring.size() > 1;
    return false;
}

void scheduler::pass(job_key key)
{
    const auto found = places_.find(key);
    if (found == places_.end() || !found->second.ready)
        return;
    auto& ring = rings_[found->second.ring];
    ring.splice(ring.end(), ring, found->second.position);
}

}  // namespace reaper
