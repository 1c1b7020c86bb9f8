// Connections that fail, idle and age (SPEC 6: no token's fault).

#include "support/fake_world.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

TEST(EngineNetwork, AConnectFailureChargesNobodyAndIsTriedAgainFor1sTo60s)
{
    fake_world world;
    bool down = true;
    world.connect = [&](const std::string&) { return down ? "no such host" : ""; };
    world.start();
    world.add(20);
    world.run_for(1h);
    EXPECT_TRUE(world.sent.empty());
    EXPECT_NE(world.view().why.find("no such host"), std::string::npos);
    EXPECT_FALSE(world.daemon().is_stuck(world.now()));
    ASSERT_GE(world.connects.size(), 50U);
    duration wait = 1s;
    for (std::size_t i = 1; i < world.connects.size(); ++i) {
        EXPECT_GE(world.connects[i] - world.connects[i - 1], wait);
        EXPECT_LE(world.connects[i] - world.connects[i - 1], wait * 5 / 4 + 31ms);
        wait = std::min<duration>(wait * 2, 60s);
    }
    down = false;
    ASSERT_TRUE(world.run_to_end(2min));
    EXPECT_EQ(world.outcomes()[outcome::deleted], 20U);
    for (const auto& [n, record] : world.records())
        EXPECT_EQ(record.attempts, 1U);
}

TEST(EngineNetwork, AServerThatAcceptsAndClosesIsAnOutageAndNotAStorm)
{
    fake_world world;
    world.api = [](const api_request&) { return cut(); };
    world.start();
    world.add(100);
    world.run_for(1h);
    EXPECT_LT(world.connects.size(), 150U);
    world.api = honest;
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 100U);
}

TEST(EngineNetwork, AnIdleConnectionIsNotKeptForever)
{
    fake_world world;
    world.start();
    world.add(1);
    ASSERT_TRUE(world.run_to_end());
    world.run_for(2min);
    EXPECT_EQ(world.daemon().account_views(world.now())[0].connections, 0U);
}

TEST(EngineNetwork, AConnectionIsRenewedAfterSomeMinutesWithoutLoss)
{
    fake_world world;
    world.setup().settings.pace_per_s = 1;
    world.start();
    world.add(2000);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_GE(world.connects.size(), 3U);
    EXPECT_EQ(world.outcomes()[outcome::deleted], 2000U);
    for (const auto& [n, record] : world.records())
        EXPECT_EQ(record.attempts, 1U);
}

}  // namespace
}  // namespace reaper::test
