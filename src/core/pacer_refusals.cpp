// The pace downwards: what a refusal says about the limit.

#include "pacer_law.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace reaper {

namespace {

// What the first refusal of the ramp has let through in its last second may lie in two windows.
constexpr double ramp_share = 0.7;
// Just below what was measured.
constexpr double below_measured = 0.97;
// The steps upwards from a guess: the first, where nothing better is known, and the largest; and
// the gain that its own proof is made for.
constexpr double guess_growth = 0.12;
constexpr double guess_growth_ramp = 0.15;
constexpr double guess_growth_volley = 0.1;
constexpr double guess_growth_max = 0.3;
constexpr double guess_gain = 0.3;
// Bounds of what is taken for burst, in seconds: the least, and what a doubt begins with.
constexpr double burst_min_s = 0.05;
constexpr double burst_doubt_s = 0.6;
// Strikes are forgotten after this.
constexpr double strikes_last_s = 60;
// A rate that was held for so long is not doubted for one refusal.
constexpr double proved_long_s = 300;
// What is refused sooner than this may have been too much from the beginning.
constexpr double asked_after_s = 30;
// What one refusal takes off a rate that was not held for so long.
constexpr double doubt_min = 0.002;
// A window of a second refuses within it, however much too fast we are.
constexpr double window_like_s = 1.5;
// After so many refused canaries they become rarer, down to one a minute: a quota of a day,
// perhaps.
constexpr int canaries_patient = 12;
constexpr double canary_wait_max_s = 60;
// The silence that the gate keeps, too. Canaries are parted by chance: a second at first, twice as
// much each time, up to this.
constexpr double silence_s = 5;
constexpr double canary_spread_s = 1;
constexpr double canary_spread_max_s = 8;
// The beginning of a window is seen with the canary, up to five seconds late: the pace stays so
// much below.
constexpr double window_share = 0.985;

// What few requests say is doubtful: a first step of less would be within what chance does.
double doubt(double count)
{
    return 0.5 / std::sqrt(std::max(count, 1.0));
}

}  // namespace

void pace_law::refused(mono_time now, const refusal& what)
{
    const double t = seconds(now);
    if (what.canary) {
        ++shut_canaries_;
        shut_at_ = t;
        next_at_ = now + seconds_of(canary_wait_s());
        return;
    }
    if (!what.begins) {
        meter_.refused_behind();
        return;
    }
    meter_.refused_first(t, to_seconds(now - what.sent_at));
    first_refused_ = !heard_;
    in_silence_ = true;
    refused_at_ = t;
    refused_rate_ = rate_;
    refused_set_at_ = set_at_;
    shut_canaries_ = 0;
}

// Before the next canary, from the refusal of the last. Several daemons whose canaries prolong each
// other's ban would do so for ever, without chance: they are parted by more each time.
double pace_law::canary_wait_s()
{
    if (shut_canaries_ > canaries_patient)
        return std::min(
            canary_wait_max_s, silence_s * std::exp2(shut_canaries_ - canaries_patient)
        );
    const double spread =
        std::min(canary_spread_max_s, canary_spread_s * std::exp2(shut_canaries_ - 1));
    return silence_s + std::uniform_real_distribution<double>(0, spread)(dice_);
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
    next_at_ = std::max(next_at_, sent_at_ + seconds_of(1 / rate_));
}

