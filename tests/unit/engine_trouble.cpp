// What stops an account and is no token's fault (SPEC 6): refused keys, maintenance and outages.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

struct failing_api
{
    explicit failing_api(std::size_t tokens = 100)
    {
        world.api = [this](const api_request& asked) {
            if (!bad || !*bad)
                return honest(asked);
            asked_at.push_back(asked.at);
            tokens_asked.push_back(asked.token);
            return (*bad)();
        };
        world.start();
        world.add(tokens);
    }

    // Answers like this from now on; or honestly again.
    void fails(std::function<api_reply()> how) { bad = std::move(how); }

    void is_well() { bad.reset(); }

    void warm_up(std::size_t sent)
    {
        ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= sent; }));
    }

    fake_world world;
    std::optional<std::function<api_reply()>> bad;
    std::vector<mono_time> asked_at;
    std::vector<std::string> tokens_asked;
};

// --- 401 -----------------------------------------------------------------------------------------

TEST(EngineTrouble, A401BlocksTheAccountAndItsTokensCountAsNotSent)
{
    failing_api api;
    api.warm_up(20);
    api.fails([] { return says(401); });
    api.world.run_for(10s);
    EXPECT_EQ(api.world.daemon().account_views(api.world.now())[0].state, "blocked");
    EXPECT_NE(api.world.view().why.find("401"), std::string::npos);
    EXPECT_TRUE(api.world.daemon().is_stuck(api.world.now()));
    EXPECT_EQ(api.world.in_flight(), 0U);
    const std::size_t asked = api.asked_at.size();
    api.world.run_for(285s);
    EXPECT_EQ(api.asked_at.size(), asked) << "5 min pass before the next try";
    api.world.run_for(20s);
    EXPECT_EQ(api.asked_at.size(), asked + 1) << "which is one request";
    api.world.run_for(285s);
    EXPECT_EQ(api.asked_at.size(), asked + 1);
    api.is_well();
    ASSERT_TRUE(api.world.run_to_end());
    EXPECT_EQ(api.world.outcomes()[outcome::deleted], 100U);
    for (const auto& [n, record] : api.world.records())
        EXPECT_EQ(record.attempts, 1U);
}

TEST(EngineTrouble, AReloadTriesABlockedAccountAgainWithOneRequest)
{
    failing_api api;
    api.warm_up(20);
    api.fails([] { return says(401); });
    api.world.run_for(10s);
    const std::size_t asked = api.asked_at.size();
    api.world.reload();
    api.world.run_for(10s);
    EXPECT_EQ(api.asked_at.size(), asked + 1);
}

TEST(EngineTrouble, AKeyFileThatChangesTriesABlockedAccountAgainOnANewConnection)
{
    failing_api api;
    api.warm_up(20);
    api.fails([] { return says(401); });
    api.world.run_for(10s);
    const std::size_t connects = api.world.connects.size();
    api.is_well();
    api.world.setup().credentials = "new keys";
    api.world.daemon().refresh_account(api.world.setup(), api.world.now());
    ASSERT_TRUE(api.world.run_to_end(20s));
    EXPECT_EQ(api.world.connects.size(), connects + 1);
}

TEST(EngineTrouble, AListThatChangesDoesNotTryABlockedAccountAgain)
{
    failing_api api;
    api.warm_up(20);
    api.fails([] { return says(401); });
    api.world.run_for(10s);
    const std::size_t asked = api.asked_at.size();
    api.world.daemon().refresh_account(api.world.setup(), api.world.now());
    api.world.run_for(10s);
    EXPECT_EQ(api.asked_at.size(), asked);
}

TEST(EngineTrouble, ABlockedAccountDoesNotStopAnother)
{
    fake_world world;
    world.add_account("second", "key-second");
    world.api = [](const api_request& asked) {
        return asked.account == "prod" ? says(401) : honest(asked);
    };
    world.start();
    world.add(10, "a", 1);
    world.add({.id = "b", .tokens = some_tokens(10, 100), .account = "second"});
    ASSERT_TRUE(world.run_until([&] { return world.is_done("b"); }));
    EXPECT_FALSE(world.is_done("a"));
}

