#pragma once
// A helper thread that syncs, one file after the other, as daemon/sync_thread does it: each takes a
// while, in which anything may happen. It ends with the process, and what it was asked for with it.

#include "reaper/io/syncer.hpp"
#include "sim/event_queue.hpp"
#include "sim/random_source.hpp"

#include <deque>
#include <memory>
#include <utility>

namespace reaper::test {

class sync_model final : public syncer
{
public:
    // Where `time_max` is zero a sync has ended when it is asked for.
    sync_model(event_queue& clock, random_source& random, duration time_max)
        : clock_(clock), random_(random), time_max_(time_max)
    {
    }

    void sync(shared_fd file, ended then) override
    {
        if (time_max_ == duration{}) {
            then(sync_data(file->get()));
            return;
        }
        asked_->push_back({std::move(file), std::move(then)});
        if (asked_->size() == 1)
            do_next();
    }

private:
    using requests = std::deque<std::pair<shared_fd, ended>>;

    // The descriptors are held by the process alone: an event that finds it gone does nothing.
    void do_next()
    {
        const std::weak_ptr<requests> asked = asked_;
        clock_.after(random_.upto(time_max_), [this, asked] {
            if (asked.expired())
                return;
            const int error = sync_data(asked_->front().first->get());
            const ended then = std::move(asked_->front().second);
            asked_->pop_front();
            then(error);
            if (!asked_->empty())
                do_next();
        });
    }

    event_queue& clock_;
    random_source& random_;
    duration time_max_;
    std::shared_ptr<requests> asked_ = std::make_shared<requests>();
};

}  // namespace reaper::test
