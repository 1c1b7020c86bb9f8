// The shapes of limits, on a clock that is a variable.

#include "sandbox/limiter.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace std::chrono_literals;
using sandbox::limit_options;
using sandbox::limit_shape;
using sandbox::limiter;
using sandbox::mono_time;

namespace {

// A whole number of seconds, so that windows of a second begin at it.
const mono_time t0 = mono_time(1000s);

// How many of `count` requests at one instant are let pass.
int admitted(limiter& lim, int count, mono_time now)
{
    int passed = 0;
    for (int i = 0; i < count; ++i)
        passed += lim.admit(now) ? 1 : 0;
    return passed;
}

}  // namespace

TEST(SandboxLimiter, FixedCountsAfreshWithEachWindow)
{
    limiter lim(limit_options{.rate_per_s = 10, .shape = limit_shape::fixed});

    EXPECT_EQ(admitted(lim, 20, t0 + 900ms), 10);
    EXPECT_EQ(admitted(lim, 20, t0 + 999ms), 0);
    EXPECT_EQ(admitted(lim, 20, t0 + 1000ms), 10);
}

TEST(SandboxLimiter, FixedWindowsBeginAtThePhase)
{
    limiter lim(limit_options{.rate_per_s = 10, .shape = limit_shape::fixed}, 300ms);

    EXPECT_EQ(admitted(lim, 20, t0 + 699ms), 10);
    EXPECT_EQ(admitted(lim, 20, t0 + 700ms), 10);
    EXPECT_EQ(admitted(lim, 20, t0 + 1000ms), 0);
}

TEST(SandboxLimiter, FixedWindowMayBeLonger)
{
    limiter lim(limit_options{.rate_per_s = 1, .shape = limit_shape::fixed, .window = 10s});

    EXPECT_EQ(admitted(lim, 20, t0), 10);
    EXPECT_EQ(admitted(lim, 20, t0 + 9s), 0);
    EXPECT_EQ(admitted(lim, 20, t0 + 10s), 10);
}

TEST(SandboxLimiter, RateBelowOneRequestPerWindowLengthensTheWindow)
{
    limiter lim(limit_options{.rate_per_s = 0.5, .shape = limit_shape::fixed});

    EXPECT_EQ(admitted(lim, 5, t0), 1);
    EXPECT_EQ(admitted(lim, 5, t0 + 1s), 0);
    EXPECT_EQ(admitted(lim, 5, t0 + 2s), 1);
}

TEST(SandboxLimiter, SlidingHoldsForEveryStretchOfTheWindow)
{
    limiter lim(limit_options{.rate_per_s = 10, .shape = limit_shape::sliding});

    EXPECT_EQ(admitted(lim, 5, t0), 5);
    EXPECT_EQ(admitted(lim, 20, t0 + 900ms), 5);
    EXPECT_EQ(admitted(lim, 20, t0 + 999ms), 0);
    EXPECT_EQ(admitted(lim, 20, t0 + 1000ms), 5);
    EXPECT_EQ(admitted(lim, 20, t0 + 1899ms), 0);
    EXPECT_EQ(admitted(lim, 20, t0 + 1900ms), 5);
}

TEST(SandboxLimiter, BucketStartsFullAndFillsAtTheRate)
{
    limiter lim(limit_options{.rate_per_s = 10, .shape = limit_shape::bucket, .burst = 30});

    EXPECT_EQ(admitted(lim, 50, t0), 30);
    EXPECT_EQ(admitted(lim, 50, t0 + 99ms), 0);
    EXPECT_EQ(admitted(lim, 50, t0 + 100ms), 1);
    EXPECT_EQ(admitted(lim, 50, t0 + 1100ms), 10);
    EXPECT_EQ(admitted(lim, 50, t0 + 60s), 30);
}

TEST(SandboxLimiter, LeakyAsksForSpacingWithLittleTolerance)
{
    limiter slow(limit_options{.rate_per_s = 10, .shape = limit_shape::leaky});
    EXPECT_EQ(admitted(slow, 5, t0), 2);
    EXPECT_EQ(admitted(slow, 5, t0 + 99ms), 0);
    EXPECT_EQ(admitted(slow, 5, t0 + 100ms), 1);

    limiter fast(limit_options{.rate_per_s = 1000, .shape = limit_shape::leaky});
    EXPECT_EQ(admitted(fast, 100, t0), 31);  // 30 ms of tolerance, and the one that is due
    EXPECT_EQ(admitted(fast, 100, t0 + 1s), 31);
}

TEST(SandboxLimiter, EveryShapeKeepsTheRateOverALongRun)
{
    for (const auto shape :
         {limit_shape::fixed, limit_shape::sliding, limit_shape::bucket, limit_shape::leaky}) {
        limiter lim(limit_options{.rate_per_s = 20, .shape = shape, .burst = 20});
        int passed = 0;
        for (int ms = 0; ms < 100'000; ++ms)
            passed += admitted(lim, 1, t0 + std::chrono::milliseconds(ms));
        EXPECT_GE(passed, 1990) << static_cast<int>(shape);
        EXPECT_LE(passed, 2025) << static_cast<int>(shape);
    }
}

TEST(SandboxLimiter, BanRefusesAndIsExtendedByWhoeverComesTooSoon)
{
    limiter lim(limit_options{.rate_per_s = 1, .shape = limit_shape::fixed, .ban = true});

    EXPECT_EQ(admitted(lim, 2, t0), 1);    // the second is refused: banned until 5 s
    EXPECT_FALSE(lim.admit(t0 + 4999ms));  // extends it to 9.999 s
    EXPECT_FALSE(lim.admit(t0 + 9998ms));  // and to 14.998 s
    EXPECT_TRUE(lim.admit(t0 + 9998ms + 5s));
}

TEST(SandboxLimiter, WithoutBanARefusalIsForgottenAtOnce)
{
    limiter lim(limit_options{.rate_per_s = 1, .shape = limit_shape::fixed});

    EXPECT_EQ(admitted(lim, 2, t0), 1);
    EXPECT_TRUE(lim.admit(t0 + 1s));
}

TEST(SandboxLimiter, InjectedRefusalStartsTheBanToo)
{
    limiter lim(limit_options{.rate_per_s = 1, .shape = limit_shape::fixed, .ban = true});

    lim.note_refusal(t0);
    EXPECT_FALSE(lim.admit(t0 + 1s));
    EXPECT_TRUE(lim.admit(t0 + 6s));
}
