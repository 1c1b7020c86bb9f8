// The two-stage stop: answers are awaited, then connections are closed, then what is known is
// stored.

#include "reaper/engine/engine.hpp"

#include <algorithm>

namespace reaper {

namespace {

// After the stop deadline a job that cannot be made durable is left to recovery.
constexpr duration stop_grace = std::chrono::seconds(2);

}  // namespace

void engine::stop(mono_time deadline, instant /*now*/)
{
    stopping_ = true;
    stop_deadline_ = std::min(stop_deadline_, deadline);
    for (auto& [key, e] : jobs_) {
        e.it->wind_down();
        touch(e);
    }
}

void engine::finish_stop(instant now)
{
    if (stopped_)
        return;
    const bool late = now.mono >= stop_deadline_;
    std::vector<link*> closing;
    for (const auto& [id, l] : links_)
        if (late || l->fifo.empty())
            closing.push_back(l.get());
    for (link* l : closing)
        lose(*l, "the daemon stops", false, now);
    if (!links_.empty()) {
        want(stop_deadline_);
        return;
    }
    const bool too_late = now.mono >= stop_deadline_ + stop_grace;
    const bool waiting = std::any_of(jobs_.begin(), jobs_.end(), [](const auto& each) {
        const entry& e = each.second;
        return e.finishing || e.it->is_syncing() || e.it->has_not_durable();
    });
    if (waiting && !too_late) {
        want(stop_deadline_ + stop_grace);
        return;
    }
    for (auto& [key, e] : jobs_)
        if (!e.it->has_not_durable() && !e.finishing)
            if (const auto stored = e.it->store_clean(now); !stored)
                world_.report(
                    {.level = notice_level::error,
                     .text = "the clean stop is not stored: " + stored.error().sentence,
                     .job = e.it->id(),
                     .account = e.it->manifest().account}
                );
    // One that cannot be stored counts as in use: it stays shut for the first five seconds.
    for (auto& [id, l] : limits_)
        if (l->noted)
            static_cast<void>(store(*l, true, now));
    stopped_ = true;
}

}  // namespace reaper
