// Lending a limit to a command that calls the API itself (SPEC 2).

#include "support/fake_world.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

// Not before, and only as much later as a mark takes.
void expect_after(duration actual, duration floor)
{
    EXPECT_GE(actual, floor);
    EXPECT_LT(actual, floor + 50ms);
}

TEST(EngineLending, ALimitThatIsWantedIsYieldedWithNothingInFlightAndTakenBackLater)
{
    fake_world world;
    world.start();
    world.add(200);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 150; }));
    EXPECT_GT(world.in_flight(), 0U);
    world.daemon().limit_wanted("key-prod", world.now());
    ASSERT_TRUE(world.run_until([&] { return !world.yielded_limits.empty(); }));
    world.run_for(30s);
    EXPECT_EQ(world.sent.size(), 150U) << "nothing is sent under a limit that is lent";
    EXPECT_NE(world.view().why.find("another command"), std::string::npos);
    // The command has met a 429 of its own.
    world.disk.limits["key-prod"].shut_until = world.now().mono + 4s;
    world.give_back("key-prod");
    const mono_time back = world.now().mono;
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 151; }));
    expect_after(world.now().mono - back, 4s);
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineLending, ALimitThatNobodyHasAndCannotBeTakenSaysWhy)
{
    fake_world world;
    world.no_claims = fault{"cannot open the lock: Too many open files", EMFILE};
    world.start();
    world.add(3);
    world.run_for(3s);
    EXPECT_TRUE(world.sent.empty());
    EXPECT_NE(world.view().why.find("Too many open files"), std::string::npos) << world.view().why;
    EXPECT_TRUE(world.reported("Too many open files"));
    world.no_claims.reset();
    world.give_back("key-prod");
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 3U);
}

TEST(EngineLending, AWantedLimitIsYieldedAtOnceByAnIdleDaemon)
{
    fake_world world;
    world.start();
    world.daemon().limit_wanted("key-prod", world.now());
    ASSERT_TRUE(world.run_until([&] { return !world.yielded_limits.empty(); }, 1ms));
}

TEST(EngineLending, AWantedLimitIsYieldedWhenItsStateCanBeStoredAgain)
{
    fake_world world;
    world.start();
    world.fail_from = world.fallible_calls + 1;
    world.fail_upto = world.fail_from + 2;
    world.daemon().limit_wanted("key-prod", world.now());
    ASSERT_TRUE(world.run_until([&] { return !world.yielded_limits.empty(); }, 10s));
}

TEST(EngineLending, ALimitThatAnotherProcessHasAtTheStartIsWaitedFor)
{
    fake_world world;
    world.lent_limits.insert("key-prod");
    world.start();
    world.add(5);
    world.run_for(60s);
    EXPECT_TRUE(world.sent.empty());
    world.give_back("key-prod");
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineLending, ACommandThatCrashedWithTheLimitLeavesItShutFor5s)
{
    fake_world world;
    world.lent_limits.insert("key-prod");
    world.start();
    world.add(5);
    world.run_for(10s);
    limit_state& left = world.disk.limits["key-prod"];
    left.id = "key-prod";
    left.boot_id = "boot-1";
    world.give_back("key-prod");
    const mono_time back = world.now().mono;
    ASSERT_TRUE(world.run_until([&] { return !world.sent.empty(); }));
    expect_after(world.now().mono - back, 5s);
}

}  // namespace
}  // namespace reaper::test
