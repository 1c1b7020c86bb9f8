// One refusal among many that went through: an accident, or a bucket that is overdrawn by a hair.

#include "pacer_law.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reaper {

namespace {

// A volley of so many says that one refusal among them may have been an accident.
constexpr double volley_large = 5;
// An overshoot that would have shown so often in it is ruled out; and what a guess is suspected of.
constexpr double overshoots_seen = 2;
constexpr double guess_suspected = 0.3;
// How long accidents are in coming, on average: the share of the last one.
constexpr double accident_share = 0.3;
// After accidents the pace goes these shares slower, one after the other, to see whether they come
// again ...
constexpr std::array<double, 5> trial_steps = {0.005, 0.015, 0.03, 0.06, 0.1};
// ... in less than so many times the usual time; for so long nothing else is tried, or for four
// minutes. If they do at the last one, too, they are no fault of ours, and nothing is tried for a
// while.
constexpr double trial_helped = 4;
constexpr double trial_max_s = 240;
constexpr double immune_min_s = 600;
constexpr double immune_lives = 30;
// But those that come in less than this share of their usual time may be our fault: one may be
// chance.
constexpr double immune_share = 0.25;
constexpr int soon_again_max = 3;
// None of ours are those that are in coming for less than so many times the usual time, on average,
// at all the slower paces. Where the limit falls they are in coming for longer, though they come.
constexpr double trial_no_help = 1.5;
// So many in a row, each after fewer requests than this, are no accidents. Whoever goes a share g
// too fast has one request in 1/g refused; the pace goes twice that slower, a tenth at most.
constexpr int overdrawn_lives = 2;
constexpr double overdrawn_count = 100;
constexpr double overdrawn_share = 2;
constexpr double overdrawn_max = 0.1;

}  // namespace

// One was refused, and all of a volley behind it went through: an overshoot does that only if it is
// smaller than one request of the volley.
bool pace_law::is_accident() const
{
    return meter_.volley_refused() == 0 && meter_.volley_let_through() >= volley_large;
}

// Whoever goes a share g too fast has one request refused in about 1/g: a long volley of which all
// was let through says that the step was not it.
bool pace_law::rules_out_the_step() const
{
    const double suspected = proved_ > 0 ? refused_rate_ / proved_ - 1 : guess_suspected;
    return meter_.volley_let_through() * suspected >= overshoots_seen;
}

// Accidents are known to happen, and this one was due.
bool pace_law::is_immune(double t) const
{
    return t < immune_until_ && meter_.life_s() > immune_share * immune_life_;
}

// Again and again after a few requests: a bucket has been overdrawn, by more than a hair.
bool pace_law::overdrawn_again()
{
    soon_overdrawn_ = meter_.life_count() < overdrawn_count ? soon_overdrawn_ + 1 : 0;
    return soon_overdrawn_ >= overdrawn_lives;
}

void pace_law::overdrawn(double t)
{
    immune_until_ = 0;
    trial_from_ = 0;
    if (mode_ == mode::climb && proved_ > 0) {
        refused_in_test(t);
        return;
    }
    const double share = overdrawn_share / std::max(meter_.life_count(), 1.0);
    const double slower = refused_rate_ * (1 - std::min(overdrawn_max, share));
    if (mode_ != mode::hold) {
        guess(t, slower, overdrawn_max);
        return;
    }
    proved_ = slower;
    refused_ = refused_rate_;
    if (proved_ < (1 - moved_share) * level_)
        noticed(t, proved_);
    hold(t);
}

// One was refused, and all behind it went through: either for no reason, or because a bucket is
// overdrawn by a hair. The difference shows when we go a little slower: the first kind comes as
// often as before, the second no more.
void pace_law::accident(double t)
{
    const double lived = refused_at_ - refused_set_at_;
    const double life = meter_.life_s();
    // It interrupts a proof and does not void it.
    set_at_ = t - lived;
    const double mean = accident_life_;
    accident_life_ = mean == 0 ? life : mean + (life - mean) * accident_share;
    if (mode_ != mode::hold || is_immune(t)) {
        soon_again_ = 0;
        return;
    }
    // Too soon, again and again: these are others.
    if (t < immune_until_ && ++soon_again_ < soon_again_max)
        return;
    immune_until_ = 0;
    if (trial_from_ > 0 && life < trial_helped * trial_life_) {
        ++trial_;
        trial_lives_s_ += life;
        // A larger step than the volley leaves room for would try nothing.
        if (trial_ < trial_steps.size() &&
            trial_steps[trial_] * meter_.volley_let_through() < overshoots_seen) {
            try_slower(t);
            return;
        }
        if (trial_lives_s_ > trial_no_help * static_cast<double>(trial_) * trial_life_) {
            trial_from_ = 0;
            hold(t);
            return;
        }
        proved_ = std::exchange(trial_from_, 0);
        immune_until_ = t + std::max(immune_min_s, immune_lives * trial_life_);
        immune_life_ = trial_life_;
        hold(t);
        return;
    }
    // Once is chance.
    trial_from_ = 0;
    if (mean == 0 || life > trial_helped * mean)
        return;
    trial_from_ = proved_;
    trial_life_ = accident_life_;
    trial_ = 0;
    trial_lives_s_ = 0;
    refused_ = trial_from_;
    try_slower(t);
}

// Nothing else is tried until it is clear whether that has helped: a step that is refused meanwhile
// would be taken for an accident.
void pace_law::try_slower(double t)
{
    proved_ = trial_from_ * (1 - trial_steps[trial_]);
    hold(t);
    const double until = t + std::min(trial_helped * trial_life_, trial_max_s);
    test_at_ = std::max(test_at_, until);
    narrow_at_ = std::max(narrow_at_, until);
}

}  // namespace reaper
