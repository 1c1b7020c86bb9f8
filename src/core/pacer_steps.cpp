// The schedule upwards: how wide the next step is, when the limit is tested, how long a proof
// takes.

#include "pacer_law.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reaper {

namespace {

// What is gained now is lost with the next change, which is not expected for twice as long as the
// limit has stood already, or for this.
constexpr double horizon_min_s = 600;

// What a raised limit is thought to be worth where nothing is known: the share of the new limit
// that is lost until it is noticed.
constexpr double gain_unknown = 0.2;
// A limit of which nothing is known is not expected to change sooner than one that has stood for so
// long: it is somebody's contract.
constexpr double stood_min_s = 600;
// With less work left than this, intervals are longer, up to twice.
constexpr double test_left_s = 3000;
// A test is worth its cost with half an ideal interval of work left.
constexpr double test_worth = 0.5;
// Between two tests, whatever is known.
constexpr double test_min_s = 20;
constexpr double test_max_s = 900;

// A test of a level that is remembered goes just below what was held there.
constexpr double below_upper = 0.995;
// The most that a test goes above what is proved.
constexpr double growth_max = 1.0;
// One step within a bracket; wider ones are guesses.
constexpr double bracket_step_max = 0.25;
// The most steps that a bracket is cut into, and what it costs to make it narrower by a factor e,
// in seconds, as the simulator has it.
constexpr int steps_max = 12;
constexpr double narrowing_s = 3.3;
// Nearer to a limit than this, chance refuses: late timers and the network bunch requests.
constexpr double bracket_min = 0.015;

// No proof is shorter: two windows of a second. None is longer: burst of more is no overshoot.
constexpr double proof_min_s = 2.2;
constexpr double proof_max_s = 90;
// Nor shorter than a long window, and some: the one in which it begins has had a slower part.
constexpr double windows_proof = 1.3;

}  // namespace

void pace_law::noticed(double t, double rate)
{
    const double moved = change_from_ > 0 ? std::abs(std::log(rate / change_from_)) : 0;
    if (moved > change_min || base_ == 0) {
        // The steps of one climb are one change.
        if (base_ > 0 && t - changed_at_ > change_apart_s) {
            changes_.push_back(t);
            if (changes_.size() > changes_max)
                changes_.pop_front();
        }
        changed_at_ = t;
        change_from_ = rate;
    }
    noticed_at_ = t;
    level_ = rate;
    trial_from_ = 0;  // whatever was suspected of the pace before
}

// How many changes of the limit a second brings. One that stands is expected to stand for as long
// again; one that was seen to come and go, as with somebody else's jobs on the same key, goes on
// like that.
double pace_law::hazard(double t) const
{
    const double lindy = 0.5 / std::max(t - noticed_at_, stood_min_s);
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
    const double provable = std::max(bracket_min, burst_s_ / proof_max_s);
    return bracket() > provable && bracket() * worth_s(t) >= narrow_worth_s;
}

// The first step into the bracket, as a share: the bracket in so many equal steps that all of it
// costs least. The limit may be anywhere in it: of n steps the one that is refused is not the last
// with a chance of (n-1)/n (the end of the bracket is known to be refused); proving the steps below
// it costs time at a pace that is too slow; and what is then left of the bracket has to be lost, or
// narrowed again.
double pace_law::bracket_step(double t) const
{
    const double width = bracket();
    double best = width / 2;
    double least = std::numeric_limits<double>::max();
    for (int n = 2; n <= steps_max; ++n) {
        const double step = width / n;
        const double refused = refusal_cost_s * (n - 1) / n;
        const double proving = proof_s(step) * n * width / 6;
        const double lost = step / 2 * worth_s(t);
        const double left = lost < refusal_cost_s
                                ? lost
                                : refusal_cost_s + narrowing_s * std::log(lost / refusal_cost_s);
        if (refused + proving + left < least) {
            least = refused + proving + left;
            best = step;
        }
    }
    return std::min(best, bracket_step_max);
}

// The next rate to prove: within the bracket, or, where nothing was refused, by more each time.
void pace_law::step(double t)
{
    if (!testing_ && refused_ > 0) {
        if (!is_worth_narrowing(t)) {
            hold(t);
            return;
        }
        const double gain = bracket_step(t);
        set(t, proved_ * (1 + gain), mode::climb, gain);
        return;
    }
    const double gain = growth_;
    growth_ = std::min(growth_max_, 2 * growth_);
    if (gain * backlog_ / rate_ < refusal_cost_s) {
        hold(t);
        return;
    }
    const double rate = proved_ * (1 + gain);
    set(t, rate, mode::climb, testing_ ? rate / base_ - 1 : gain);
}

// Whether it is remembered that the limit was well above what is proved now.
bool pace_law::knows_upper_level(double t) const
{
    return upper_.until > t && upper_.held > 1.1 * proved_;
}

// Has the limit been raised? A step above all that was refused, and on from there.
void pace_law::test(double t)
{
    if (!is_worth_testing(t)) {
        test_at_ = t + test_min_s;
        return;
    }
    test_at_ = t + test_wait_s(t);
    testing_ = true;
    base_refused_ = refused_;
    if (t - set_at_ >= safe_after_s)
        safe_ = proved_;
    growth_ = growth_min;
    growth_max_ = growth_max;
    if (knows_upper_level(t)) {
        // Where the limit was before it fell, it may be again.
        jumping_ = true;
        set(t, below_upper * upper_.held, mode::climb, 0.6);
        return;
    }
    step(t);
}

void pace_law::hold(double t)
{
    if (test_at_ < noticed_at_ || testing_)
        test_at_ = t + test_wait_s(t);
    testing_ = false;
    narrow_at_ = t + std::max(window_.length_s(), narrow_wait_s);
    base_ = proved_;
    set(t, proved_, mode::hold, 1);
    excess_s_ = 0;
}

// Between two tests, if there is work enough: with the cost c of a test, a chance h of a change a
// second and a share g that is lost until it is noticed, c/I + h g I/2 is least at this interval.
double pace_law::ideal_wait_s(double t, double gain) const
{
    return std::sqrt(2 * refusal_cost_s / (hazard(t) * gain));
}

bool pace_law::is_worth_testing(double t) const
{
    return backlog_ / rate_ > test_worth * ideal_wait_s(t, gain_unknown);
}

double pace_law::test_wait_s(double t)
{
    const double spread = std::uniform_real_distribution<double>(0.7, 1.3)(dice_);
    const double left =
        std::sqrt(std::clamp(test_left_s * rate_ / std::max(backlog_, 1.0), 1.0, 4.0));
    // What a level that is known to come back will bring needs no thinking twice.
    const double wait = knows_upper_level(t) ? ideal_wait_s(t, 1 - proved_ / upper_.held)
                                             : left * ideal_wait_s(t, gain_unknown);
    return std::clamp(wait * spread, test_min_s, test_max_s);
}

double pace_law::proof_s(double gain) const
{
    const double hidden = std::max(1.5 * burst_s_, 2 / rate_) / gain;
    return std::max(
        {proof_min_s,
         4 * meter_.round_trip_s(),
         windows_proof * window_.length_s(),
         std::min(hidden, proof_max_s)}
    );
}

}  // namespace reaper
