// The engine from a job's first token to its end, where nothing goes wrong.

#include "support/fake_world.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

TEST(Engine, DeletesEveryTokenOfAJob)
{
    fake_world world;
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 100U);
    EXPECT_TRUE(world.campaigns.empty());
    EXPECT_EQ(world.sent.size(), 100U);
}

}  // namespace
}  // namespace reaper::test
