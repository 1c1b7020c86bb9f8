// The two-stage stop, and what the next start makes of it (SPEC 2, 5).

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

TEST(EngineStop, AnswersInFlightAreAwaitedAndNothingIsUnknown)
{
    fake_world world;
    world.start();
    world.add(500);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 300; }));
    EXPECT_GT(world.in_flight(), 1U);
    const mono_time asked = world.now().mono;
    ASSERT_TRUE(world.stop());
    EXPECT_LT(world.now().mono - asked, 1s);
    EXPECT_EQ(world.records().size(), 300U);
    EXPECT_TRUE(world.job().state->clean);
    EXPECT_TRUE(world.job().state->unknown.empty());
    world.start();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.sent.size(), 500U) << "none is sent twice";
}

TEST(EngineStop, AfterTheDeadlineConnectionsCloseAndExactlyTheUnknownAreStored)
{
    fake_world world;
    world.api = [](const api_request& asked) {
        return asked.number == 290 && asked.times == 1 ? stall(true) : honest(asked);
    };
    world.start();
    world.add(500);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 300; }));
    ASSERT_TRUE(world.run_until([&] { return world.records().size() >= 289; }));
    std::set<std::uint64_t> in_flight;
    for (const sent_request& each : world.sent)
        if (!world.records().contains(each.n))
            in_flight.insert(each.n);
    const mono_time asked = world.now().mono;
    ASSERT_TRUE(world.stop(5s));
    EXPECT_LE(world.now().mono - asked, 6s);
    const std::vector<std::uint64_t>& unknown = world.job().state->unknown;
    EXPECT_EQ(std::set<std::uint64_t>(unknown.begin(), unknown.end()), in_flight);
    world.campaigns.erase(hex_token(400));
    world.start();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.records().at(290).result, outcome::already_gone);
    EXPECT_EQ(world.records().at(400).result, outcome::not_found) << "no mark makes it unknown";
}

TEST(EngineStop, AfterACrashTokensBelowTheMarkWithoutARecordAreSentAgain)
{
    fake_world world;
    world.disk_delay = 1h;  // no record gets durable
    world.start();
    world.add(100);
    world.run_for(1min);
    EXPECT_TRUE(world.sent.empty()) << "not before the mark is durable";
    world.crash();
    world.disk_delay = 2ms;
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 20; }));
    world.crash();
    const std::size_t recorded = world.records().size();
    world.campaigns.erase(hex_token(recorded + 1));
    world.start();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.records().at(recorded + 1).result, outcome::already_gone);
    EXPECT_EQ(world.records().at(recorded + 1).attempts, 1U) << "attempts restart at 0";
}

TEST(EngineStop, UnknownTokensAreRememberedOverSeveralStops)
{
    // Three of them, in the middle of others, wait for their back-off over two clean stops.
    fake_world world;
    world.setup().settings.retry.base = 1h;
    world.setup().settings.retry.cap = 1h;
    world.api = [](const api_request& asked) {
        const bool poor = asked.token == hex_token(5) || asked.token == hex_token(50) ||
                          asked.token == hex_token(77);
        api_reply reply = poor && asked.times == 1 ? says(500) : honest(asked);
        reply.removes = true;
        return reply;
    };
    world.start();
    world.add(200);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 100; }));
    for (int stop = 0; stop < 2; ++stop) {
        ASSERT_TRUE(world.stop());
        EXPECT_EQ(world.job().state->unknown, (std::vector<std::uint64_t>{5, 50, 77}));
        world.job().state->holds = {
            {.id = 1, .cause = hold_cause::person, .reason = "", .since = {}}};
        world.start();
        world.run_for(10s);
    }
    ASSERT_TRUE(world.stop());
    world.job().state->holds.clear();
    world.start();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::already_gone], 3U);
    EXPECT_EQ(world.outcomes()[outcome::deleted], 197U);
}

TEST(EngineStop, ACrashAfterACleanStopKeepsWhatTheStopKnew)
{
    fake_world world;
    world.setup().settings.retry.base = 1h;
    world.setup().settings.retry.cap = 1h;
    world.api = [](const api_request& asked) {
        api_reply reply =
            asked.token == hex_token(5) && asked.times == 1 ? says(500) : honest(asked);
        reply.removes = true;
        return reply;
    };
    world.setup().settings.pace_per_s = 10;
    world.start();
    world.add(200);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 20; }));
    ASSERT_TRUE(world.stop());
    for (int crash = 0; crash < 3; ++crash) {
        world.start();
        world.run_for(1s);
        world.crash();
    }
    world.start();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.records().at(5).result, outcome::already_gone);
}

TEST(EngineStop, AnIdleDaemonStopsAtOnce)
{
    fake_world world;
    world.start();
    world.run_for(1s);
    const mono_time asked = world.now().mono;
    ASSERT_TRUE(world.stop());
    EXPECT_EQ(world.now().mono, asked);
}

TEST(EngineStop, AStopInTheSilenceOrOfAHeldJobDoesNotWait)
{
    fake_world world;
    world.api = [](const api_request& asked) {
        return asked.number == 10 ? says(429) : honest(asked);
    };
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] {
        return !world.throttled_at.empty() && world.in_flight() == 0;
    }));
    const mono_time asked = world.now().mono;
    ASSERT_TRUE(world.stop());
    EXPECT_LT(world.now().mono - asked, 1s);
}

TEST(EngineStop, ADiskThatIsFullDoesNotKeepItFromStopping)
{
    fake_world world;
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 50; }));
    world.fail_from = 0;
    world.fail_upto = ~std::uint64_t{0};
    ASSERT_TRUE(world.stop(5s));
    world.fail_upto = 0;
    world.start();
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineStop, AStopOfAnUnprovenRouteKeepsWhatIsProvisional)
{
    fake_world world;
    world.setup().route_proven = false;
    world.start();
    world.add(100);
    world.campaigns.clear();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 10; }));
    ASSERT_TRUE(world.stop());
    EXPECT_EQ(world.job().state->provisional.size(), 10U);
    world.start();
    ASSERT_TRUE(world.run_until([&] { return !world.view().holds.empty(); }));
    EXPECT_EQ(world.sent.size(), 20U);
}

TEST(EngineStop, AJobThatEndsInTheMeantimeIsMoved)
{
    fake_world world;
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 100; }));
    ASSERT_TRUE(world.stop());
    EXPECT_TRUE(world.is_done());
}

}  // namespace
}  // namespace reaper::test
