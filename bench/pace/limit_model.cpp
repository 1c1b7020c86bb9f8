#include "limit_model.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reaper::bench {

namespace {

constexpr double ban_s = 5;
// Of a bucket: below this no request fits whatever it is called.
constexpr double token = 1.0 - 1e-9;

}  // namespace

double movement::factor(double t) const
{
    double f = t >= change_at_s ? change_to : 1.0;
    if (day_s > 0)
        f *= 1 + day_amplitude * std::sin(2 * std::numbers::pi * t / day_s);
    if (lent_s > 0 && std::fmod(t, 2 * lent_s) < lent_s)
        f *= 1 - lent_share;
    return f;
}

limit_model::limit_model(const limit_shape& shape) : shape_(shape), chance_(shape.seed)
{
    window_until_ = shape_.phase_s > 0 ? shape_.phase_s : shape_.seconds;
    tokens_ = std::max(
        shape_.kind == limit_kind::bucket && shape_.seconds < 0.5 ? 2.0 : 1.0,
        rate(0) * shape_.seconds
    );
    other_next_ = shape_.other.share > 0 ? 0.5 / shape_.rate_per_s : 0;
}

bool limit_model::take(double t)
{
    if (shape_.other.share > 0)
        compete(t);
    was_spurious_ = shape_.spurious > 0 && chance_.unit() < shape_.spurious;
    return !was_spurious_ && take_slot(t);
}

// The other one's requests up to `t`.
void limit_model::compete(double t)
{
    const competitor& other = shape_.other;
    while (other_next_ < t) {
        const double cycle = std::fmod(other_next_, 2 * other.period_s);
        if (cycle >= other.period_s) {
            other_next_ += 2 * other.period_s - cycle;
            continue;
        }
        static_cast<void>(take_slot(other_next_));
        other_next_ += 1 / (other.share * shape_.rate_per_s);
    }
}

double limit_model::window_count(double t) const
{
    return std::max(1.0, std::round(rate(t) * shape_.seconds));
}

double limit_model::window_end(double t) const
{
    const double passed = std::floor((t - window_until_) / shape_.seconds) + 1;
    return window_until_ + std::max(0.0, passed) * shape_.seconds;
}

void limit_model::fill_bucket(double t)
{
    const double at_least = shape_.seconds < 0.5 ? 2.0 : 1.0;
    const double room = std::max(at_least, rate(t) * shape_.seconds);
    tokens_ = std::min(room, tokens_ + rate(t) * (t - filled_at_));
    filled_at_ = t;
}

bool limit_model::take_slot(double t)
{
    bool fits = false;
    switch (shape_.kind) {
        case limit_kind::box:
        case limit_kind::window:
            if (shape_.kind == limit_kind::box && t < banned_until_) {
                banned_until_ = t + ban_s;
                return false;
            }
            if (t >= window_until_) {
                window_until_ = window_end(t);
                taken_ = 0;
            }
            fits = taken_ < window_count(t);
            taken_ += fits ? 1 : 0;
            break;
        case limit_kind::log:
            while (!log_.empty() && log_.front() <= t - shape_.seconds)
                log_.pop_front();
            fits = static_cast<double>(log_.size()) < window_count(t);
            if (fits)
                log_.push_back(t);
            break;
        case limit_kind::bucket:
            fill_bucket(t);
            fits = tokens_ >= token;
            tokens_ -= fits ? 1 : 0;
            break;
    }
    if (!fits && shape_.kind == limit_kind::box)
        banned_until_ = t + ban_s;
    return fits;
}

double limit_model::next_free(double t) const
{
    // One who knows looks again after a second at most: the limit may have been raised.
    double at = t + 1;
    switch (shape_.kind) {
        case limit_kind::box:
        case limit_kind::window:
            at = std::min(at, window_until_);
            break;
        case limit_kind::log:
            at = log_.empty() ? t : std::min(at, log_.front() + shape_.seconds);
            break;
        case limit_kind::bucket:
            at = std::min(at, t + (1 - tokens_) / rate(t));
            break;
    }
    return std::max(at, t + 1e-9);
}

}  // namespace reaper::bench