// What the refusal that the silence followed says.
void pace_law::judge(double t)
{
    if (first_refused_) {
        // Nothing was let through yet: somebody else had used up the limit, or we had, before a
        // restart. That says nothing of the pace.
        first_refused_ = false;
        set_at_ = t;
        return;
    }
    const long_window::life life{
        .now = t,
        .refused_at = refused_at_,
        .shut_at = shut_at_,
        .canaries = shut_canaries_,
        .pace = refused_rate_,
        .kept_s = refused_at_ - refused_set_at_};
    switch (window_.ended(life, meter_)) {
        case long_window::says::not_yet:
            set_at_ = t;
            return;
        case long_window::says::filled:
            window_filled(t);
            return;
        case long_window::says::nothing:
            break;
    }
    // While a rate is being proved, it is taken for its fault; unless accidents are known to
    // happen, or the volley says that it was none.
    if (is_accident() && (mode_ == mode::hold || is_immune(t) || rules_out_the_step())) {
        if (overdrawn_again())
            overdrawn(t);
        else
            accident(t);
        return;
    }
    soon_overdrawn_ = 0;
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

// All of a window was ours, from its beginning to its last request: this is the limit.
void pace_law::window_filled(double t)
{
    const double limit = window_.limit_per_s();
    if (!window_.is_confirmed()) {
        // Going too fast for a window costs nothing: it lets through the same, sooner. That is
        // what confirms it, and what outlives it disproves it.
        guess(t, limit, guess_growth);
        set(t, limit * (1 + guess_growth), mode::climb, guess_gain);
        return;
    }
    proved_ = std::min(refused_rate_, limit) * window_share;
    refused_ = limit;
    testing_ = false;
    learn(t);
    if (std::abs(proved_ / level_ - 1) > moved_share)
        noticed(t, proved_);
    hold(t);
}

void pace_law::guess(double t, double rate, double growth)
{
    refused_ = mode_ != mode::ramp && window_.length_s() == 0 ? refused_rate_ : 0;
    proved_ = 0;
    safe_ = 0;
    growth_ = std::max(growth, doubt(meter_.life_count()));
    growth_max_ = std::max(guess_growth_max, growth_);
    testing_ = false;
    noticed(t, std::min(rate, below_measured * refused_rate_));
    base_ = 0;
    excess_s_ = 0;
    set(t, level_, mode::climb, guess_gain);
}

void pace_law::refused_in_ramp(double t)
{
    const double last_second = std::max(1.0, meter_.let_through(refused_at_, 1));
    if (const double rate = bucket_rate(last_second); rate > 0) {
        guess(t, rate * (1 - 0.5 / std::sqrt(meter_.volley_let_through())), guess_growth_volley);
        return;
    }
    guess(t, ramp_share * std::min(last_second, refused_rate_), guess_growth_ramp);
    if (was_shut_out() && last_second * meter_.volley_span_s() >= volley_shut) {
        // It let through this much at most.
        refused_ = last_second;
        burst_s_ = burst_window_s;
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
    // From a rate that had not been held for long, the burst may have been used up already. And
    // whoever is refused within a second may have met a window, which lets a second of anything
    // through.
    const double least = base_held_ ? 0.5 * burst_s_ : burst_s_;
    const double most = lived < window_like_s ? burst_s_ : std::min(burst_max_s, 2 * burst_s_);
    if (!moved)
        learn_burst(std::clamp(std::max(excess_s_, least), burst_min_s, std::max(burst_min_s, most))
        );
    if (!moved && testing_ && base_held_ && base_ > 0 && proved_ > base_ &&
        proved_ < level_ratio * base_ && excess_s_ < 2 * burst_s_)
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
    strikes_ += clean || shut_canaries_ > 0 ? 0.5 : 1;
    if (strikes_ >= 2) {
        fall(t);
        return;
    }
    const double held = refused_at_ - refused_set_at_;
    // It was somebody else's test, perhaps. It says what ours would have said.
    if (!clean && held > asked_after_s)
        test_at_ = std::max(test_at_, t + test_wait_s(t));
    if (held < level_min_s && safe_ > 0 && proved_ > safe_ && proved_ < 1.5 * safe_) {
        // It was no raise: burst hid it.
        refused_ = refused_rate_;
        learn_burst(std::clamp(2 * burst_s_, burst_doubt_s, burst_max_s));
        proved_ = safe_;
        hold(t);
        return;
    }
    if (!clean && meter_.volley_refused() >= volley_min && lower_.until > t) {
        // It fell before, and where to is remembered.
        fall(t);
        return;
    }
    if (held < proved_long_s) {
        // Burst may have hidden an overshoot that was taken for proved.
        // Without a volley it may as well have been an accident, and bursts that were learnt from
        // accidents would make every proof a long one.
        const bool says = meter_.volley_refused() + meter_.volley_let_through() >= volley_min;
        if (says && held < level_min_s && (!clean || meter_.life_s() < 30))
            learn_burst(std::clamp(2 * burst_s_, burst_doubt_s, burst_max_s));
        const double hidden = burst_s_ / (meter_.life_s() + burst_s_);
        proved_ *= 1 - std::clamp(hidden, doubt_min, 0.1);
        if (proved_ < (1 - moved_share) * level_)
            noticed(t, proved_);
        refused_ = refused_ > 0 ? std::min(refused_, refused_rate_) : refused_rate_;
    }
    hold(t);
}

void pace_law::fall(double t)
{
    strikes_ = 0;
    // What was only guessed is no level.
    if (mode_ == mode::hold && (t - noticed_at_ > level_min_s || lower_.until > t)) {
        upper_ = {.held = refused_rate_, .refused = refused_, .until = t + level_memory_s};
    }
    // Unless what was let through behind the refusal says that the limit is nearer to the pace.
    const double nearer = std::max(volley_rate(), window_.let_through_per_s(meter_, refused_at_));
    const level lower = std::exchange(lower_, {});
    if (lower.until > t && lower.held < 0.9 * refused_rate_ &&
        nearer < std::sqrt(lower.held * refused_rate_)) {
        proved_ = lower.held;
        refused_ = lower.refused;
        safe_ = 0;
        testing_ = false;
        noticed(t, proved_);
        test_at_ = 0;  // the interval of the old level says nothing of the next one
        hold(t);
        return;
    }
    guess(t, below_measured * measured(), guess_growth);
}

}  // namespace reaper
