// Guards that look at answers as they come (SPEC 4, 6): hold_after, the breaker, 403s.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

std::vector<std::uint64_t> hold_ids(const fake_world& world, const std::string& id = "job")
{
    std::vector<std::uint64_t> ids;
    for (const hold& each : world.view(id).holds)
        ids.push_back(each.id);
    return ids;
}

bool run_until_held(fake_world& world)
{
    return world.run_until([&] { return !world.view().holds.empty(); });
}

void release(fake_world& world)
{
    ASSERT_TRUE(world.daemon().release("job", hold_ids(world), world.now()));
}

job_spec with_hold_after(std::uint64_t count, std::size_t tokens = 100)
{
    job_spec spec{.tokens = some_tokens(tokens)};
    spec.options.hold_after = count;
    return spec;
}

// --- hold_after ----------------------------------------------------------------------------------

TEST(EngineGuards, HoldAfterDeletesThatManyThenHoldsOnce)
{
    for (const std::uint64_t count : {1U, 10U, 99U}) {
        fake_world world;
        world.start();
        world.add(with_hold_after(count));
        ASSERT_TRUE(run_until_held(world));
        EXPECT_EQ(world.sent.size(), count);
        world.run_for(1min);
        EXPECT_EQ(world.sent.size(), count);
        EXPECT_EQ(world.campaigns.size(), 100U - count);
        EXPECT_EQ(world.view().holds[0].cause, hold_cause::hold_after);
        release(world);
        ASSERT_TRUE(world.run_to_end());
        EXPECT_EQ(world.outcomes()[outcome::deleted], 100U);
    }
}

TEST(EngineGuards, HoldAfterOfAsManyAsThereAreHoldsNothing)
{
    fake_world world;
    world.start();
    world.add(with_hold_after(100));
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 100U);
}

TEST(EngineGuards, TheTighterOfJobAndConfigurationCounts)
{
    fake_world world;
    world.setup().settings.guards.hold_after = 5;
    world.start();
    world.add(with_hold_after(10));
    ASSERT_TRUE(run_until_held(world));
    EXPECT_EQ(world.sent.size(), 5U);
}

TEST(EngineGuards, HoldAfterCountsWhatMayHaveBeenDeleted)
{
    // Every third request is lost although it deleted: never are more than ten gone.
    for (unsigned nth = 1; nth <= 5; ++nth) {
        fake_world world;
        world.api = [=](const api_request& asked) {
            return asked.times == 1 && asked.number % nth == 0 ? cut(true) : honest(asked);
        };
        world.start();
        world.add(with_hold_after(10));
        ASSERT_TRUE(run_until_held(world)) << nth;
        world.run_for(10min);
        EXPECT_GE(world.campaigns.size(), 90U) << nth;
        release(world);
        ASSERT_TRUE(world.run_to_end());
    }
}

TEST(EngineGuards, HoldAfterIsKeptOverACrashAtAnyMoment)
{
    for (std::size_t sent = 1; sent <= 11; ++sent) {
        fake_world world;
        world.start();
        world.add(with_hold_after(10));
        world.run_until([&] { return world.sent.size() >= sent; }, 10s);
        world.crash();
        world.start();
        ASSERT_TRUE(run_until_held(world)) << sent;
        world.run_for(10min);
        EXPECT_GE(world.campaigns.size(), 90U) << sent;
        release(world);
        ASSERT_TRUE(world.run_to_end());
    }
}

TEST(EngineGuards, ThrottledTokensDoNotBlockThoseOfUnknownFate)
{
    // Ten go out; some are lost, some told to wait: those of unknown fate must go on to be settled.
    fake_world world;
    world.api = [](const api_request& asked) {
        if (asked.times > 1 || asked.number < 5)
            return honest(asked);
        return asked.number % 2 == 0 ? says(429) : says(500);
    };
    world.start();
    world.add(with_hold_after(10));
    ASSERT_TRUE(run_until_held(world));
    EXPECT_EQ(world.campaigns.size(), 90U);
}

