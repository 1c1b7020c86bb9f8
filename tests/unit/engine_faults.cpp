// Every call of a port that can fail fails, once and for a while; and the daemon crashes at every
// call of a port (SPEC P1, P3, P5). The fake world audits each job's log at its end.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

// Thirty tokens with something of everything.
api_reply eventful(const api_request& asked)
{
    if (asked.times > 1)
        return honest(asked);
    switch (asked.number) {
        case 4:
            return says(429);
        case 9:
            return cut(true);
        case 14:
            return says(500);
        case 15:
            return says(400);
        case 20:
            return says(503);
        default:
            return honest(asked);
    }
}

struct eventful_world : fake_world
{
    explicit eventful_world(bool proven = true)
    {
        api = eventful;
        setup().route_proven = proven;
        setup().settings.retry.cap = 2s;
        config.results.reserve = 4096;
        start();
        add(30);
        // Some that are not there: before and after the first 2xx.
        for (const std::uint64_t n : {1U, 2U, 25U})
            campaigns.erase(hex_token(n));
    }

    void expect_well(const std::string& what)
    {
        ASSERT_TRUE(run_to_end()) << what;
        const outcome_counts counts = outcomes();
        EXPECT_EQ(counts.total(), 30U) << what;
        EXPECT_GE(counts[outcome::deleted] + counts[outcome::already_gone], 26U) << what;
        EXPECT_EQ(counts[outcome::unknown], 0U) << what;
        EXPECT_EQ(
            counts[outcome::deleted] + counts[outcome::already_gone] + counts[outcome::not_found] +
                counts[outcome::refused],
            30U
        ) << what;
        EXPECT_LE(campaigns.size(), 1U) << what << ": only the refused one is left";
    }
};

TEST(EngineFaults, WithoutAnyItEnds)
{
    for (const bool proven : {true, false}) {
        eventful_world world(proven);
        world.expect_well("no fault");
        EXPECT_EQ(world.outcomes()[outcome::not_found], 3U);
        EXPECT_EQ(world.outcomes()[outcome::refused], 1U);
    }
}

TEST(EngineFaults, AnyCallThatFailsOnceCostsNothing)
{
    for (const bool proven : {true, false}) {
        for (std::uint64_t nth = 1;; ++nth) {
            eventful_world world(proven);
            world.fail_from = world.fail_upto = nth;
            world.fail_with = nth % 2 == 0 ? ENOSPC : EIO;
            world.expect_well("call " + std::to_string(nth));
            EXPECT_EQ(world.outcomes()[outcome::not_found], 3U);
            if (HasFailure() || world.fallible_calls < nth)
                break;
        }
    }
}

TEST(EngineFaults, CallsThatFailForAWhileStopTheSendingUntilTheyDoNot)
{
    for (std::uint64_t nth = 1;; ++nth) {
        eventful_world world;
        world.fail_from = nth;
        world.fail_upto = ~std::uint64_t{0};
        world.run_for(2min);
        const bool ended = world.fallible_calls < nth;
        if (!ended) {
            const std::size_t sent = world.sent.size();
            world.run_for(2min);
            EXPECT_EQ(world.sent.size(), sent) << "sending has stopped, from call " << nth;
            EXPECT_TRUE(world.reported("cannot ")) << nth;
            EXPECT_FALSE(world.daemon().job_views(world.now()).empty());
            EXPECT_NE(world.view().why, "") << "and says why";
        }
        world.fail_upto = 0;
        world.expect_well("from call " + std::to_string(nth));
        if (HasFailure() || ended)
            break;
    }
}

TEST(EngineFaults, ACrashAtAnyCallLeavesEveryTokenWithOneRecord)
{
    for (const crash_tail tail :
         {crash_tail::lost, crash_tail::kept, crash_tail::torn, crash_tail::nulls}) {
        for (const bool proven : {true, false}) {
            for (std::uint64_t nth = 1;; ++nth) {
                eventful_world world(proven);
                world.crash_at_call = world.calls + nth;
                bool ended = false;
                try {
                    ended = world.run_to_end();
                } catch (const crashed&) {
                    world.crash(tail);
                    world.start();
                }
                world.expect_well("call " + std::to_string(nth));
                if (HasFailure() || ended)
                    break;
            }
        }
    }
}

TEST(EngineFaults, ACrashAtAnyCallOfARecoveryDoesNotMatterEither)
{
    for (std::uint64_t nth = 1; nth < 60; nth += 3) {
        eventful_world world;
        for (int crash = 0; crash < 6; ++crash) {
            world.crash_at_call = world.calls + nth;
            try {
                if (world.run_to_end())
                    break;
            } catch (const crashed&) {
                world.crash(crash % 2 == 0 ? crash_tail::torn : crash_tail::kept);
                world.start();
            }
        }
        world.crash_at_call = 0;
        world.expect_well("every " + std::to_string(nth) + " calls");
    }
}

TEST(EngineFaults, AFailedSyncIsNotFollowedByMoreRequests)
{
    fake_world world;
    world.start();
    world.add(2000);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 500; }));
    world.fail_with = EIO;
    world.fail_from = 0;
    world.fail_upto = ~std::uint64_t{0};
    world.run_for(1s);
    const std::size_t sent = world.sent.size();
    world.run_for(1min);
    EXPECT_EQ(world.sent.size(), sent);
    world.fail_upto = 0;
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineFaults, AJobThatCannotBeMovedIsTriedAgain)
{
    bool met = false;
    for (std::uint64_t nth = 1; nth < 15; ++nth) {
        fake_world world;
        world.start();
        world.add(5);
        ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 5; }));
        world.fail_from = world.fallible_calls + nth;
        world.fail_upto = ~std::uint64_t{0};
        world.run_for(20s);
        met = met || world.reported("cannot be moved to done");
        world.fail_upto = 0;
        ASSERT_TRUE(world.run_to_end(10s));
    }
    EXPECT_TRUE(met);
}

}  // namespace
}  // namespace reaper::test
