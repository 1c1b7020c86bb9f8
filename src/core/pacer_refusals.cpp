// The pace downwards: what a refusal says about the limit.

#include "pacer_law.hpp"

#include <algorithm>
#include <cmath>

namespace reaper {

namespace {

// What the first refusal of the ramp has let through in its last second may lie in two windows.
constexpr double ramp_share = 0.7;
// Just below what was measured.
constexpr double below_measured = 0.97;
// Strikes are forgotten after this.
constexpr double strikes_last_s = 60;
// A rate that was held for so long is not doubted for one refusal.
constexpr double proved_long_s = 300;
// What one refusal takes off a rate that was not held for so long.
constexpr double doubt_min = 0.002;
// A volley of so many says something.
constexpr double volley_min = 3;
// And of so many, that one refusal among them was an accident.
constexpr double volley_large = 20;
// After so many refused canaries they become rarer, down to one a minute: a quota of a day,
// perhaps.
constexpr int canaries_patient = 12;

double seconds(mono_time t)
{
    return to_seconds(t.time_since_epoch());
}

}  // namespace

void pace_law::refused(mono_time now, const refusal& what)
{
    const double t = seconds(now);
    if (what.canary) {
        ++shut_canaries_;
        if (shut_canaries_ > canaries_patient) {
            const double wait = std::min(60.0, 5 * std::exp2(shut_canaries_ - canaries_patient));
            next_at_ = now + std::chrono::seconds(static_cast<int>(wait));
        }
        return;
    }
    if (!what.begins) {
        meter_.refused_behind();
        return;
    }
    meter_.refused_first(t, to_seconds(now - what.sent_at));
    in_silence_ = true;
    refused_at_ = t;
    refused_rate_ = rate_;
    refused_set_at_ = set_at_;
    shut_canaries_ = 0;
}

void pace_law::resumed(mono_time now)
{
    const double t = seconds(now);
    const bool knew = in_silence_;
    meter_.resumed(t);
    in_silence_ = false;
    next_at_ = now;
    if (!knew) {
        set_at_ = t;
        return;
    }
    judge(t);
    // The canary went at the old pace.
    const auto gap = std::chrono::duration<double>(1 / rate_);
    next_at_ = std::max(next_at_, sent_at_ + std::chrono::duration_cast<duration>(gap));
}

// What the refusal that the silence followed says.
void pace_law::judge(double t)
{
    // Still shut after five seconds: the window is long, and what it let through is the limit.
    const double cycle = meter_.life_s() + meter_.silence_s();
    if (shut_canaries_ > 0 && cycle > 1.2 * window_s_) {
        window_s_ = std::min(65.0, cycle);
        const double count =
            std::min(meter_.life_count(), meter_.let_through(refused_at_, window_s_));
        guess(t, count / window_s_, 0.06);
        return;
    }
    if (proved_ > 0 && is_accident()) {
        // It interrupts a proof and does not void it.
        const double lived = refused_at_ - refused_set_at_;
        if (mode_ == mode::hold)
            rate_ = proved_ *= 1 - 0.5 / meter_.volley_let_through();
        set_at_ = t - lived;
        return;
    }
    switch (mode_) {
        case mode::ramp:
            refused_in_ramp(t);
            return;
        case mode::climb:
            if (proved_ > 0)
                refused_in_test(t);
            else
                fall(t);
            return;
        case mode::hold:
            refused_at_hold(t);
            return;
    }
}

// One of very many was refused and all behind it went through. An overshoot could do that only if
// it were smaller than one request of the volley.
bool pace_law::is_accident() const
{
    return meter_.volley_refused() == 0 && meter_.volley_let_through() >= volley_large;
}

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
    if (const double rate = volley_rate(); rate > 0)
        return rate;
    const double life = std::max(meter_.life_s(), 1e-3);
    if (window_s_ > 0)
        return meter_.let_through(refused_at_, window_s_) / window_s_;
    return (meter_.life_count() / life + meter_.life_count() / (life + meter_.silence_s())) / 2;
}

