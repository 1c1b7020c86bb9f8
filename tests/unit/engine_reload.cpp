// A new configuration while jobs run (SPEC 8), and several accounts.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

TEST(EngineReload, JobsGoOnWithoutLoss)
{
    fake_world world;
    world.start();
    world.add(500);
    for (std::size_t sent = 50; sent < 500; sent += 50) {
        ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= sent; }));
        world.reload();
    }
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.sent.size(), 500U);
    EXPECT_EQ(world.connects.size(), 1U) << "what has not changed needs no new connection";
}

TEST(EngineReload, NewKeysApplyFromTheNextConnectionAndAnswersInFlightAreRead)
{
    fake_world world;
    world.start();
    world.add(500);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 300; }));
    EXPECT_GT(world.in_flight(), 1U);
    const link_id old = world.sent.back().link;
    world.setup().credentials = "new";
    world.reload();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.sent.size(), 500U) << "nothing was lost";
    EXPECT_NE(world.sent[300].link, old);
}

TEST(EngineReload, AnotherLimitWithRequestsInFlightIsCountedRight)
{
    fake_world world;
    world.start();
    world.add(500);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 300; }));
    EXPECT_GT(world.in_flight(), 1U);
    world.setup().limit = "key-new";
    world.setup().credentials = "new";
    world.reload();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 500U);
    // Both can be had by a command now: nothing is in flight under either.
    world.daemon().limit_wanted("key-prod", world.now());
    world.daemon().limit_wanted("key-new", world.now());
    world.run_for(1s);
    EXPECT_EQ(world.yielded_limits.size(), 2U);
}

TEST(EngineReload, A429OnAnOldConnectionShutsTheNewLimitToo)
{
    fake_world world;
    world.api = [](const api_request& asked) {
        return asked.number == 300 ? says(429) : honest(asked);
    };
    world.start();
    world.add(500);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 300; }));
    world.setup().limit = "shared-new";
    world.reload();
    ASSERT_TRUE(world.run_until([&] { return !world.throttled_at.empty(); }));
    const mono_time throttled = world.throttled_at[0];
    ASSERT_TRUE(world.run_to_end());
    for (const sent_request& each : world.sent)
        EXPECT_TRUE(each.at <= throttled || each.at >= throttled + 5s);
}

TEST(EngineReload, AJobWhoseAccountIsGoneWaitsAndSaysSo)
{
    fake_world world;
    world.start();
    world.add(500);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 300; }));
    EXPECT_GT(world.in_flight(), 1U);
    const std::vector<account_setup> before = world.accounts;
    world.accounts.clear();
    world.add_account("other", "key-other");
    world.reload();
    world.run_for(1h);
    EXPECT_EQ(world.sent.size(), 300U);
    EXPECT_EQ(world.records().size(), 300U) << "what was in flight was read";
    EXPECT_NE(world.view().why.find("account prod is not in the configuration"), std::string::npos);
    EXPECT_TRUE(world.daemon().is_stuck(world.now()));
    world.accounts = before;
    world.reload();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.sent.size(), 500U);
}

TEST(EngineReload, AnAccountThatGoesWhileItsAnswersAreLostIsLetGoOf)
{
    for (const api_reply& fate : {cut(true), stall(true), says(307), says(500)}) {
        fake_world world;
        world.api = [&](const api_request& asked) {
            return asked.number > 290 && asked.number <= 300 ? fate : honest(asked);
        };
        world.start();
        world.add(500);
        ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 300; }));
        const std::vector<account_setup> before = world.accounts;
        world.accounts.clear();
        world.add_account("other", "key-other");
        world.reload();
        world.run_for(10min);
        world.accounts = before;
        world.reload();
        ASSERT_TRUE(world.run_to_end());
    }
}

TEST(EngineReload, AJobWhoseKindOrEndpointChangedWaitsAndSaysSo)
{
    for (const bool kind : {true, false}) {
        fake_world world;
        world.start();
        world.add(100);
        ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 10; }));
        account_settings& settings = world.setup().settings;
        if (kind)
            settings.kind = campaign_kind::in_app_campaigns;
        else
            settings.endpoint.url = "https://elsewhere.example";
        world.reload();
        const std::size_t sent = world.sent.size();
        world.run_for(1min);
        EXPECT_EQ(world.sent.size(), sent);
        EXPECT_NE(
            world.view().why.find(kind ? "kind in-app-campaigns" : "another endpoint"),
            std::string::npos
        );
        settings = account_settings{};
        settings.name = "prod";
        world.reload();
        ASSERT_TRUE(world.run_to_end());
    }
}

TEST(EngineReload, KeysThatCannotBeUsedStopTheAccountAndSaySo)
{
    fake_world world;
    world.setup().keys_fault = "cannot read /etc/key: Permission denied";
    world.start();
    world.add(10);
    world.run_for(1min);
    EXPECT_TRUE(world.connects.empty());
    EXPECT_EQ(world.view().why, "cannot read /etc/key: Permission denied");
    EXPECT_TRUE(world.daemon().is_stuck(world.now()));
    world.setup().keys_fault.clear();
    world.daemon().refresh_account(world.setup(), world.now());
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineReload, TheLowestCeilingOfALimitHolds)
{
    fake_world world;
    world.setup().limit = "shared-x";
    world.setup().settings.pace_per_s = 10;
    world.add_account("second", "shared-x").settings.pace_per_s = 4;
    world.start();
    world.add(100, "a", 1);
    world.add({.id = "b", .tokens = some_tokens(100, 1000), .account = "second"});
    ASSERT_TRUE(world.run_to_end());
    EXPECT_GE(world.since_start(), 200s / 4 - 1s);
    EXPECT_LE(world.since_start(), 60s);
}

TEST(EngineReload, ItIsASignalThatTheLimitMayHaveBeenRaised)
{
    fake_world world;
    std::size_t limit = 20;
    world.api = [&limit, second = std::int64_t{-1}, taken = std::size_t{0}](const api_request& asked
                ) mutable {
        if (std::exchange(second, asked.at.time_since_epoch() / 1s) != second)
            taken = 0;
        return ++taken > limit ? says(429) : honest(asked);
    };
    world.start();
    world.add(100'000);
    world.run_for(20min);
    limit = 100;
    const auto sent_in_a_minute = [&] {
        const std::size_t before = world.sent.size();
        world.run_for(1min);
        return world.sent.size() - before;
    };
    EXPECT_LT(sent_in_a_minute(), 1300U) << "nothing says so, and no test was due";
    world.reload();
    EXPECT_GT(sent_in_a_minute(), 2000U);
}

TEST(EngineReload, AccountsOfOneLimitTakeTurns)
{
    fake_world world;
    world.setup().limit = "shared-x";
    world.setup().settings.pace_per_s = 20;
    world.add_account("second", "shared-x");
    world.start();
    world.add(1000, "a", 1);
    world.add({.id = "b", .tokens = some_tokens(1000, 10'000), .account = "second"});
    world.run_for(30s);
    const auto of_a = std::count_if(world.sent.begin(), world.sent.end(), [](const auto& each) {
        return each.account == "prod";
    });
    const auto share = static_cast<double>(of_a) / static_cast<double>(world.sent.size());
    EXPECT_GE(world.sent.size(), 500U);
    EXPECT_GT(share, 0.3);
    EXPECT_LT(share, 0.7);
}

}  // namespace
}  // namespace reaper::test
