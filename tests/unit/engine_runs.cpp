// What goes out in one turn: several tokens in a row, for which most questions are asked once.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

namespace reaper::test {
namespace {

// What went out at one instant, for each at which something did.
std::vector<std::span<const sent_request>> runs(const std::vector<sent_request>& sent)
{
    std::vector<std::span<const sent_request>> all;
    for (auto begin = sent.begin(); begin != sent.end();) {
        const auto end =
            std::find_if(begin, sent.end(), [&](const auto& each) { return each.at != begin->at; });
        all.emplace_back(begin, end);
        begin = end;
    }
    return all;
}

std::size_t longest(const std::vector<std::span<const sent_request>>& all)
{
    std::size_t most = 0;
    for (const auto& run : all)
        most = std::max(most, run.size());
    return most;
}

// A connection is lost in the middle: what the pace would have sent meanwhile goes out at once when
// the next one is there.
void run_with_a_loss(fake_world& world)
{
    world.setup().settings.max_window = 256;
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() >= 3000; }));
    world.close_by_server(world.sent.back().link);
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineRuns, OneJobAloneIsSentInARow)
{
    fake_world world;
    world.add(6000, "one");
    run_with_a_loss(world);
    EXPECT_GT(longest(runs(world.sent)), 16U);
}

TEST(EngineRuns, JobsOfOnePriorityTakeTurnsTokenByToken)
{
    fake_world world;
    world.add(3000, "one");
    world.add(3000, "two", 100'000);
    run_with_a_loss(world);
    EXPECT_GT(longest(runs(world.sent)), 16U);
    for (const auto& run : runs(world.sent))
        for (std::size_t i = 1; run.size() > 16 && i < run.size(); ++i)
            EXPECT_NE(run[i].job, run[i - 1].job);
}

}  // namespace
}  // namespace reaper::test
