// What is learnt of a limit is stored while the daemon runs, so that a kill loses little of it
// (docs/journal.md, limits/<id>.json); and P3 is none the weaker for it.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace reaper::test {
namespace {

// Lets `per_s` through in each second of the clock. The rate may be changed while it runs.
api_script limited(std::shared_ptr<double> per_s)
{
    auto second = std::make_shared<std::int64_t>(-1);
    auto count = std::make_shared<double>(0);
    return [=](const api_request& asked) {
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(asked.at.time_since_epoch()).count();
        if (now != std::exchange(*second, now))
            *count = 0;
        return *count + 1 > *per_s ? says(429) : (++*count, honest(asked));
    };
}

struct limited_world : fake_world
{
    explicit limited_world(double per_s) : limit_per_s(std::make_shared<double>(per_s))
    {
        api = limited(limit_per_s);
    }

    [[nodiscard]] limit_state stored() const { return disk.limits.at("key-prod"); }

    // Requests in `span` from the first one on that is sent after now.
    [[nodiscard]] double rate_from_here(duration span)
    {
        const std::size_t before = sent.size();
        EXPECT_TRUE(run_until([&] { return sent.size() > before; }));
        const mono_time from = sent.back().at;
        run_for(span);
        return static_cast<double>(sends_since(from)) / to_seconds(span);
    }

    std::shared_ptr<double> limit_per_s;
};

TEST(EnginePace, AfterAKillSendingBeginsNearThePaceThatWasLearntAfterFiveSeconds)
{
    limited_world world(50);
    world.start();
    world.add(10'000);
    world.run_for(1min);
    ASSERT_TRUE(world.stored().pace_per_s) << "nothing was stored while it ran";
    EXPECT_GT(*world.stored().pace_per_s, 40);
    EXPECT_FALSE(world.stored().clean);
    world.crash();
    world.start();
    const mono_time start = world.now().mono;
    const std::size_t before = world.sent.size();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() > before; }));
    EXPECT_GE(world.sent.back().at - start, 5s);
    EXPECT_GT(world.rate_from_here(3s), 35) << "a ramp would begin at 10/s";
}

TEST(EnginePace, WhatIsLearntIsStoredAtMostEvery15Seconds)
{
    limited_world world(40);
    world.start();
    world.add(20'000);
    for (int minute = 0; minute < 6; ++minute) {
        world.run_for(1min);
        *world.limit_per_s = minute % 2 == 0 ? 16 : 40;
    }
    ASSERT_GE(world.noted_limits.size(), 4U);
    for (std::size_t i = 1; i < world.noted_limits.size(); ++i)
        EXPECT_GE(world.noted_limits[i].first - world.noted_limits[i - 1].first, 15s);
}

TEST(EnginePace, APaceThatDoesNotMoveIsNotStoredAgainExceptForItsDate)
{
    limited_world world(8);
    world.start();
    world.add(20'000);
    world.run_for(10min);
    const std::size_t before = world.noted_limits.size();
    world.run_for(20min);
    EXPECT_LE(world.noted_limits.size() - before, 6U);
    EXPECT_LT(world.now().wall - world.stored().pace_at, 6min)
        << "it was seen to hold all the time";
}

TEST(EnginePace, TheDateOfAPaceThatIsNotUsedStays)
{
    limited_world world(50);
    world.start();
    world.add(3'000);
    ASSERT_TRUE(world.run_to_end());
    const mono_time ended = world.now().mono;
    world.run_for(1h);
    ASSERT_TRUE(world.stop());
    ASSERT_TRUE(world.stored().pace_per_s);
    EXPECT_GE(world.now().wall - world.stored().pace_at, world.now().mono - ended);
}

TEST(EnginePace, ALostNoteLosesThePaceAndNotTheSilence)
{
    limited_world world(50);
    world.notes_arrive = false;
    world.start();
    world.add(20'000);
    world.run_for(2min);
    EXPECT_FALSE(world.noted_limits.empty());
    EXPECT_FALSE(world.stored().pace_per_s);
    world.crash();
    world.start();
    const mono_time start = world.now().mono;
    const std::size_t before = world.sent.size();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() > before; }));
    EXPECT_GE(world.sent.back().at - start, 5s);
}

TEST(EnginePace, ALongSilenceIsInWhatIsNoted)
{
    // The pace is noted again while the limit is shut for an hour; then the process is killed.
    limited_world world(20);
    world.start();
    world.add(5'000);
    world.run_for(1min);
    world.api = [](const api_request&) {
        api_reply reply = says(429);
        reply.fields = "Retry-After: 3600\r\n";
        return reply;
    };
    ASSERT_TRUE(world.run_until([&] { return world.stored().shut_until > world.now().mono + 30min; }
    ));
    const mono_time shut_until = world.stored().shut_until;
    world.run_for(10min);
    world.crash();
    world.api = honest;
    world.start();
    const std::size_t before = world.sent.size();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() > before; }, 2h));
    EXPECT_GE(world.sent.back().at, shut_until);
}

TEST(EnginePace, NothingIsNotedOfALimitThatIsLentOrCleanlyStored)
{
    limited_world world(20);
    world.start();
    world.add(5'000);
    world.run_for(1min);
    world.daemon().limit_wanted("key-prod", world.now());
    ASSERT_TRUE(world.run_until([&] { return !world.yielded_limits.empty(); }));
    const std::size_t noted = world.noted_limits.size();
    world.run_for(10min);
    EXPECT_EQ(world.noted_limits.size(), noted);
    EXPECT_TRUE(world.stored().clean);
}

}  // namespace
}  // namespace reaper::test