// --- 503 -----------------------------------------------------------------------------------------

TEST(EngineTrouble, A503Pauses30sGrowingTo5MinThenProbesWithOneRequest)
{
    failing_api api;
    api.warm_up(50);
    api.fails([] { return says(503); });
    api.world.run_for(20s);
    EXPECT_NE(api.world.view().why.find("maintenance"), std::string::npos);
    EXPECT_FALSE(api.world.daemon().is_stuck(api.world.now()));
    const std::size_t volley = api.asked_at.size();
    api.world.run_for(1h);
    ASSERT_GT(api.asked_at.size(), volley + 6);
    duration wait = 30s;
    for (std::size_t i = volley; i + 1 < api.asked_at.size(); ++i) {
        wait = std::min<duration>(wait * 2, 5min);
        EXPECT_GE(api.asked_at[i + 1] - api.asked_at[i], wait);
        EXPECT_LT(api.asked_at[i + 1] - api.asked_at[i], wait + 1s);
    }
    EXPECT_GE(api.asked_at[volley] - api.asked_at[0], 30s);
    EXPECT_LT(api.asked_at[volley] - api.asked_at[0], 31s);
    api.is_well();
    ASSERT_TRUE(api.world.run_to_end());
    EXPECT_EQ(api.world.outcomes()[outcome::deleted], 100U);
    for (const auto& [n, record] : api.world.records())
        EXPECT_EQ(record.attempts, 1U) << "503 counts as not sent";
}

TEST(EngineTrouble, BeingToldToWaitIsNoProgress)
{
    failing_api api;
    api.warm_up(20);
    api.fails([] { return says(503); });
    api.world.run_for(20s);
    const std::uint64_t before = api.world.daemon().progress();
    api.world.run_for(20min);
    EXPECT_EQ(api.world.daemon().progress(), before);
}

// --- outages -------------------------------------------------------------------------------------

TEST(EngineTrouble, FiveChargedFatesOfDifferentTokensInARowPauseTheAccount)
{
    for (const bool lost : {true, false}) {
        failing_api api;
        api.warm_up(20);
        api.fails([=] { return lost ? cut() : says(500); });
        ASSERT_TRUE(api.world.run_until([&] { return api.world.reported("outage"); }, 1min));
        EXPECT_NE(api.world.view().why.find("clear answer"), std::string::npos);
        const std::size_t at_pause = api.asked_at.size();
        const std::set<std::string> charged(api.tokens_asked.begin(), api.tokens_asked.begin() + 5);
        EXPECT_EQ(charged.size(), 5U);
        api.world.run_for(1h);
        // One probe at a time, at most 60 s (and a quarter) apart, each of another token.
        for (std::size_t i = at_pause + 1; i < api.asked_at.size(); ++i) {
            EXPECT_GE(api.asked_at[i] - api.asked_at[i - 1], 1s);
            EXPECT_LE(api.asked_at[i] - api.asked_at[i - 1], 76s);
            EXPECT_NE(api.tokens_asked[i], api.tokens_asked[i - 1]);
        }
        EXPECT_GE(api.asked_at.size() - at_pause, 45U);
        api.is_well();
        ASSERT_TRUE(api.world.run_to_end());
        EXPECT_EQ(api.world.outcomes()[outcome::deleted], 100U) << "an outage uses up no token";
    }
}

