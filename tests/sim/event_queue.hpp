#pragma once
// Virtual time, and what is to happen in it. Events of one instant run in the order in which they
// were added. Nothing is ever cancelled: an event that is out of date finds out by itself.

#include "reaper/base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace reaper::test {

class event_queue
{
public:
    // The monotonic clock of a machine that has been up for a while; no test should rely on 0.
    static constexpr mono_time first_instant{std::chrono::hours(1)};

    explicit event_queue(
        wall_time wall =
            wall_time(std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / 23))
    )
        : wall_shift_(wall.time_since_epoch() - first_instant.time_since_epoch())
    {
    }

    [[nodiscard]] instant now() const
    {
        const duration wall = now_.time_since_epoch() + wall_shift_;
        return {
            .mono = now_, .wall = wall_time(std::chrono::floor<std::chrono::milliseconds>(wall))};
    }

    [[nodiscard]] mono_time mono() const { return now_; }

    // Somebody sets the wall clock; the monotonic one does not notice.
    void shift_wall(duration by) { wall_shift_ += by; }

    // Time passes in the midst of an event: those that were due meanwhile are late.
    void pass(duration by) { now_ += by; }

    // A time that has passed means now.
    void at(mono_time when, std::function<void()> event)
    {
        events_.push_back({std::max(when, now_), added_++, std::move(event)});
        std::push_heap(events_.begin(), events_.end(), is_later);
    }

    void after(duration wait, std::function<void()> event) { at(now_ + wait, std::move(event)); }

    // When the next event is due; mono_never if there is none.
    [[nodiscard]] mono_time next_at() const
    {
        return events_.empty() ? mono_never : events_.front().when;
    }

    [[nodiscard]] std::size_t size() const { return events_.size(); }

    // Time goes on to the next event, which happens. False if there is none.
    bool run_next()
    {
        if (events_.empty())
            return false;
        std::pop_heap(events_.begin(), events_.end(), is_later);
        const entry due = std::move(events_.back());
        events_.pop_back();
        now_ = std::max(now_, due.when);
        due.event();  // may add others
        return true;
    }

    // Everything that is due until then, and time goes on to it.
    void run_until(mono_time upto)
    {
        while (next_at() <= upto)
            run_next();
        now_ = std::max(now_, upto);
    }

private:
    struct entry
    {
        mono_time when{};
        std::uint64_t number = 0;
        std::function<void()> event{};
    };

    static bool is_later(const entry& left, const entry& right)
    {
        return left.when != right.when ? left.when > right.when : left.number > right.number;
    }

    std::vector<entry> events_;  // a heap, the next one in front
    std::uint64_t added_ = 0;
    mono_time now_ = first_instant;
    duration wall_shift_;
};

}  // namespace reaper::test
