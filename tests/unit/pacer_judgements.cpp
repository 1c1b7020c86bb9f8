// What the law of the pace makes of a refusal, and of what was in flight behind it (docs/pace.md).

#include "pacer_course.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

// From 100/s, with no limit at all, but every 2000th request is refused, and so many behind it are
// let through or refused.
double pace_after_refusals(int let_through_behind, int refused_behind)
{
    course c(learnt_pace{.per_s = 100, .at = mono_time{1000s}});
    c.let_through_behind = let_through_behind;
    c.refused_behind = refused_behind;
    c.fits = [count = 0]() mutable { return ++count % 2000 != 0; };
    c.run_for(10min);
    return c.pace->pace_per_s();
}

TEST(PacerJudgements, ALongVolleyThatWasLetThroughSaysThatTheStepWasNotRefused)
{
    EXPECT_GT(pace_after_refusals(50, 0), 1000);
}

TEST(PacerJudgements, AVolleyThatWasRefusedSaysThatItWas)
{
    EXPECT_LT(pace_after_refusals(0, 50), 200);
}

TEST(PacerJudgements, TheSlotsThatASlidingLogFreesInARampAreNoBucket)
{
    course c;
    c.let_through_behind = 3;
    c.refused_behind = 1000;
    c.fits = [&c] { return c.pace->pace_per_s() < 50'000; };
    while (c.silences == 0)
        c.run_for(10ms);
    // Three in a round trip would be sixty a second.
    EXPECT_GT(c.pace->pace_per_s(), 2000);
}

TEST(PacerJudgements, NorAreTheyWhereAWindowHeldTheRampBack)
{
    // At 1250/s for a second, as 64 in flight are at 51 ms; a second ago it was as fast.
    course c;
    c.pace->set_ceiling(1250);
    c.let_through_behind = 15;
    c.refused_behind = 49;
    const mono_time start = c.now;
    c.fits = [&] { return c.now < start + 3s; };
    while (c.silences == 0)
        c.run_for(10ms);
    // Fifteen in a round trip would be three hundred a second.
    EXPECT_GT(c.pace->pace_per_s(), 700);
}

TEST(PacerJudgements, AStepThatIsRefusedLateSaysNothingOfTheWindowsLength)
{
    course c({}, 60'000);
    c.fits = window_of(c, 1000, 10s);
    c.canary_fits = c.fits;
    c.run_for(5min);
    EXPECT_GT(c.pace->pace_per_s(), 90);
    EXPECT_LT(c.pace->pace_per_s(), 105);
    ASSERT_TRUE(c.pace->learnt());
    EXPECT_LE(c.pace->learnt()->window_s, 15);
}

TEST(PacerJudgements, NoTestIsMadeThatTheWorkLeftCannotRepay)
{
    course c;
    c.fits = window_of(c, 100);
    c.run_for(20min);
    // Not in the middle of a climb.
    for (int silences = -1; std::exchange(silences, c.silences) != c.silences;)
        c.run_for(100s);
    c.pace->backlog(5000);
    const int before = c.silences;
    c.run_for(1h);
    EXPECT_EQ(c.silences, before);
    c.pace->backlog(course::plenty);
    c.run_for(1h);
    EXPECT_GT(c.silences, before) << "and with more work they go on";
}

// Of a strict bucket: one in 20 is refused at a twentieth too much, and all behind it go through.
TEST(PacerJudgements, RefusalsAfterAFewRequestsAreNoAccidents)
{
    course c(learnt_pace{.per_s = 105, .burst_s = 0.05, .at = mono_time{1000s}});
    c.let_through_behind = 8;
    c.fits = bucket_of(c, 3, [] { return 100; });
    c.run_for(2min);
    EXPECT_LE(c.silences, 6);
    EXPECT_GT(c.pace->pace_per_s(), 90);
    EXPECT_LT(c.pace->pace_per_s(), 101);
}

// A limit that falls slowly is followed, however like accidents its refusals are.
TEST(PacerJudgements, AFallInSmallStepsIsNotTakenForAccidents)
{
    course c(learnt_pace{.per_s = 150, .burst_s = 0.05, .at = mono_time{1000s}});
    c.let_through_behind = 8;
    c.fits =
        bucket_of(c, 3, [&c, start = c.now] { return 150 - 0.03 * to_seconds(c.now - start); });
    int silences = 0;
    for (int minutes = 0; minutes < 30; minutes += 5) {
        c.run_for(5min);
        EXPECT_LE(std::exchange(silences, c.silences), c.silences);
        EXPECT_GT(c.pace->pace_per_s(), 0.7 * (150 - 0.03 * 60 * (minutes + 5))) << minutes;
    }
    EXPECT_LE(c.silences, 90);
}

// Accidents are refusals by chance; without a volley they cannot be told from others.
TEST(PacerJudgements, AccidentsWithoutAVolleyTeachNoBurst)
{
    course c(learnt_pace{.per_s = 40, .burst_s = 0.5, .at = mono_time{1000s}});
    c.fits = [&c, limit = window_of(c, 40), left = 1700]() mutable {
        left = left > 0 ? left - 1 : 1900;
        return limit() && left > 0;
    };
    c.run_for(30min);
    ASSERT_TRUE(c.pace->learnt());
    EXPECT_LT(c.pace->learnt()->burst_s, 3);
    EXPECT_GT(c.pace->pace_per_s(), 30);
}

// What is tried after an accident goes slower than the pace that it met, not than one of long ago.
TEST(PacerJudgements, WhatWasSuspectedOfAnOldPaceIsForgottenWhenTheLimitRises)
{
    course c;
    std::function<bool()> limit = window_of(c, 100);
    bool due = false;
    c.fits = [&] {
        const bool refused = !limit();
        const bool accident = std::exchange(due, false) && !refused;
        c.let_through_behind = accident ? 10 : 0;
        c.refused_behind = accident ? 0 : 5;
        return !refused && !accident;
    };
    c.run_for(4min);
    for (int i = 0; i < 2; ++i) {
        due = true;
        c.run_for(1min);
    }
    limit = window_of(c, 200);
    for (int i = 0; i < 18 && c.pace->pace_per_s() < 150; ++i)
        c.run_for(10s);
    c.run_for(100s);
    const double raised = c.pace->pace_per_s();
    EXPECT_GT(raised, 180);
    due = true;
    c.run_for(20s);
    EXPECT_GT(c.pace->pace_per_s(), 0.9 * raised);
}

TEST(PacerJudgements, JitterWidensTheWindow)
{
    const mono_time start{1000s};
    const auto steady = make_pacer(start, learnt_pace{.per_s = 1000, .at = start}, 1);
    const auto shaky = make_pacer(start, learnt_pace{.per_s = 1000, .at = start}, 1);
    for (int i = 0; i < 200; ++i) {
        const mono_time now = start + i * 1ms;
        steady->accepted(now, 5ms, true);
        shaky->accepted(now, i % 4 == 0 ? 14ms : 2ms, true);
    }
    EXPECT_NEAR(static_cast<double>(steady->window()), 1.5 * 1000 * 0.005 + 4, 1.5);
    // What is sent in the longest round trip fits in.
    EXPECT_GT(shaky->window(), steady->window() + 10);
    EXPECT_LT(shaky->window(), 60U) << "and it stays a bound";
}

}  // namespace
}  // namespace reaper::test