void pace_law::guess(double t, double rate, double growth)
{
    refused_ = mode_ != mode::ramp && window_s_ == 0 ? refused_rate_ : 0;
    proved_ = 0;
    safe_ = 0;
    growth_ = growth;
    growth_max_ = 0.3;
    testing_ = false;
    noticed(t);
    level_ = std::min(rate, 0.97 * refused_rate_);
    base_ = 0;
    excess_s_ = 0;
    set(t, level_, mode::climb, 0.3);
}

void pace_law::refused_in_ramp(double t)
{
    if (const double volley = volley_rate(); volley > 0) {
        guess(t, volley * (1 - 0.5 / std::sqrt(meter_.volley_let_through())), 0.1);
        return;
    }
    const double last_second = std::max(1.0, meter_.let_through(refused_at_, 1));
    guess(t, ramp_share * std::min(last_second, refused_rate_), 0.15);
    if (meter_.volley_let_through() == 0 && last_second * meter_.volley_span_s() >= 5) {
        // Shut altogether: a window, which hides nothing. It let through this much at most.
        refused_ = last_second;
        burst_s_ = 0.2;
    }
}

// More than what is proved was refused: back to it. How soon says what burst there is.
void pace_law::refused_in_test(double t)
{
    if (jumping_) {
        hold(t);
        return;
    }
    const double lived = std::max(0.0, refused_at_ - refused_set_at_);
    const bool moved = base_ > 0 && proved_ >= 1.5 * base_;
    if (base_ > 0)
        excess_s_ += lived * std::max(0.0, refused_rate_ / base_ - 1);
    // From a rate that had not been held for long, the burst may have been used up already.
    const double least = base_held_ ? 0.5 * burst_s_ : burst_s_;
    if (!moved)
        burst_s_ = std::clamp(std::max(excess_s_, least), 0.05, 10.0);
    if (!moved && testing_ && base_held_ && base_ > 0 && proved_ > base_ && proved_ < 1.5 * base_ &&
        excess_s_ < 2 * burst_s_)
        proved_ = base_;
    refused_ = refused_ > 0 ? std::min(refused_, refused_rate_) : refused_rate_;
    hold(t);
}

// The rate that was relied on was refused.
void pace_law::refused_at_hold(double t)
{
    const bool clean = meter_.volley_refused() == 0 && meter_.volley_let_through() >= 3;
    if (t - struck_at_ > strikes_last_s + meter_.silence_s())
        strikes_ = 0;
    struck_at_ = t;
    strikes_ += clean ? 0.5 : 1;
    if (strikes_ >= 2) {
        fall(t);
        return;
    }
    const double held = refused_at_ - refused_set_at_;
    if (held < level_min_s && safe_ > 0 && proved_ > safe_ && proved_ < 1.5 * safe_) {
        // It was no raise: burst hid it.
        refused_ = refused_rate_;
        burst_s_ = std::clamp(2 * burst_s_, 0.6, 10.0);
        proved_ = safe_;
        hold(t);
        return;
    }
    if (!clean && meter_.volley_refused() >= volley_min && lower_until_ > t) {
        // It fell before, and where to is remembered.
        fall(t);
        return;
    }
    if (held < proved_long_s) {
        // Burst may have hidden an overshoot that was taken for proved.
        if (held < level_min_s && (!clean || meter_.life_s() < 30))
            burst_s_ = std::clamp(2 * burst_s_, 0.6, 10.0);
        const double hidden = burst_s_ / (meter_.life_s() + burst_s_);
        proved_ *= 1 - std::clamp(hidden, doubt_min, 0.1);
        if (proved_ < (1 - moved_share) * level_)
            noticed(t);
        refused_ = refused_ > 0 ? std::min(refused_, refused_rate_) : refused_rate_;
    }
    hold(t);
}

void pace_law::fall(double t)
{
    strikes_ = 0;
    // What was only guessed is no level.
    if (mode_ == mode::hold && t - noticed_at_ > level_min_s) {
        upper_level_ = refused_rate_;
        upper_until_ = t + level_memory_s;
    }
    const bool known = lower_until_ > t && lower_level_ < 0.9 * refused_rate_;
    guess(t, known ? lower_level_ : below_measured * measured(), 0.12);
    lower_until_ = 0;
}

}  // namespace reaper
