// The pace upwards: spacing, the ramp, proofs, steps and the schedule of tests.

#include "reaper/core/pacer.hpp"

#include "pacer_law.hpp"

#include <algorithm>
#include <cmath>

namespace reaper {

namespace {

constexpr double start_per_s = 10;
constexpr double pace_min = 0.02;
constexpr double pace_max = 1e7;  // beyond what one core can send

// While ramping the pace doubles in this time, or in two round trips if those are longer.
constexpr double doubling_min_s = 0.15;
constexpr double doubling_requests = 3;

// What is gained now is lost with the next change, which is not expected for twice as long as the
// limit has stood already, or for this.
constexpr double horizon_min_s = 600;

// What a raised limit is thought to be worth where nothing is known: the share of the new limit
// that is lost until it is noticed.
constexpr double gain_unknown = 0.1;
// Between two tests, whatever is known.
constexpr double test_left_s = 3000;
constexpr double test_min_s = 20;
constexpr double test_max_s = 900;
// Who reloads the configuration again and again does not raise the limit as often.
constexpr double hints_apart_s = 300;

// The least and the most that a test goes above what is proved.
constexpr double growth_min = 0.06;
constexpr double growth_max = 1.0;
// One step within a bracket; wider ones are guesses.
constexpr double bracket_step_max = 0.25;

// No proof is shorter: two windows of a second. None is longer: burst of more is no overshoot.
constexpr double proof_min_s = 2.2;
constexpr double proof_max_s = 90;
// What was held for so long before a test is what to come back to.
constexpr double safe_after_s = 15;

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
        window_s_ = remembered->window_s;
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
    // What pacing uses by itself is pace x round trip; the rest absorbs jitter.
    return static_cast<std::uint64_t>(std::ceil(1.5 * rate_ * meter_.round_trip_s())) + 4;
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
        lower_level_ = base_;
        lower_until_ = t + level_memory_s;
    }
    learnt_ = learnt_pace{
        .per_s = proved_,
        .burst_s = burst_s_,
        .window_s = window_s_,
        .at = mono_time(seconds_of(t))};
    if (refused_ > 0 && proved_ >= refused_)
        refused_ = 0;
    if (proved_ > (1 + moved_share) * level_)
        noticed(t, proved_);
}

void pace_law::noticed(double t, double level)
{
    // The steps of one climb are one change.
    const double moved = level_ > 0 ? std::abs(std::log(level / level_)) : 0;
    if (moved > change_min && t - noticed_at_ > change_apart_s) {
        changes_.push_back(t);
        if (changes_.size() > changes_max)
            changes_.pop_front();
    }
    noticed_at_ = t;
    level_ = level;
}

// How many changes of the limit a second brings. One that stands is expected to stand for as long
// again; one that was seen to come and go, as with somebody else's jobs on the same key, goes on
// like that.
double pace_law::hazard(double t) const
{
    const double lindy = 0.5 / std::max(t - noticed_at_, 1.0);
    const auto first = std::find_if(changes_.begin(), changes_.end(), [&](double at) {
        return t - at < changes_last_s;
    });
    if (first == changes_.end())
        return lindy;
    const auto later = static_cast<double>(changes_.end() - first - 1);
    return std::max(lindy, later / std::max(t - *first, changes_apart_min_s));
}

// How far the lowest refused rate lies above the proved one, as a share; 0 if none is known.
double pace_law::bracket() const
{
    return refused_ > 0 ? refused_ / proved_ - 1 : 0;
}

// The seconds of work at the proved rate that a gain can apply to.
double pace_law::worth_s(double t) const
{
    return std::min(std::max(horizon_min_s, 2 * (t - noticed_at_)), backlog_ / rate_);
}

bool pace_law::is_worth_narrowing(double t) const
{
    // A step that a bucket could hide for longer than any proof lasts would prove nothing.
    const double provable = burst_s_ / proof_max_s;
    return bracket() > provable && bracket() * worth_s(t) >= narrow_worth_s;
}

// The next rate to prove. Within a bracket: towards its middle, less what a refusal costs; with the
// limit anywhere in it this loses least. Where nothing was refused: by more each time.
void pace_law::step(double t)
{
    double gain = growth_;
    if (!testing_ && refused_ > 0) {
        if (!is_worth_narrowing(t)) {
            hold(t);
            return;
        }
        const double width = bracket();
        gain = std::max(width / 4, width / 2 - refusal_cost_s / 2 / worth_s(t));
        gain = std::min(gain, bracket_step_max);
    } else {
        growth_ = std::min(growth_max_, 2 * growth_);
    }
    if (gain * backlog_ / rate_ < refusal_cost_s)
        hold(t);
    else
        set(t, proved_ * (1 + gain), mode::climb, testing_ ? proved_ * (1 + gain) / base_ - 1 : gain
        );
}

// Has the limit been raised? A step above all that was refused, and on from there.
void pace_law::test(double t)
{
    test_at_ = t + test_wait_s(t);
    testing_ = true;
    if (t - set_at_ >= safe_after_s)
        safe_ = proved_;
    growth_ = growth_min;
    growth_max_ = growth_max;
    if (upper_until_ > t && upper_level_ > 1.1 * proved_) {
        // Where the limit was before it fell, it may be again.
        jumping_ = true;
        set(t, 0.98 * upper_level_, mode::climb, 0.6);
        return;
    }
    step(t);
}

void pace_law::hold(double t)
{
    if (test_at_ < noticed_at_ || testing_)
        test_at_ = t + test_wait_s(t);
    testing_ = false;
    narrow_at_ = t + std::max(window_s_, narrow_wait_s);
    base_ = proved_;
    set(t, proved_, mode::hold, 1);
    excess_s_ = 0;
}

double pace_law::test_wait_s(double t)
{
    const double spread = std::uniform_real_distribution<double>(0.7, 1.3)(dice_);
    const double left =
        std::sqrt(std::clamp(test_left_s * rate_ / std::max(backlog_, 1.0), 1.0, 4.0));
    // With the cost c of a test, a chance h of a change a second and a share g that is lost until
    // it is noticed, c/I + h g I/2 is least at this interval.
    const bool known = upper_until_ > t && upper_level_ > 1.1 * proved_;
    const double gain = known ? 1 - proved_ / upper_level_ : gain_unknown;
    const double wait = left * std::sqrt(2 * refusal_cost_s / (hazard(t) * gain)) * spread;
    return std::clamp(wait, test_min_s, test_max_s);
}

double pace_law::proof_s(double gain) const
{
    const double hidden = std::max(1.5 * burst_s_, 2 / rate_) / gain;
    return std::max(
        {proof_min_s, 4 * meter_.round_trip_s(), 1.1 * window_s_, std::min(hidden, proof_max_s)}
    );
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
