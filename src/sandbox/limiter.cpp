#include "sandbox/limiter.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace sandbox {
namespace {

using seconds_f = std::chrono::duration<double>;

duration interval_of(double rate_per_s)
{
    return std::chrono::duration_cast<duration>(seconds_f(1 / rate_per_s));
}

}  // namespace

limiter::limiter(const limit_options& options, duration phase)
    : options_(options),
      phase_(phase),
      // A limit below one request per window needs a longer window, or nothing would ever pass.
      window_(std::max(options.window, interval_of(options.rate_per_s))),
      window_max_(static_cast<std::size_t>(
          std::max(1.0, std::floor(options.rate_per_s * reaper::to_seconds(window_) + 1e-6))
      )),
      tokens_(options.burst)
{
}

bool limiter::admit(mono_time now)
{
    const bool banned = options_.ban && refused_at_ && now - *refused_at_ < options_.ban_for;
    if (!banned && has_room(now))
        return true;
    refused_at_ = now;
    return false;
}

bool limiter::has_room(mono_time now)
{
    switch (options_.shape) {
        case limit_shape::fixed:
            return fixed_has_room(now);
        case limit_shape::sliding:
            return sliding_has_room(now);
        case limit_shape::bucket:
            return bucket_has_room(now);
        case limit_shape::leaky:
            return leaky_has_room(now);
    }
    return true;
}

bool limiter::fixed_has_room(mono_time now)
{
    const std::int64_t index = (now.time_since_epoch() + phase_) / window_;
    if (index != window_index_) {
        window_index_ = index;
        window_count_ = 0;
    }
    if (window_count_ >= window_max_)
        return false;
    ++window_count_;
    return true;
}

bool limiter::sliding_has_room(mono_time now)
{
    if (admitted_.size() < window_max_) {
        admitted_.push_back(now);
        return true;
    }
    if (now - admitted_[oldest_] < window_)
        return false;
    admitted_[oldest_] = now;
    oldest_ = (oldest_ + 1) % window_max_;
    return true;
}

bool limiter::bucket_has_room(mono_time now)
{
    if (filled_at_) {
        const double earned = reaper::to_seconds(now - *filled_at_) * options_.rate_per_s;
        tokens_ = std::min(options_.burst, tokens_ + earned);
    }
    filled_at_ = now;
    // The grain of the sums: a tenth earned ten times is a token.
    if (tokens_ < 1 - 1e-9)
        return false;
    tokens_ -= 1;
    return true;
}

// GCRA: each request moves the theoretical arrival of the next by 1/rate; one that comes earlier
// than the tolerance allows is refused. 30 ms of tolerance, and at least one request.
bool limiter::leaky_has_room(mono_time now)
{
    const duration interval = interval_of(options_.rate_per_s);
    const duration tolerance = std::max<duration>(std::chrono::milliseconds(30), interval);
    const mono_time expected = theoretical_arrival_.value_or(now);
    if (now < expected - tolerance)
        return false;
    theoretical_arrival_ = std::max(now, expected) + interval;
    return true;
}

}  // namespace sandbox
