#include "pacer_meter.hpp"

#include <algorithm>
#include <cmath>

namespace reaper {

void pace_meter::accepted(double now, double round_trip_s)
{
    // Smoothed like TCP's (RFC 6298, section 2).
    const double off = round_trip_s - round_trip_s_;
    if (round_trip_s_ == 0) {
        round_trip_s_ = round_trip_s;
    } else {
        deviation_s_ += (std::abs(off) - deviation_s_) / 4;
        round_trip_s_ += off / 8;
    }
    const auto ordinal = static_cast<std::int64_t>(std::floor(now / slot_s));
    slot& current = slots_[static_cast<std::size_t>(ordinal) % slot_count];
    if (current.ordinal != ordinal)
        current = slot{.ordinal = ordinal, .count = 0};
    ++current.count;
    if (refused_at_ >= 0)
        ++volley_let_through_;
    else
        ++count_;
}

void pace_meter::refused_first(double now, double span_s)
{
    volley_span_s_ = span_s;
    refused_at_ = now;
    life_s_ = now - resumed_at_;
    life_count_ = count_;
    volley_let_through_ = 0;
    volley_refused_ = 0;
}

void pace_meter::resumed(double now)
{
    if (refused_at_ >= 0) {
        silence_s_ = now - refused_at_;
        // The canary was let through too, but belongs to the next life.
        volley_let_through_ = std::max(0.0, volley_let_through_ - 1);
        life_count_ += volley_let_through_;
    }
    resumed_at_ = now;
    refused_at_ = -1;
    count_ = 1;
}

double pace_meter::let_through(double now, double span_s) const
{
    const auto newest = static_cast<std::int64_t>(std::floor(now / slot_s));
    const auto span = static_cast<std::int64_t>(std::round(span_s / slot_s));
    std::uint64_t sum = 0;
    for (std::int64_t ordinal = std::max<std::int64_t>(0, newest - span + 1); ordinal <= newest;
         ++ordinal) {
        const slot& each = slots_[static_cast<std::size_t>(ordinal) % slot_count];
        if (each.ordinal == ordinal)
            sum += each.count;
    }
    return static_cast<double>(sum);
}

}  // namespace reaper
