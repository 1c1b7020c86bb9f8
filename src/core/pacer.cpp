#include "reaper/core/pacer.hpp"

#include <algorithm>
#include <cmath>

namespace reaper {

namespace {

constexpr double start_per_s = 10;
constexpr double pace_min = 0.02;
constexpr double pace_max = 1e6;

// While ramping the pace doubles in this time.
constexpr double doubling_s = 0.5;
// Afterwards it grows by this share ...
constexpr double creep_share = 0.01;
// ... each time this much has passed without a refusal: a refusal costs five seconds.
constexpr duration creep_every = std::chrono::seconds(20);
// After a refusal: this share of what was let through in the second before it.
constexpr double stay_below = 0.85;
// Late timers may be made up for by this much; more would be a burst.
constexpr duration credit_max = std::chrono::milliseconds(5);
constexpr duration slot_length = std::chrono::milliseconds(50);

duration spacing(double per_s)
{
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>(1.0 / per_s));
}

}  // namespace

ramp_pacer::ramp_pacer(
    mono_time now, std::optional<double> ceiling_per_s, std::optional<double> remembered
)
    : ramping_(!remembered), ceiling_(ceiling_per_s), grown_at_(now), next_at_(now)
{
    set_pace(remembered.value_or(start_per_s));
}

void ramp_pacer::set_pace(double per_s)
{
    pace_ = std::clamp(per_s, pace_min, std::min(pace_max, ceiling_.value_or(pace_max)));
}

mono_time ramp_pacer::ready_at(mono_time /*now*/) const
{
    return next_at_;
}

void ramp_pacer::sent(mono_time now)
{
    next_at_ = std::max(next_at_, now - credit_max) + spacing(pace_);
}

void ramp_pacer::accepted(mono_time now, duration round_trip, bool held_back)
{
    const double sample = to_seconds(round_trip);
    round_trip_s_ = round_trip_s_ == 0 ? sample : round_trip_s_ + (sample - round_trip_s_) / 8;

    const std::int64_t ordinal = now.time_since_epoch() / slot_length;
    slot& current = slots_[static_cast<std::size_t>(ordinal) % slot_count];
    if (current.ordinal != ordinal)
        current = slot{.ordinal = ordinal, .count = 0};
    ++current.count;

    if (held_back)
        grow(now);
    else
        grown_at_ = now;
}

void ramp_pacer::grow(mono_time now)
{
    if (ramping_) {
        // No answer proves more than one doubling: it may be the first for a long while.
        set_pace(pace_ * std::exp2(std::min(to_seconds(now - grown_at_) / doubling_s, 1.0)));
        grown_at_ = now;
    } else if (now - grown_at_ >= creep_every) {
        set_pace(pace_ * (1 + creep_share));
        grown_at_ = now;
    }
}

void ramp_pacer::refused(mono_time now)
{
    const double let_through = std::max(accepted_last_second(now), 1.0);
    ramping_ = false;
    set_pace(stay_below * std::min(pace_, let_through));
    grown_at_ = now;
}

void ramp_pacer::resumed(mono_time now)
{
    grown_at_ = now;
    next_at_ = std::max(next_at_, now);
}

double ramp_pacer::accepted_last_second(mono_time now) const
{
    const std::int64_t newest = now.time_since_epoch() / slot_length;
    std::uint64_t sum = 0;
    for (const slot& s : slots_)
        if (s.ordinal >= 0 && newest - s.ordinal < static_cast<std::int64_t>(slot_count))
            sum += s.count;
    return static_cast<double>(sum);
}

void ramp_pacer::set_ceiling(std::optional<double> per_s)
{
    ceiling_ = per_s;
    set_pace(pace_);
}

double ramp_pacer::pace_per_s() const
{
    return pace_;
}

std::uint64_t ramp_pacer::window() const
{
    // What pacing uses by itself is pace x round trip; the rest absorbs jitter.
    return static_cast<std::uint64_t>(std::ceil(1.5 * pace_ * round_trip_s_)) + 4;
}

std::optional<double> ramp_pacer::learnt() const
{
    if (ramping_)
        return std::nullopt;
    return pace_;
}

}  // namespace reaper