TEST(EngineTrouble, EachProbeOfAnOutageIsOfAnotherToken)
{
    failing_api api(8);
    api.fails([] { return cut(); });
    ASSERT_TRUE(api.world.run_until([&] { return api.world.reported("outage"); }, 1min));
    api.asked_at.clear();
    api.tokens_asked.clear();
    ASSERT_TRUE(api.world.run_until([&] { return api.tokens_asked.size() == 16; }));
    const std::set<std::string> round(api.tokens_asked.begin(), api.tokens_asked.begin() + 8);
    EXPECT_EQ(round.size(), 8U) << "every token has its turn before one comes again";
    for (std::size_t i = 8; i < 16; ++i)
        EXPECT_EQ(api.tokens_asked[i], api.tokens_asked[i - 8]);
}

TEST(EngineTrouble, AClearAnswerBetweenMakesNoOutage)
{
    // Every second token fails always: they are charged, and end as unknown.
    fake_world world;
    world.api = [](const api_request& asked) {
        return asked.token.back() % 2 == 0 ? says(500) : honest(asked);
    };
    world.start();
    world.add(40);
    ASSERT_TRUE(world.run_until([&] { return world.outcomes()[outcome::deleted] == 20; }));
    EXPECT_FALSE(world.reported("outage"));
}

TEST(EngineTrouble, WithFewerThanFiveTokensPendingAttemptsDecide)
{
    for (const std::size_t tokens : {1U, 4U}) {
        failing_api api(tokens);
        api.fails([] { return cut(); });
        ASSERT_TRUE(api.world.run_to_end());
        EXPECT_EQ(api.world.outcomes()[outcome::unknown], tokens);
        EXPECT_FALSE(api.world.reported("outage"));
    }
}

TEST(EngineTrouble, FiveTokensPendingAreAnOutageThatLastsAsLongAsItTakes)
{
    failing_api api(5);
    api.fails([] { return cut(); });
    api.world.run_for(24h);
    EXPECT_FALSE(api.world.is_done());
    EXPECT_TRUE(api.world.records().empty());
    api.is_well();
    ASSERT_TRUE(api.world.run_to_end());
    EXPECT_EQ(api.world.outcomes()[outcome::deleted], 5U);
}

TEST(EngineTrouble, AnOutageThatIsLeftWithFewerThanFiveTokensChargesThem)
{
    failing_api api(3);
    api.world.add(3, "other", 100);
    api.fails([] { return cut(); });
    ASSERT_TRUE(api.world.run_until([&] { return api.world.reported("outage"); }, 1min));
    ASSERT_TRUE(api.world.daemon().cancel("other", api.world.now()));
    ASSERT_TRUE(api.world.run_to_end(2h));
    EXPECT_EQ(api.world.outcomes()[outcome::unknown], 3U);
}

TEST(EngineTrouble, AnOutageIsOverAtTheFirstClearAnswer)
{
    failing_api api(300);
    api.warm_up(20);
    api.fails([] { return cut(); });
    api.world.run_for(1h);
    api.is_well();
    const mono_time well = api.world.now().mono;
    ASSERT_TRUE(api.world.run_to_end());
    EXPECT_LE(api.world.now().mono - well, 76s + 60s);
}

TEST(EngineTrouble, TheRetrySetIsBounded)
{
    // Everything fails but an answer now and then, so that it is no outage.
    fake_world world;
    std::uint64_t count = 0;
    world.setup().settings.retry.base = 1h;
    world.setup().settings.retry.cap = 1h;
    world.api = [&](const api_request& asked) {
        api_reply reply = ++count % 4 == 0 ? honest(asked) : says(500);
        reply.delay = 1ms;
        return reply;
    };
    world.start();
    world.add(40'000);
    std::uint64_t most = 0;
    world.run_until(
        [&] {
            most = std::max(most, world.view().retrying);
            return world.since_start() >= 30min;
        },
        30min
    );
    EXPECT_GE(most, 10'000U);
    EXPECT_LT(most, 10'000U + 64) << "what was in flight when it was full";
    EXPECT_LT(world.sent.size(), 14'000U) << "no new token is taken up";
}

}  // namespace
}  // namespace reaper::test
