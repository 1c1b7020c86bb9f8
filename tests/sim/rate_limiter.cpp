#include "rate_limiter.hpp"

#include <algorithm>

namespace reaper::test {
namespace {

std::uint64_t requests_in(double rate_per_s, duration span, std::uint64_t least)
{
    return std::max(least, static_cast<std::uint64_t>(rate_per_s * to_seconds(span)));
}

}  // namespace

rate_limiter::rate_limiter(const limit_shape& shape, mono_time start)
    : shape_(shape),
      start_(start),
      interval_(static_cast<std::int64_t>(1e9 / shape.rate_per_s)),
      empty_at_(start)
{
    switch (shape.kind) {
        case limiter_shape::none:
            break;
        case limiter_shape::fixed_window:
        case limiter_shape::sliding_log:
            room_ = requests_in(shape.rate_per_s, shape.window, 1);
            break;
        case limiter_shape::token_bucket:
            room_ = requests_in(shape.rate_per_s, shape.burst, 1);
            break;
        case limiter_shape::gcra:
            room_ = requests_in(shape.rate_per_s, std::chrono::milliseconds(30), 2);
            break;
    }
}

bool rate_limiter::take(mono_time now)
{
    const bool is_banned = shape_.bans && now < banned_until_;
    if (!is_banned && has_room(now))
        return true;
    note_refusal(now);
    return false;
}

void rate_limiter::note_refusal(mono_time now)
{
    if (shape_.bans)
        banned_until_ = now + silence_after_429;
}

bool rate_limiter::has_room(mono_time now)
{
    switch (shape_.kind) {
        case limiter_shape::none:
            return true;
        case limiter_shape::fixed_window:
            return fits_window(now);
        case limiter_shape::sliding_log:
            return fits_log(now);
        case limiter_shape::token_bucket:
        case limiter_shape::gcra:
            return fits_bucket(now);
    }
    return true;
}

bool rate_limiter::fits_window(mono_time now)
{
    const std::int64_t window = (now - start_ + shape_.phase) / shape_.window;
    if (window != window_) {
        window_ = window;
        passed_ = 0;
    }
    if (passed_ >= room_)
        return false;
    ++passed_;
    return true;
}

bool rate_limiter::fits_log(mono_time now)
{
    while (!log_.empty() && log_.front() + shape_.window <= now)
        log_.pop_front();
    const bool fits = log_.size() < room_;
    if (fits)
        log_.push_back(now);
    else if (shape_.counts_refused) {
        // As long as nobody holds back, nobody gets anything. The oldest one makes room.
        log_.pop_front();
        log_.push_back(now);
    }
    return fits;
}

// A bucket of n requests is full again n intervals after it was empty: one instant tells its level.
bool rate_limiter::fits_bucket(mono_time now)
{
    const mono_time drained = std::max(empty_at_, now);
    const auto room = static_cast<std::int64_t>(room_);
    if (drained - now > interval_ * (room - 1))
        return false;
    empty_at_ = drained + interval_;
    return true;
}

}  // namespace reaper::test
