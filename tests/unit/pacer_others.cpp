// Somebody else on the same key: another daemon, another tool, or this one before a restart
// (docs/pace.md, rules 5, 6 and 9).

#include "pacer_course.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

// The first request and so many canaries come while somebody else's refusal keeps the limit shut.
void start_in_a_ban(course& c, std::function<bool()> limit, int canaries)
{
    c.fits = [limit, first = true]() mutable { return !std::exchange(first, false) && limit(); };
    c.canary_fits = [limit, canaries]() mutable { return canaries-- <= 0 && limit(); };
}

TEST(PacerOthers, WhoIsRefusedAtOnceHasLearntNothing)
{
    course c;
    start_in_a_ban(c, window_of(c, 1000), 2);
    c.run_for(18s);
    EXPECT_EQ(c.silences, 2) << "of the first request, and of the ramp";
    EXPECT_GT(c.pace->pace_per_s(), 500);
}

TEST(PacerOthers, ARememberedPaceOutlivesARefusalOfItsFirstRequest)
{
    course c(learnt_pace{.per_s = 1000, .at = mono_time{1000s}});
    start_in_a_ban(c, window_of(c, 1000), 1);
    c.run_for(12s);
    EXPECT_GT(c.pace->pace_per_s(), 900);
}

// Two lives that somebody else ended, and kept shut for 20 s and more each.
TEST(PacerOthers, AWindowThatOneLifeSeemedToFillIsGivenUpWhenMoreIsLetThrough)
{
    course c;
    int lives = 0;
    int count = 0;
    int shut = 0;
    c.fits = [&, limit = window_of(c, 1000)] {
        if (lives < 2 && ++count > 400 + 50 * lives) {
            ++lives;
            count = 0;
            shut = 4;
            return false;
        }
        return limit();
    };
    c.canary_fits = [&] { return shut-- <= 0; };
    c.run_for(3min);
    EXPECT_EQ(lives, 2);
    EXPECT_GT(c.pace->pace_per_s(), 800) << "from 450 in 25 s, as a window of these would have it";
    EXPECT_EQ(c.pace->learnt()->window_s, 0);
}

// Somebody else's tests refuse what was held for long. They say what our own would have said.
TEST(PacerOthers, ARefusalOfWhatWasHeldIsAsGoodAsATest)
{
    course c;
    c.refused_behind = 5;
    c.fits = window_of(c, 100);
    c.run_for(5min);
    int theirs = 0;
    c.fits = [&, limit = window_of(c, 100), next = c.now + 100s]() mutable {
        if (c.now < next)
            return limit();
        next = c.now + 100s;
        ++theirs;
        return false;
    };
    const int before = c.silences;
    c.run_for(30min);
    EXPECT_GE(theirs, 15);
    EXPECT_LE(c.silences - before - theirs, 2) << "tests of our own";
}

}  // namespace
}  // namespace reaper::test
