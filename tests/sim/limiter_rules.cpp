// Each shape of limit gives what its name says, and the ban is as rude as it can be.

#include "rate_limiter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reaper::test {
namespace {

constexpr mono_time start{1h};

limit_shape shape_of(limiter_shape kind, double rate_per_s, duration window = 1s)
{
    limit_shape shape;
    shape.kind = kind;
    shape.rate_per_s = rate_per_s;
    shape.window = window;
    return shape;
}

std::uint64_t passed(rate_limiter& limit, mono_time at, std::uint64_t asked)
{
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < asked; ++i)
        count += limit.take(at) ? 1U : 0U;
    return count;
}

TEST(RateLimiter, NoneLetsEverythingPass)
{
    rate_limiter limit({}, start);
    EXPECT_EQ(passed(limit, start, 10'000), 10'000u);
}

TEST(RateLimiter, FixedWindowLetsItsNumberPassInEachWindow)
{
    rate_limiter limit(shape_of(limiter_shape::fixed_window, 5, 10s), start);
    EXPECT_EQ(passed(limit, start + 1s, 100), 50u);
    EXPECT_EQ(passed(limit, start + 9'999ms, 100), 0u);
    EXPECT_EQ(passed(limit, start + 10s, 100), 50u);
}

TEST(RateLimiter, FixedWindowBeganBeforeTheStartByItsPhase)
{
    limit_shape shape = shape_of(limiter_shape::fixed_window, 5, 10s);
    shape.phase = 7s;
    rate_limiter limit(shape, start);
    EXPECT_EQ(passed(limit, start, 100), 50u);
    EXPECT_EQ(passed(limit, start + 2'999ms, 100), 0u);
    EXPECT_EQ(passed(limit, start + 3s, 100), 50u);
}

TEST(RateLimiter, SlidingLogHoldsInEverySpanOfItsLength)
{
    rate_limiter limit(shape_of(limiter_shape::sliding_log, 20, 10s), start);
    random_source random(1);
    std::vector<mono_time> let_pass;
    mono_time now = start;
    for (int i = 0; i < 20'000; ++i) {
        now += random.upto(random.one_in(500) ? 8s : 20ms);
        if (limit.take(now))
            let_pass.push_back(now);
    }
    ASSERT_GT(let_pass.size(), 1'000u);
    for (std::size_t i = 200; i < let_pass.size(); ++i)
        ASSERT_GE(let_pass[i] - let_pass[i - 200], 10s);
}

TEST(RateLimiter, SlidingLogThatCountsRefusalsStaysShutUntilTheyStop)
{
    limit_shape shape = shape_of(limiter_shape::sliding_log, 10, 1s);
    shape.counts_refused = true;
    rate_limiter limit(shape, start);
    EXPECT_EQ(passed(limit, start, 20), 10u);
    mono_time now = start;
    for (; now < start + 30s; now += 50ms)
        static_cast<void>(limit.take(now));
    EXPECT_EQ(passed(limit, now, 1), 0u);
    EXPECT_EQ(passed(limit, now + 1s, 20), 10u);
}

TEST(RateLimiter, TokenBucketGivesItsBurstAndThenItsRate)
{
    limit_shape shape = shape_of(limiter_shape::token_bucket, 10);
    shape.burst = 10s;
    rate_limiter limit(shape, start);
    EXPECT_EQ(passed(limit, start, 1'000), 100u);
    EXPECT_EQ(passed(limit, start + 99ms, 10), 0u);
    EXPECT_EQ(passed(limit, start + 100ms, 10), 1u);
    EXPECT_EQ(passed(limit, start + 1'100ms, 100), 10u);
    EXPECT_EQ(passed(limit, start + 1h, 1'000), 100u);
}

TEST(RateLimiter, GcraGivesTwoAtOnceAndThenOneEachInterval)
{
    rate_limiter limit(shape_of(limiter_shape::gcra, 10), start);
    EXPECT_EQ(passed(limit, start, 10), 2u);
    EXPECT_EQ(passed(limit, start + 99ms, 10), 0u);
    EXPECT_EQ(passed(limit, start + 100ms, 10), 1u);
}

TEST(RateLimiter, EveryShapeGivesItsRateInTheLongRun)
{
    const limiter_shape kinds[] = {
        limiter_shape::fixed_window,
        limiter_shape::sliding_log,
        limiter_shape::token_bucket,
        limiter_shape::gcra};
    for (const limiter_shape kind : kinds) {
        for (const duration window : {duration(1s), duration(10s), duration(60s)}) {
            rate_limiter limit(shape_of(kind, 50, window), start);
            std::uint64_t count = 0;
            for (mono_time now = start; now < start + 20min; now += 3ms)
                count += limit.take(now) ? 1U : 0U;
            EXPECT_NEAR(static_cast<double>(count) / 1'200, 50, 1.5)
                << static_cast<int>(kind) << ' ' << to_seconds(window);
        }
    }
}

TEST(RateLimiter, BanIsExtendedByEachRequestWithinFiveSecondsOfARefusal)
{
    limit_shape shape = shape_of(limiter_shape::fixed_window, 10);
    shape.bans = true;
    rate_limiter limit(shape, start);
    EXPECT_EQ(passed(limit, start, 11), 10u);
    EXPECT_FALSE(limit.take(start + 4'999ms));
    EXPECT_FALSE(limit.take(start + 9'998ms));
    EXPECT_TRUE(limit.take(start + 14'998ms));
}

TEST(RateLimiter, WithoutABanAWindowIsAsGoodAsNew)
{
    rate_limiter limit(shape_of(limiter_shape::fixed_window, 10), start);
    EXPECT_EQ(passed(limit, start, 11), 10u);
    EXPECT_EQ(passed(limit, start + 1s, 11), 10u);
}

TEST(RateLimiter, RefusalOfAnotherCauseBansToo)
{
    limit_shape shape = shape_of(limiter_shape::token_bucket, 10);
    shape.bans = true;
    rate_limiter limit(shape, start);
    limit.note_refusal(start);
    EXPECT_FALSE(limit.take(start + 1s));
    EXPECT_TRUE(limit.take(start + 6s));
}

TEST(RateLimiter, RivalUsesUpTheLimitButNeitherStartsNorMeetsTheBan)
{
    limit_shape shape = shape_of(limiter_shape::fixed_window, 10);
    shape.bans = true;
    rate_limiter limit(shape, start);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(limit.take_for_rival(start), i < 10);
    EXPECT_TRUE(limit.take(start + 1s));
    for (int i = 0; i < 20; ++i)
        static_cast<void>(limit.take_for_rival(start + 1s));
    EXPECT_FALSE(limit.take(start + 1s));
    EXPECT_TRUE(limit.take_for_rival(start + 2s));
}

}  // namespace
}  // namespace reaper::test