TEST(EngineGuards, HoldAfterHasNoEffectInADryRun)
{
    fake_world world;
    world.start();
    job_spec spec = with_hold_after(10);
    spec.dry_run = true;
    world.add(spec);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::would_delete], 100U);
}

// --- breaker -------------------------------------------------------------------------------------

struct breaker_world : fake_world
{
    explicit breaker_world(std::size_t tokens)
    {
        setup().settings.guards.breaker = {.window = 20, .not_deleted = 0.5};
        start();
        add(tokens);
        campaigns.clear();
    }
};

TEST(EngineGuards, TheBreakerHoldsWhenMoreThanItsShareOfTheWindowIsNotDeleted)
{
    // Of every four, two (half) and then three (more than half) are not there.
    for (const unsigned missing : {2U, 3U}) {
        breaker_world world(200);
        for (std::uint64_t n = 1; n <= 200; ++n)
            if (n % 4 >= missing)
                world.campaigns.insert(hex_token(n));
        if (missing == 2) {
            ASSERT_TRUE(world.run_to_end());
            continue;
        }
        ASSERT_TRUE(run_until_held(world));
        EXPECT_EQ(world.view().holds[0].cause, hold_cause::breaker);
        EXPECT_NE(world.view().why.find("50 %"), std::string::npos);
        world.run_for(1min);
        EXPECT_LE(world.sent.size(), 20U + 64);
    }
}

TEST(EngineGuards, TheBreakerCountsOnlyTokensThatWereSent)
{
    breaker_world world(30);
    for (const std::string& token : some_tokens(30))
        world.campaigns.insert(token);
    auto denied = token_list::parse([] {
        std::string text;
        for (const std::string& token : some_tokens(29))
            text += token + "\n";
        return text;
    }());
    ASSERT_TRUE(denied);
    world.setup().lists.deny = *denied;
    world.reload();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::refused], 29U);
}

TEST(EngineGuards, ReleaseStartsTheBreakersCountAfreshAndRecoveryRecounts)
{
    breaker_world world(500);
    world.setup().settings.pace_per_s = 2;  // one at a time
    world.reload();
    ASSERT_TRUE(run_until_held(world));
    world.run_for(10s);
    const std::size_t before = world.sent.size();
    release(world);
    ASSERT_TRUE(world.run_until([&] { return world.records().size() == before + 15; }));
    world.crash();
    world.start();
    ASSERT_TRUE(run_until_held(world));
    world.run_for(10s);
    EXPECT_EQ(world.records().size(), before + 20) << "the 15 before the crash count, no more";
}

TEST(EngineGuards, Five403InARowHoldTheJob)
{
    fake_world world;
    world.setup().settings.pace_per_s = 5;
    world.api = [](const api_request& asked) {
        return asked.number > 10 ? says(403) : honest(asked);
    };
    world.start();
    world.add(100);
    ASSERT_TRUE(run_until_held(world));
    EXPECT_EQ(world.view().holds[0].cause, hold_cause::misuse);
    EXPECT_EQ(world.outcomes()[outcome::refused], 4U) << "the fifth is not durable yet";
    world.run_for(1min);
    EXPECT_EQ(world.sent.size(), 15U);
    release(world);
    world.run_for(1min);
    EXPECT_EQ(world.sent.size(), 20U) << "release starts afresh";
    world.crash();
    world.start();
    world.run_for(1min);
    EXPECT_EQ(world.view().holds.size(), 1U);
    release(world);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 22; }));
    world.crash();
    world.start();
    world.run_for(1min);
    EXPECT_GE(world.sent.size(), 25U) << "what the release has seen counts no more after a crash";
}

TEST(EngineGuards, A403BetweenOtherAnswersHoldsNothing)
{
    fake_world world;
    world.api = [](const api_request& asked) {
        return asked.number % 5 != 0 ? says(403) : honest(asked);
    };
    world.setup().settings.guards.breaker.not_deleted = 1;
    world.start();
    world.add(50);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::refused], 40U);
}

}  // namespace
}  // namespace reaper::test
