// The law of the pace (docs/pace.md), rule by rule. Time is a variable; what a server would do is
// said in a line each.

#include "pacer_course.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

TEST(Pacer, StartsAtTenASecondAndDoublesQuickly)
{
    course c;
    EXPECT_DOUBLE_EQ(c.pace->pace_per_s(), 10);
    c.run_for(2s);
    EXPECT_GT(c.pace->pace_per_s(), 1000);
}

TEST(Pacer, UnusedSpeedProvesNothing)
{
    course c;
    c.held_back = false;
    c.run_for(60s);
    EXPECT_DOUBLE_EQ(c.pace->pace_per_s(), 10);
    EXPECT_FALSE(c.pace->learnt());
}

TEST(Pacer, RequestsAreEvenlySpacedWithoutCreditForIdleTime)
{
    course c;
    c.pace->sent(c.now);
    EXPECT_EQ(c.pace->ready_at(c.now), c.now + 100ms);
    c.now += 10s;
    c.pace->sent(c.now);
    EXPECT_GE(c.pace->ready_at(c.now), c.now + 95ms);
}

TEST(Pacer, FindsALimitToOnePercentWithAFewRefusalsAndHoldsIt)
{
    course c;
    c.fits = window_of(c, 200);
    c.run_for(300s);
    EXPECT_LE(c.silences, 9);
    ASSERT_TRUE(c.pace->learnt());
    EXPECT_NEAR(c.pace->learnt()->per_s, 200, 4);
}

TEST(Pacer, TestsBecomeRarerTheLongerTheLimitStands)
{
    course c;
    c.fits = window_of(c, 50);
    c.run_for(1h);
    const int first = c.silences;
    c.run_for(1h);
    const int second = c.silences - first;
    EXPECT_LE(first, 16);
    EXPECT_LE(second, 8);
    EXPECT_GE(second, 2) << "a raised limit must be noticed";
}

TEST(Pacer, AShortBacklogIsNotRiskedForMoreSpeed)
{
    course c(learnt_pace{.per_s = 100, .at = mono_time{1000s}}, 1000);
    c.run_for(10s);
    EXPECT_NEAR(c.pace->pace_per_s(), 100, 7);
}

TEST(Pacer, OneRefusalOfALongProvedPaceIsNotBelieved)
{
    course c;
    c.fits = window_of(c, 50);
    c.run_for(1h);
    // Until five minutes have passed without a test.
    for (int silences = -1; std::exchange(silences, c.silences) != c.silences;)
        c.run_for(310s);
    const double before = c.pace->learnt()->per_s;
    c.fits = [refused = false]() mutable { return std::exchange(refused, true); };
    c.run_for(1s);
    EXPECT_GT(c.pace->pace_per_s(), 0.97 * before);
}

TEST(Pacer, AHalvedLimitIsFollowed)
{
    course c;
    c.fits = window_of(c, 200);
    c.run_for(900s);
    c.fits = window_of(c, 100);
    c.run_for(120s);
    EXPECT_GT(c.pace->pace_per_s(), 85);
    EXPECT_LT(c.pace->pace_per_s(), 115);
}

TEST(Pacer, ARaisedLimitIsNoticed)
{
    course c;
    c.fits = window_of(c, 100);
    c.run_for(300s);
    c.fits = window_of(c, 1000);
    c.run_for(600s);
    EXPECT_GT(c.pace->pace_per_s(), 700);
}

TEST(Pacer, AHintThatTheLimitWasRaisedIsTestedAtOnceAndAtMostEveryFiveMinutes)
{
    course c;
    c.fits = window_of(c, 100);
    c.run_for(1h);
    const int before = c.silences;
    for (int i = 0; i < 24; ++i) {
        c.pace->may_be_raised(c.now);
        c.run_for(10s);
    }
    EXPECT_GE(c.silences, before + 1);
    EXPECT_LE(c.silences, before + 3) << "one test, and what was due anyway";
    c.run_for(300s);
    c.fits = window_of(c, 1000);
    c.pace->may_be_raised(c.now);
    c.run_for(120s);
    EXPECT_GT(c.pace->pace_per_s(), 500);
}

TEST(Pacer, TheCeilingIsNeverExceeded)
{
    course c;
    c.fits = window_of(c, 200);
    c.pace->set_ceiling(25.0);
    for (int i = 0; i < 600; ++i) {
        c.run_for(1s);
        ASSERT_LE(c.pace->pace_per_s(), 25.0);
    }
    c.pace->set_ceiling(std::nullopt);
    c.run_for(900s);
    EXPECT_GT(c.pace->pace_per_s(), 100) << "and the climb goes on without it";
}

