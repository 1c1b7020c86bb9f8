// The unproven route (SPEC 6, 404): window 1, provisional answers, twenty of them hold.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

struct unproven_world : fake_world
{
    explicit unproven_world(std::size_t tokens = 100, std::size_t there = 0)
    {
        setup().route_proven = false;
        start();
        add(tokens);
        campaigns.clear();
        for (const std::string& token : some_tokens(there, tokens + 1 - there))
            campaigns.insert(token);
    }

    [[nodiscard]] std::vector<std::uint64_t> hold_ids()
    {
        std::vector<std::uint64_t> ids;
        for (const hold& each : view().holds)
            ids.push_back(each.id);
        return ids;
    }

    bool run_until_held()
    {
        return run_until([this] { return !view().holds.empty(); });
    }
};

TEST(EngineRoute, Twenty404sHoldTheJob)
{
    unproven_world world;
    ASSERT_TRUE(world.run_until_held());
    EXPECT_EQ(world.sent.size(), 20U);
    EXPECT_EQ(world.view().holds[0].cause, hold_cause::unproven);
    EXPECT_NE(world.view().why.find("404"), std::string::npos);
    EXPECT_EQ(world.job().state->provisional.size(), 20U) << "kept durably";
    EXPECT_TRUE(world.records().empty()) << "and not final";
    world.run_for(1h);
    EXPECT_EQ(world.sent.size(), 20U);
}

TEST(EngineRoute, NothingElseLeftToDoHoldsTheJob)
{
    unproven_world world(7);
    ASSERT_TRUE(world.run_until_held());
    EXPECT_EQ(world.sent.size(), 7U);
    world.run_for(1h);
    EXPECT_FALSE(world.is_done());
}

TEST(EngineRoute, TheGuardsNumberCounts)
{
    unproven_world world(10);
    world.setup().settings.guards.unproven_404 = 3;
    world.reload();
    ASSERT_TRUE(world.run_until_held());
    EXPECT_EQ(world.sent.size(), 3U);
}

TEST(EngineRoute, A2xxMakesThemFinalAndOpensTheWindow)
{
    unproven_world world(300, 290);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::not_found], 10U);
    EXPECT_EQ(world.outcomes()[outcome::deleted], 290U);
    EXPECT_TRUE(world.disk.proofs.contains("prod")) << "the proof is remembered";
    EXPECT_EQ(world.asked(hex_token(1)), 1U) << "a provisional token is not sent again";
    EXPECT_LT(world.since_start(), 10s);
}

TEST(EngineRoute, ARememberedProofMakesThe404Final)
{
    fake_world world;
    world.setup().route_proven = false;
    world.disk.proofs.insert("prod");
    world.start();
    world.add(30);
    world.campaigns.clear();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::not_found], 30U);
}

TEST(EngineRoute, ReleaseTakesTheRouteAsProvenForThisJob)
{
    unproven_world world(100);
    ASSERT_TRUE(world.run_until_held());
    ASSERT_TRUE(world.daemon().release("job", world.hold_ids(), world.now()));
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::not_found], 100U);
    EXPECT_EQ(world.sent.size(), 100U);
    // Not for the next one.
    world.add(100, "next", 1000);
    world.campaigns.clear();
    ASSERT_TRUE(world.run_until([&] { return !world.view("next").holds.empty(); }));
}

TEST(EngineRoute, A2xxForAnotherJobMakesThemFinalButReleasesNobody)
{
    unproven_world world(100);
    ASSERT_TRUE(world.run_until_held());
    world.add(10, "other", 1000);
    ASSERT_TRUE(world.run_until([&] { return world.is_done("other"); }));
    world.run_for(10s);
    EXPECT_EQ(world.outcomes()[outcome::not_found], 20U);
    EXPECT_EQ(world.view().state, "held");
    ASSERT_TRUE(world.daemon().release("job", world.hold_ids(), world.now()));
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::not_found], 100U);
}

TEST(EngineRoute, AProofThatCheckHasStoredCountsAfterAReload)
{
    unproven_world world(7);
    ASSERT_TRUE(world.run_until_held());
    world.disk.proofs.insert("prod");
    world.reload();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::not_found], 7U);
}

TEST(EngineRoute, AlreadyGoneDoesNotCount)
{
    unproven_world world(30);
    world.api = [](const api_request& asked) { return asked.times == 1 ? cut() : honest(asked); };
    // Each token's first request is lost, so each 404 is already_gone: nothing holds before the
    // end.
    ASSERT_TRUE(world.run_until_held());
    EXPECT_EQ(world.job().state->provisional.size(), 30U);
    ASSERT_TRUE(world.daemon().release("job", world.hold_ids(), world.now()));
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::already_gone], 30U);
}

TEST(EngineRoute, CancelMakesThemCancelled)
{
    unproven_world world(100);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 15; }));
    ASSERT_TRUE(world.daemon().cancel("job", world.now()));
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::cancelled], 100U);
}

TEST(EngineRoute, TheDeadlineMakesThemExpired)
{
    fake_world world;
    world.setup().route_proven = false;
    world.start();
    job_spec spec{.tokens = some_tokens(100)};
    spec.options.deadline = world.now().wall + 1h;
    world.add(spec);
    world.campaigns.clear();
    ASSERT_TRUE(world.run_to_end(2h));
    EXPECT_EQ(world.outcomes()[outcome::expired], 100U);
}

TEST(EngineRoute, ACrashKeepsWhatIsProvisional)
{
    unproven_world world(100);
    ASSERT_TRUE(world.run_until([&] {
        return world.job().state.value_or(job_state{}).provisional.size() == 12;
    }));
    world.crash();
    world.start();
    ASSERT_TRUE(world.run_until_held());
    EXPECT_EQ(world.asked(hex_token(5)), 1U) << "kept durably, not sent again";
    EXPECT_LE(world.sent.size(), 21U);
}

TEST(EngineRoute, ACrashAfterTheReleaseLeavesThemFinal)
{
    for (const crash_tail tail : {crash_tail::lost, crash_tail::kept, crash_tail::torn}) {
        unproven_world world(7);
        ASSERT_TRUE(world.run_until_held());
        ASSERT_TRUE(world.daemon().release("job", world.hold_ids(), world.now()));
        // Some state is stored before the records are durable.
        static_cast<void>(world.daemon().advance(world.now()));
        ASSERT_TRUE(world.daemon().hold("job", "someone", world.now()));
        world.crash(tail);
        world.start();
        ASSERT_TRUE(world.run_to_end());
        EXPECT_EQ(world.outcomes()[outcome::not_found], 7U);
        EXPECT_EQ(world.sent.size(), 7U) << "none is sent again";
    }
}

TEST(EngineRoute, ANewConnectionWaitsForTheAnswerOnTheOldOne)
{
    unproven_world world(100);
    world.api = [](const api_request& asked) {
        api_reply reply = honest(asked);
        if (asked.number == 3)
            reply.delay = 20s;
        return reply;
    };
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 3; }));
    world.setup().credentials = "new";
    world.reload();
    world.run_for(10s);
    EXPECT_EQ(world.sent.size(), 3U);
    ASSERT_TRUE(world.run_until_held());
}

TEST(EngineRoute, OnlyOneConnectionWhileItIsUnproven)
{
    unproven_world world(100);
    world.setup().settings.connections = 4;
    world.reload();
    ASSERT_TRUE(world.run_until_held());
    EXPECT_EQ(world.connects.size(), 1U);
}

}  // namespace
}  // namespace reaper::test
