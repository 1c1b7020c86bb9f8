// How much is in flight, and servers that close (SPEC 7, P2). The fake world checks at every send
// that the window is 1 until the first clean reply and never above max_window.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

// The most that was in flight at once while the job ran.
std::size_t run_and_watch(fake_world& world)
{
    std::size_t most = 0;
    EXPECT_TRUE(world.run_until([&] {
        most = std::max(most, world.in_flight());
        return !world.daemon().has_jobs();
    }));
    return most;
}

api_script slow(duration round_trip)
{
    return [=](const api_request& asked) {
        api_reply reply = honest(asked);
        reply.delay = round_trip;
        return reply;
    };
}

TEST(EngineWindow, ItFollowsPaceTimesRoundTrip)
{
    fake_world world;
    world.api = slow(500ms);
    world.setup().settings.pace_per_s = 40;
    world.start();
    world.add(1000);
    const std::size_t most = run_and_watch(world);
    EXPECT_GE(most, 19U);
    EXPECT_LE(most, 40U);
    EXPECT_LT(world.since_start(), 35s) << "the pace is reached in spite of the round trip";
}

TEST(EngineWindow, MaxWindowBoundsAConnection)
{
    for (const unsigned bound : {1U, 2U, 16U, 64U}) {
        fake_world world;
        world.api = slow(2s);
        world.setup().settings.max_window = bound;
        world.start();
        world.add(600);
        EXPECT_EQ(run_and_watch(world), bound);
    }
}

TEST(EngineWindow, MoreConnectionsCarryMore)
{
    fake_world world;
    world.api = slow(2s);
    world.setup().settings.max_window = 8;
    world.setup().settings.connections = 3;
    world.start();
    world.add(600);
    EXPECT_EQ(run_and_watch(world), 24U);
    EXPECT_EQ(world.connects.size(), 3U);
}

TEST(EngineWindow, AnyCleanReplyOpensIt)
{
    for (const int status : {400, 404, 429, 500, 503}) {
        fake_world world;
        world.api = [=](const api_request& asked) {
            return asked.number == 1 ? says(status) : slow(10s)(asked);
        };
        world.start();
        world.add(200);
        EXPECT_GT(run_and_watch(world), 4U) << status;
        EXPECT_EQ(world.connects.size(), 1U) << status;
    }
}

TEST(EngineWindow, AWindowThatIsFullWhileThePaceWouldWaitAnywayDoesNotLimitSending)
{
    // A round trip of 40 ms and one at a time: 25/s.
    fake_world world;
    world.api = slow(40ms);
    world.setup().settings.max_window = 1;
    world.start();
    world.add(2000);
    world.run_for(60s);
    EXPECT_GT(world.sent.size(), 1200U) << "it stays at the first pace, 10/s";
}

TEST(EngineWindow, ConnectionCloseAfterEachAnswerCostsNoTokenItsOutcome)
{
    fake_world world;
    world.api = [](const api_request& asked) {
        api_reply reply = honest(asked);
        reply.fields = "Connection: close\r\n";
        reply.then = api_reply::end::close;
        return reply;
    };
    world.start();
    world.add(50);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 50U);
    EXPECT_EQ(world.sent.size(), 50U);
}

// The server closes after k answers, with and without a word, while up to 16 are in flight.
struct closing_server
{
    closing_server(std::uint64_t k, bool says_so, duration late)
    {
        world.setup().settings.max_window = 16;
        world.setup().settings.pace_per_s = 400;
        world.api = [=, this](const api_request& asked) {
            api_reply reply = honest(asked);
            if (asked.ordinal < k)
                return reply;
            if (says_so)
                reply.fields = "Connection: close\r\n";
            if (late == duration{}) {
                reply.then = api_reply::end::close;
                return reply;
            }
            // The close comes a little after the answer.
            const link_id link = asked.link;
            world.at(reply.delay + late, [this, link] { world.close_by_server(link); });
            return reply;
        };
        world.start();
        world.add(400);
    }

    fake_world world;
};

TEST(EngineWindow, AServerThatClosesAfterKAnswersIsLearntAndCostsNoTokenItsOutcome)
{
    for (std::uint64_t k = 1; k <= 20; ++k) {
        for (const bool says_so : {true, false}) {
            closing_server server(k, says_so, {});
            ASSERT_TRUE(server.world.run_to_end()) << k;
            EXPECT_EQ(server.world.outcomes()[outcome::deleted], 400U) << k;
            // Two connections taught it; after that nothing was in flight at a close.
            const std::size_t wasted = server.world.sent.size() - 400;
            EXPECT_LE(wasted, 2U * 16) << k << (says_so ? " said" : "");
            EXPECT_FALSE(server.world.reported("outage"));
        }
    }
}

TEST(EngineWindow, ACloseThatComesAMomentLaterIsLearntToo)
{
    for (const std::uint64_t k : {1U, 7U, 20U}) {
        closing_server server(k, false, 5ms);
        ASSERT_TRUE(server.world.run_to_end()) << k;
        // What the server did before it closed is gone.
        const outcome_counts counts = server.world.outcomes();
        EXPECT_EQ(counts[outcome::deleted] + counts[outcome::already_gone], 400U);
        // A third connection may be open, and full, when the second one teaches it.
        EXPECT_LE(server.world.sent.size() - 400, 3U * 16);
    }
}

TEST(EngineWindow, AServerThatClosesIdleConnectionsIsNotTakenForOneThatCounts)
{
    // Ten tokens at a time, then a pause in which the server closes: twice after ten answers.
    fake_world world;
    world.start();
    for (std::uint64_t i = 0; i < 3; ++i) {
        world.add(10, "job" + std::to_string(i), 1 + 100 * i);
        ASSERT_TRUE(world.run_to_end());
        world.run_for(30s);
        world.close_by_server(world.sent.back().link);
    }
    world.connects.clear();
    world.add(500, "big", 10'000);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.connects.size(), 1U);
}

TEST(EngineWindow, WhatWasLearntIsForgottenWhenAConnectionOutlivesIt)
{
    fake_world world;
    world.setup().settings.pace_per_s = 50;
    bool closes = true;
    world.api = [&](const api_request& asked) {
        api_reply reply = honest(asked);
        if (closes && asked.ordinal == 10)
            reply.then = api_reply::end::close;
        return reply;
    };
    world.start();
    world.add(1000);
    ASSERT_TRUE(world.run_until([&] { return world.connects.size() == 5; }));
    closes = false;
    world.connects.clear();
    ASSERT_TRUE(world.run_to_end());
    // A second's worth of connections, and the one that stays.
    EXPECT_LE(world.connects.size(), 8U);
}

TEST(EngineWindow, AResetWithManyInFlightMakesEachUnknownOnceAndLosesNone)
{
    for (std::uint64_t at = 1; at <= 40; ++at) {
        fake_world world;
        world.setup().settings.pace_per_s = 300;
        world.api = [=, done = false](const api_request& asked) mutable {
            return asked.ordinal == at && !std::exchange(done, true) ? cut(true) : honest(asked);
        };
        world.start();
        world.add(60);
        ASSERT_TRUE(world.run_to_end()) << at;
        EXPECT_EQ(world.outcomes()[outcome::already_gone], 1U) << at;
        EXPECT_EQ(world.outcomes()[outcome::deleted], 59U) << at;
    }
}

}  // namespace
}  // namespace reaper::test
