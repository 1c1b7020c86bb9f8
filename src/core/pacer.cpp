// The pace upwards: spacing, the ramp and proofs. The steps and the tests are in pacer_steps.cpp.

#include "reaper/core/pacer.hpp"

#include "pacer_law.hpp"

#include <algorithm>
#include <cmath>

namespace reaper {

namespace {

constexpr double start_per_s = 10;
constexpr double pace_min = 0.1;
constexpr double pace_max = 1e7;  // beyond what one core can send

// While ramping the pace doubles in this time, or in two round trips if those are longer.
constexpr double doubling_min_s = 0.1;
constexpr double doubling_requests = 2;

// Who reloads the configuration again and again does not raise the limit as often.
constexpr double hints_apart_s = 300;

// Late timers may be made up for by this much; more would be a burst.
constexpr duration credit_max = std::chrono::milliseconds(5);

// A pace that was learnt long ago is trusted less: a tenth less after a day, a third at most.
double trust(double age_s)
{
    constexpr double day_s = 86400;
    return std::max(0.67, 1 - 0.1 * std::log2(1 + std::max(age_s, 0.0) / day_s));
}

}  // namespace

std::unique_ptr<pacer> make_pacer(
    mono_time now, const std::optional<learnt_pace>& remembered, std::uint64_t seed
)
{
    return std::make_unique<pace_law>(now, remembered, seed);
}

pace_law::pace_law(mono_time now, const std::optional<learnt_pace>& remembered, std::uint64_t seed)
    : meter_(seconds(now)),
      dice_(static_cast<std::minstd_rand::result_type>(seed % 2147483629 + 1)),
      noticed_at_(seconds(now)),
      next_at_(now)
{
    const double t = seconds(now);
    if (remembered) {
        learnt_ = remembered;
        burst_s_ = remembered->burst_s;
        window_ = long_window(remembered->window_s);
        level_ = remembered->per_s * trust(to_seconds(now - remembered->at));
        growth_ = growth_min;
        set(t, level_, mode::climb, 0.6);
    } else {
        set(t, start_per_s, mode::ramp, 1);
    }
}

// --- spacing

mono_time pace_law::ready_at(mono_time /*now*/) const
{
    return next_at_;
}

void pace_law::sent(mono_time now)
{
    sent_at_ = now;
    next_at_ = std::max(next_at_, now - credit_max) + seconds_of(1 / rate_);
}

std::uint64_t pace_law::window() const
{
    // What pacing uses by itself is pace x round trip; the rest absorbs jitter, as TCP's timeout
    // does (RFC 6298, section 2). A window that jitter fills lets no proof end.
    const double longest_s = 1.5 * meter_.round_trip_s() + 4 * meter_.deviation_s();
    return static_cast<std::uint64_t>(std::ceil(rate_ * longest_s)) + 4;
}

void pace_law::backlog(std::uint64_t requests)
{
    backlog_ = static_cast<double>(requests);
}

void pace_law::set_ceiling(std::optional<double> per_s)
{
    ceiling_ = per_s;
    rate_ = std::clamp(rate_, pace_min, std::min(pace_max, ceiling_.value_or(pace_max)));
}

void pace_law::may_be_raised(mono_time now)
{
    const double t = seconds(now);
    // A climb asks already.
    if (mode_ != mode::hold || t - hinted_at_ < hints_apart_s)
        return;
    hinted_at_ = t;
    test_at_ = std::min(test_at_, t);
}

std::optional<learnt_pace> pace_law::learnt() const
{
    return learnt_;
}

// --- upwards

void pace_law::accepted(mono_time now, duration round_trip, bool held_back)
{
    const double t = seconds(now);
    meter_.accepted(t, to_seconds(round_trip));
    heard_ = true;
    if (in_silence_)
        return;
    if (!held_back) {
        // Unused speed proves nothing: the proof begins again.
        set_at_ = t;
        return;
    }
    switch (mode_) {
        case mode::ramp:
            ramp(t);
            return;
        case mode::climb:
            if (t - set_at_ >= proof_) {
                believe(t);
                if (window_.is_disproved_by(proved_)) {
                    // Then the limit may be anywhere above.
                    window_.forget();
                    set(t, proved_, mode::ramp, 1);
                    return;
                }
                step(t);
            }
            return;
        case mode::hold:
            if (t >= test_at_)
                test(t);
            else if (t >= narrow_at_ && is_worth_narrowing(t))
                step(t);
            return;
    }
}

void pace_law::ramp(double t)
{
    const double doubling =
        std::max({doubling_min_s, 2 * meter_.round_trip_s(), doubling_requests / rate_});
    // No answer proves more than one doubling: it may be the first for a long while.
    const double grown = rate_ * std::exp2(std::min((t - set_at_) / doubling, 1.0));
    set(t, grown, mode::ramp, 1);
}

// The rate has outlived its proof.
void pace_law::believe(double t)
{
    proved_ = rate_;
    if (testing_ && base_ > 0 && proved_ > level_ratio * base_) {
        lower_ = {.held = base_, .refused = base_refused_, .until = t + level_memory_s};
    }
    if (jumping_) {
        refused_ = upper_.refused > proved_ ? upper_.refused : 0;
        testing_ = refused_ == 0;
    }
    learn(t);
    if (refused_ > 0 && proved_ >= refused_)
        refused_ = 0;
    if (proved_ > (1 + moved_share) * level_)
        noticed(t, proved_);
}

void pace_law::learn(double t)
{
    learnt_ = learnt_pace{
        .per_s = proved_,
        .burst_s = burst_s_,
        .window_s = window_.length_s(),
        .at = mono_time(seconds_of(t))};
}

void pace_law::set(double t, double rate, mode m, double gain)
{
    if (mode_ == mode::hold)
        base_held_ = t - set_at_ >= safe_after_s;
    if (mode_ != mode::ramp && base_ > 0)
        excess_s_ += (t - set_at_) * std::max(0.0, rate_ / base_ - 1);
    jumping_ = jumping_ && m == mode::climb;
    rate_ = std::clamp(rate, pace_min, std::min(pace_max, ceiling_.value_or(pace_max)));
    mode_ = m;
    set_at_ = t;
    proof_ = proof_s(gain);
}

}  // namespace reaper
