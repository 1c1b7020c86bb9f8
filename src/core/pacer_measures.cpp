// What the end of a life measures: the volley behind the first refusal, and what was let through
// before it.

#include "pacer_law.hpp"

#include <algorithm>

namespace reaper {

namespace {

// Of a volley that was shut out no more than this share was let through.
constexpr double shut_share = 0.02;

}  // namespace

// Of a limit that keeps letting some through, such as a bucket, the volley says how many: the rate
// of what was let through behind the first refusal. 0 if it says nothing.
double pace_law::volley_rate() const
{
    const double let_through = meter_.volley_let_through();
    const double refused = meter_.volley_refused();
    if (let_through < volley_min || refused < volley_min)
        return 0;
    return let_through / meter_.volley_span_s();
}

// The limit lies between what was let through per second of life and silence (the silence earned
// credit) and per second of life alone (it did not): the middle.
double pace_law::measured() const
{
    const double least = window_.let_through_per_s(meter_, refused_at_);
    if (window_.is_sure())
        return least;
    if (const double rate = volley_rate(); rate > 0)
        return rate;
    const double life = std::max(meter_.life_s(), 1e-3);
    const double with_silence = life + meter_.silence_s();
    return std::max(least, meter_.life_count() * (1 / life + 1 / with_silence) / 2);
}

// The rate of a bucket that ended the ramp, by its volley; 0 if it may have been none. A bucket
// lets through no more than its burst and a second's worth in a second; a sliding log frees as many
// slots as were taken a second ago, which says nothing.
double pace_law::bucket_rate(double last_second) const
{
    const double rate = volley_rate();
    const double span = meter_.volley_span_s();
    const double second_ago = meter_.let_through(refused_at_ - 1 + span, span);
    const bool too_slow = rate * (burst_max_s + 2) <= last_second;
    return too_slow || second_ago >= meter_.volley_let_through() / 2 ? 0 : rate;
}

// A bucket lets through some of whatever comes; a volley of which none was met a window. (A sliding
// log frees the slots of a second ago: a few, in a ramp.)
bool pace_law::was_shut_out() const
{
    const double refused = meter_.volley_refused();
    return refused >= volley_shut && meter_.volley_let_through() <= shut_share * refused;
}

// How many seconds of burst there may be. A window hides nothing.
void pace_law::learn_burst(double s)
{
    burst_s_ = was_shut_out() ? std::min(s, burst_window_s) : s;
}

}  // namespace reaper
