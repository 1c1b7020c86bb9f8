// Long windows, somebody else who keeps a limit shut, and levels that come back (docs/pace.md,
// rules 6, 8 and 9).

#include "pacer_course.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

// A sliding log: so many in any `length`.
std::function<bool()> log_of(const course& c, std::size_t count, std::chrono::seconds length)
{
    return [&c, count, length, taken = std::make_shared<std::deque<mono_time>>()] {
        while (!taken->empty() && taken->front() + length <= c.now)
            taken->pop_front();
        if (taken->size() >= count)
            return false;
        taken->push_back(c.now);
        return true;
    };
}

TEST(PacerWindows, TwoLivesThatFillAWindowAtDifferentPacesShowIt)
{
    course c;
    c.fits = window_of(c, 1000, 10s);
    c.canary_fits = c.fits;
    c.run_for(200s);
    EXPECT_NEAR(c.pace->pace_per_s(), 98.5, 0.5);
    EXPECT_LE(c.silences, 6);
    ASSERT_TRUE(c.pace->learnt());
    EXPECT_NEAR(c.pace->learnt()->window_s, 10, 0.1);
}

TEST(PacerWindows, ALogThatFreesItsSlotsOneByOneIsNotTakenForItsFirst)
{
    course c;
    c.fits = log_of(c, 6000, 60s);
    c.canary_fits = c.fits;
    c.run_for(5min);
    EXPECT_GT(c.pace->pace_per_s(), 85);
    EXPECT_LT(c.pace->pace_per_s(), 115);
}

TEST(PacerWindows, APaceThatOutlivedAnyWindowIsKeptShutBySomebodyElse)
{
    course c;
    c.fits = window_of(c, 100);
    c.run_for(5min);
    const double before = c.pace->pace_per_s();
    EXPECT_GT(before, 90);
    // Another daemon's canaries prolong the ban.
    int shut = 3;
    c.fits = [&, limit = window_of(c, 100), once = true]() mutable {
        return !std::exchange(once, false) && limit();
    };
    c.canary_fits = [&] { return shut-- <= 0; };
    c.run_for(30s);
    EXPECT_GT(c.pace->pace_per_s(), 0.9 * before);
    EXPECT_EQ(c.pace->learnt()->window_s, 0);
}

TEST(PacerWindows, ALifeThatDoesNotFillWhatWasTakenForAWindowShowsThatItIsNone)
{
    course c;
    c.fits = window_of(c, 100);
    int shut = 4;
    c.canary_fits = [&] { return shut-- <= 0; };
    c.run_for(2min);
    EXPECT_GT(c.pace->pace_per_s(), 60) << "from 100 in 25 s, as a window of these would have it";
}

TEST(PacerWindows, ARefusalWhoseVolleyWasLetThroughIsNoWindows)
{
    course c(learnt_pace{.per_s = 100, .at = mono_time{1000s}});
    c.pace->set_ceiling(100);
    c.let_through_behind = 10;
    c.fits = [count = 0]() mutable { return ++count % 1500 != 0; };
    c.run_for(20min);
    EXPECT_EQ(c.pace->learnt()->window_s, 0);
    EXPECT_GT(c.pace->pace_per_s(), 85);
}

// 100 a second, of which somebody else takes half, for two minutes, and not for two.
struct shared_limit
{
    shared_limit()
    {
        c.fits = [this] {
            if (in != c.now.time_since_epoch() / 1s) {
                in = c.now.time_since_epoch() / 1s;
                taken = in / 120 % 2 == 0 ? 0 : 50;
            }
            return ++taken <= 100;
        };
        c.refused_behind = 5;
    }

    course c;
    std::int64_t in = 0;
    int taken = 0;
};

TEST(PacerWindows, AFallToALevelThatIsRememberedNeedsNoSearch)
{
    shared_limit shared;
    course& c = shared.c;
    // Both levels are known when it has been at each twice.
    int falls = 0;
    int silences_of_falls = 0;
    while (falls < 12) {
        const double before = c.pace->pace_per_s();
        const int silences = c.silences;
        c.run_for(20s);
        if (before < 85 || c.pace->pace_per_s() > 60)
            continue;
        ++falls;
        if (falls > 2)
            silences_of_falls += c.silences - silences;
    }
    EXPECT_LE(silences_of_falls, 15) << "in ten falls";
}

TEST(PacerWindows, NoPaceIsLessThanARequestInTenSeconds)
{
    course c;
    c.fits = [] { return false; };
    c.run_for(10min);
    EXPECT_GE(c.pace->pace_per_s(), 0.1);
}

}  // namespace
}  // namespace reaper::test
