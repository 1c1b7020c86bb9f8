// The allow and deny lists (SPEC 4).

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

token_list list_of(const std::vector<std::string>& tokens)
{
    std::string text;
    for (const std::string& token : tokens)
        text += token + "\n";
    return *token_list::parse(text);
}

TEST(EngineLists, DeniedAndNotAllowedTokensAreRefusedAndNeverSentAndDenyWins)
{
    fake_world world;
    world.setup().lists.allow = list_of(some_tokens(20));
    world.setup().lists.allow_path = "/etc/allow";
    world.setup().lists.deny = list_of(some_tokens(10, 15));
    world.setup().lists.deny_path = "/etc/deny";
    world.start();
    world.add(30);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 14U);
    EXPECT_EQ(world.outcomes()[outcome::refused], 16U);
    EXPECT_EQ(world.records().at(15).message, "named by the deny list /etc/deny");
    EXPECT_EQ(world.records().at(30).message, "not named by the allow list /etc/allow");
    EXPECT_EQ(world.records().at(30).attempts, 0U);
}

TEST(EngineLists, TheListsAreLookedAtAgainBeforeSending)
{
    fake_world world;
    world.setup().settings.pace_per_s = 10;
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 20; }));
    world.setup().lists.deny = list_of(some_tokens(50, 51));
    world.daemon().refresh_account(world.setup(), world.now());
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 50U);
    EXPECT_EQ(world.outcomes()[outcome::refused], 50U);
}

TEST(EngineLists, ADeniedTokenOfUnknownFateIsUnknown)
{
    fake_world world;
    world.api = [](const api_request& asked) { return asked.number == 1 ? cut() : honest(asked); };
    world.start();
    world.add(3);
    ASSERT_TRUE(world.run_until([&] { return world.asked(hex_token(1)) == 1; }));
    world.setup().lists.deny = list_of({hex_token(1)});
    world.daemon().refresh_account(world.setup(), world.now());
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.records().at(1).result, outcome::unknown);
    EXPECT_NE(world.records().at(1).message.find("unknown fate"), std::string::npos);
}

TEST(EngineLists, SendingStopsWhileAListCannotBeRead)
{
    fake_world world;
    world.setup().settings.pace_per_s = 10;
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 20; }));
    world.setup().lists.fault = "cannot read /etc/deny: Permission denied";
    world.daemon().refresh_account(world.setup(), world.now());
    world.run_for(1min);
    EXPECT_EQ(world.sent.size(), 20U);
    EXPECT_EQ(world.view().why, "cannot read /etc/deny: Permission denied");
    EXPECT_TRUE(world.daemon().is_stuck(world.now()));
    world.setup().lists.fault.clear();
    world.daemon().refresh_account(world.setup(), world.now());
    ASSERT_TRUE(world.run_to_end());
}

}  // namespace
}  // namespace reaper::test