TEST(Pacer, ARememberedPaceIsTheStartAndAnOldOneIsTrustedLess)
{
    const mono_time now{100 * 24h};
    const auto start = [&](duration age) {
        return make_pacer(now, learnt_pace{.per_s = 100, .at = now - age}, 1)->pace_per_s();
    };
    EXPECT_NEAR(start(1min), 100, 0.1);
    EXPECT_LT(start(24h), 91);
    EXPECT_GE(start(90 * 24h), 66);
}

TEST(Pacer, WhatIsLearntCarriesTheInstantOfItsProof)
{
    course c;
    c.fits = window_of(c, 100);
    c.run_for(120s);
    ASSERT_TRUE(c.pace->learnt());
    EXPECT_LE(c.pace->learnt()->at, c.now + 50ms);
    EXPECT_GT(c.pace->learnt()->at, mono_time{1000s});
}

TEST(Pacer, TheWindowIsOneAndAHalfRoundTripsOfThePaceAndFour)
{
    course c(learnt_pace{.per_s = 1000, .at = mono_time{1000s}}, 2000);
    EXPECT_EQ(c.pace->window(), 4U);
    c.run_for(1s);
    EXPECT_NEAR(static_cast<double>(c.pace->window()), 1.5 * c.pace->pace_per_s() * 0.05 + 4, 1.5);
}

TEST(Pacer, AccidentsThatComeAsOftenAtALowerPaceChangeNothing)
{
    course c(learnt_pace{.per_s = 100, .at = mono_time{1000s}}, 1'000'000);
    c.pace->set_ceiling(100);
    c.let_through_behind = 10;
    c.fits = [count = 0]() mutable { return ++count % 1000 != 0; };
    c.run_for(1h);
    EXPECT_GT(c.silences, 200);
    EXPECT_GT(c.pace->pace_per_s(), 97);
}

TEST(Pacer, ABucketThatIsOverdrawnByAHairIsFoundOutByGoingSlower)
{
    // Of one second of burst and 100/s; the pace that is remembered is too much by a hundredth.
    course c(learnt_pace{.per_s = 101, .at = mono_time{1000s}}, 1'000'000);
    c.let_through_behind = 10;
    c.pace->set_ceiling(101);
    c.fits = bucket_of(c, 100, [] { return 100; });
    c.run_for(30min);
    const int before = c.silences;
    c.run_for(30min);
    EXPECT_LE(c.silences - before, 6);
    EXPECT_GT(c.pace->pace_per_s(), 93);
}

TEST(Pacer, AWindowOfAMinuteIsCountedFromItsBeginning)
{
    course c({}, 10'000'000);
    c.fits = window_of(c, 600, 60s);
    c.canary_fits = c.fits;
    c.run_for(10min);
    EXPECT_NEAR(c.pace->pace_per_s(), 10, 0.7);
    const int before = c.silences;
    c.run_for(1h);
    EXPECT_LE(c.silences - before, 25);
    EXPECT_NEAR(c.pace->pace_per_s(), 10, 0.7);
}

TEST(Pacer, TwoDaemonsWhoseCanariesAreRefusedPartByChance)
{
    const mono_time now{1000s};
    const auto first = make_pacer(now, {}, 1);
    const auto second = make_pacer(now, {}, 2);
    mono_time at = now;
    for (const auto* pace : {&first, &second}) {
        (*pace)->sent(at);
        (*pace)->refused(at, {.sent_at = at, .begins = true, .canary = false});
    }
    // A second at first, for a window's beginning is not to be missed by much; then twice as much.
    int apart = 0;
    for (const duration most : {1s, 2s, 4s, 8s, 8s, 8s}) {
        for (const auto* pace : {&first, &second}) {
            (*pace)->refused(at, {.sent_at = at, .begins = true, .canary = true});
            EXPECT_GE((*pace)->ready_at(at), at + 5s);
            EXPECT_LE((*pace)->ready_at(at), at + 5s + most);
        }
        const duration gap = first->ready_at(at) - second->ready_at(at);
        apart += gap > 100ms || gap < -100ms ? 1 : 0;
        at += 14s;
    }
    EXPECT_GE(apart, 4);
}

TEST(Pacer, CanariesThatAreRefusedForAMinuteBecomeRarer)
{
    course c;
    c.pace->refused(c.now, {.sent_at = c.now, .begins = true, .canary = false});
    for (int i = 0; i < 20; ++i) {
        c.now += 5s;
        c.pace->sent(c.now);
        c.pace->refused(c.now, {.sent_at = c.now, .begins = true, .canary = true});
    }
    EXPECT_GE(c.pace->ready_at(c.now), c.now + 55s);
}

TEST(Pacer, TheSameSeedAndAnswersGiveTheSamePace)
{
    course a;
    course b;
    a.fits = window_of(a, 70);
    b.fits = window_of(b, 70);
    a.run_for(1000s);
    b.run_for(1000s);
    EXPECT_EQ(a.pace->pace_per_s(), b.pace->pace_per_s());
    EXPECT_EQ(a.silences, b.silences);
}

}  // namespace
}  // namespace reaper::test
