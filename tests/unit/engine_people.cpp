// What people ask of a job: hold, release, cancel (SPEC 2).

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

void release(fake_world& world)
{
    ASSERT_TRUE(world.daemon().release("job", hold_ids(world), world.now()));
}

TEST(EnginePeople, HoldStopsAtOnceAndReleaseGoesOn)
{
    fake_world world;
    world.start();
    world.add(500);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 300; }));
    ASSERT_TRUE(world.daemon().hold("job", "alice", world.now()));
    world.run_for(1h);
    EXPECT_EQ(world.sent.size(), 300U);
    EXPECT_NE(world.view().why.find("held by alice"), std::string::npos);
    EXPECT_NE(world.view().why.find("campaign-reaper release job"), std::string::npos);
    EXPECT_TRUE(world.daemon().is_stuck(world.now()));
    release(world);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 500U);
}

TEST(EnginePeople, AReleaseIsVoidForHoldsThatItDoesNotName)
{
    fake_world world;
    world.start();
    world.add(10);
    ASSERT_TRUE(world.daemon().hold("job", "alice", world.now()));
    ASSERT_TRUE(world.daemon().hold("job", "bob", world.now()));
    const auto ids = hold_ids(world);
    ASSERT_EQ(ids.size(), 2U);
    ASSERT_TRUE(world.daemon().release("job", {ids[0]}, world.now()));
    EXPECT_FALSE(world.daemon().release("job", {ids[0], 77}, world.now()));
    world.run_for(1min);
    EXPECT_TRUE(world.sent.empty());
    ASSERT_TRUE(world.daemon().release("job", {ids[1]}, world.now()));
    ASSERT_TRUE(world.run_to_end());
}

TEST(EnginePeople, AHoldOutlivesACrash)
{
    fake_world world;
    world.start();
    world.add(10);
    ASSERT_TRUE(world.daemon().hold("job", "alice", world.now()));
    world.crash();
    world.start();
    world.run_for(1min);
    EXPECT_TRUE(world.sent.empty());
    EXPECT_EQ(world.view().state, "held");
}

TEST(EnginePeople, WhatCannotBeStoredChangesNothing)
{
    fake_world world;
    world.start();
    world.add(10);
    world.fail_from = 0;
    world.fail_upto = ~std::uint64_t{0};
    EXPECT_FALSE(world.daemon().hold("job", "alice", world.now()));
    EXPECT_FALSE(world.daemon().cancel("job", world.now()));
    world.fail_upto = 0;
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 10U);
}

TEST(EnginePeople, CancelAwaitsWhatIsInFlight)
{
    fake_world world;
    world.start();
    world.add(500);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 300; }));
    const std::size_t in_flight = world.in_flight();
    EXPECT_GT(in_flight, 1U);
    ASSERT_TRUE(world.daemon().cancel("job", world.now()));
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.sent.size(), 300U);
    EXPECT_EQ(world.outcomes()[outcome::deleted], 300U);
    EXPECT_EQ(world.outcomes()[outcome::cancelled], 200U);
    EXPECT_EQ(world.job().summary->reason, "cancelled");
}

TEST(EnginePeople, ACancelledTokenOfUnknownFateIsUnknown)
{
    fake_world world;
    world.api = [](const api_request& asked) { return asked.number <= 2 ? cut() : honest(asked); };
    world.setup().settings.pace_per_s = 1;
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] {
        return world.asked(hex_token(2)) == 1 && world.in_flight() == 0;
    }));
    ASSERT_TRUE(world.daemon().cancel("job", world.now()));
    ASSERT_TRUE(world.run_to_end());
    EXPECT_GE(world.outcomes()[outcome::unknown], 1U);
    EXPECT_EQ(
        world.outcomes()[outcome::unknown] + world.outcomes()[outcome::cancelled] +
            world.outcomes()[outcome::deleted],
        100U
    );
}

TEST(EnginePeople, CancelEndsAHeldJobAndOneOfABlockedAccountAndOneWithoutAccount)
{
    for (const int how : {0, 1, 2}) {
        fake_world world;
        world.api = [=](const api_request& asked) { return how == 1 ? says(401) : honest(asked); };
        world.start();
        world.add(100);
        if (how == 0) {
            ASSERT_TRUE(world.daemon().hold("job", "alice", world.now()));
        } else if (how == 1) {
            world.run_for(1min);
        } else {
            world.add_account("other", "key-other");
            world.accounts.erase(world.accounts.begin());
            world.reload();
        }
        ASSERT_TRUE(world.daemon().cancel("job", world.now()));
        ASSERT_TRUE(world.run_to_end(1min)) << how;
        EXPECT_EQ(world.outcomes()[outcome::cancelled], 100U);
    }
}

}  // namespace
}  // namespace reaper::test
