// Big jobs: what a token costs the engine, in calls and in memory that waits.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace reaper::test {
namespace {

// To measure: REAPER_TOKENS=100000 with an optimised build.
std::size_t tokens_wanted()
{
    const char* wanted = std::getenv("REAPER_TOKENS");
    return wanted != nullptr ? std::stoul(wanted) : 20'000;
}

TEST(EngineLoad, ABigJobRunsAtItsPaceAndCostsFewCallsPerToken)
{
    fake_world world;
    world.setup().settings.pace_per_s = 1000;
    world.start();
    const std::size_t tokens = tokens_wanted();
    world.add(tokens);
    ASSERT_TRUE(world.run_to_end(24h));
    EXPECT_EQ(world.outcomes()[outcome::deleted], tokens);
    // One send and at most one flush a token, and a little for marks and syncs.
    EXPECT_LT(world.calls, tokens * 5 / 2);
    EXPECT_LT(world.since_start(), std::chrono::milliseconds(tokens) * 12 / 10 + 10s);
}

TEST(EngineLoad, ARequestAtASlowPaceTakesATurnToSendAndATurnToAnswer)
{
    fake_world world;
    world.setup().settings.pace_per_s = 100;
    // Between two requests, and now a little sooner, now a little later.
    world.api = [n = 0](const api_request& asked) mutable {
        api_reply reply = honest(asked);
        reply.delay = 43ms + ++n % 3 * 1ms;
        return reply;
    };
    world.start();
    world.add(2'000);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() > 500; }));
    const std::uint64_t turns = world.turns;
    const std::size_t sent = world.sent.size();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= sent + 1000; }));
    // Nearly 20 times a second a sync ends, which began in a turn of the others; 4 times a mark.
    EXPECT_LT(world.turns - turns, 2300U);
}

TEST(EngineLoad, ABigDryRunIsWrittenInSlicesThatTheDiskKeepsUpWith)
{
    fake_world world;
    world.start();
    const std::size_t tokens = tokens_wanted();
    world.add({.tokens = some_tokens(tokens), .dry_run = true});
    ASSERT_TRUE(world.run_to_end(1h));
    EXPECT_EQ(world.outcomes()[outcome::would_delete], tokens);
    EXPECT_LT(world.calls, tokens / 10);
}

TEST(EngineLoad, ManyHeldJobsCostNothingWhileOneRuns)
{
    fake_world world;
    world.start();
    for (std::uint64_t i = 0; i < 200; ++i) {
        job_spec spec{
            .id = "held" + std::to_string(i),
            .tokens = some_tokens(2, 1'000'000 + 10 * i),
            .holds = {{.id = 1, .cause = hold_cause::option, .reason = "look", .since = {}}}};
        world.add(spec);
    }
    world.add(2000, "runs", 1);
    ASSERT_TRUE(world.run_until([&] { return world.is_done("runs"); }));
    EXPECT_LT(world.calls, 6000U);
}

}  // namespace
}  // namespace reaper::test
