// Virtual time runs in order, chance comes from the seed alone, and seeds give worlds of all kinds.

#include "event_queue.hpp"
#include "world_shape.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace reaper::test {
namespace {

TEST(EventQueue, RunsInOrderOfTimeAndEqualTimesInOrderOfAdding)
{
    event_queue queue;
    const mono_time start = queue.mono();
    std::vector<int> seen;
    for (int i = 0; i < 100; ++i)
        queue.at(start + std::chrono::seconds(i % 3), [&, i] { seen.push_back(i); });
    while (queue.run_next()) {
    }
    ASSERT_EQ(seen.size(), 100u);
    for (std::size_t i = 1; i < seen.size(); ++i)
        EXPECT_LT(std::pair(seen[i - 1] % 3, seen[i - 1]), std::pair(seen[i] % 3, seen[i]));
    EXPECT_EQ(queue.mono(), start + 2s);
}

TEST(EventQueue, EventsMayAddEventsAndThePastMeansNow)
{
    event_queue queue;
    const mono_time start = queue.mono();
    std::vector<mono_time> seen;
    queue.after(5s, [&] {
        queue.at(start, [&] { seen.push_back(queue.mono()); });
        queue.after(1s, [&] { seen.push_back(queue.mono()); });
    });
    queue.run_until(start + 1h);
    EXPECT_EQ(seen, (std::vector<mono_time>{start + 5s, start + 6s}));
    EXPECT_EQ(queue.mono(), start + 1h);
    EXPECT_FALSE(queue.run_next());
    EXPECT_EQ(queue.next_at(), mono_never);
}

TEST(EventQueue, WallClockFollowsAndMayBeSet)
{
    event_queue queue;
    const instant before = queue.now();
    queue.run_until(before.mono + 1500us);
    EXPECT_EQ(queue.now().wall, before.wall + 1ms);
    queue.shift_wall(-1h);
    EXPECT_EQ(queue.now().wall, before.wall + 1ms - 1h);
    EXPECT_EQ(queue.now().mono, before.mono + 1500us);
}

TEST(RandomSource, IsTheSameEverywhere)
{
    // The first numbers of splitmix64 from the state 1234567, as its authors publish them.
    random_source random(1234567);
    EXPECT_EQ(random.next(), 6457827717110365317u);
    EXPECT_EQ(random.next(), 3203168211198807973u);
    EXPECT_EQ(random.next(), 9817491932198370423u);
}

TEST(RandomSource, KeepsItsBounds)
{
    random_source random(1);
    int heads = 0;
    for (int i = 0; i < 10'000; ++i) {
        EXPECT_LT(random.below(7), 7u);
        const duration wait = random.between(2s, 3s);
        EXPECT_TRUE(wait >= 2s && wait <= 3s);
        EXPECT_FALSE(random.chance(0));
        EXPECT_TRUE(random.chance(1));
        heads += random.chance(0.25) ? 1 : 0;
    }
    EXPECT_NEAR(heads, 2'500, 200);
}

std::size_t mishaps_of(const world_shape& shape)
{
    std::size_t count = shape.spells.size();
    for (const double each : shape.mishaps.of)
        count += each > 0 ? 1U : 0U;
    const network_shape& net = shape.network;
    for (const double each :
         {net.loses_piece, net.connect_fails, net.connect_hangs, net.ends_at_once})
        count += each > 0 ? 1U : 0U;
    return count;
}

TEST(RandomShape, GivesQuietWorldsWildOnesAndWhatIsBetween)
{
    std::size_t quiet = 0;
    std::size_t single = 0;
    std::size_t wild = 0;
    std::set<limiter_shape> limits;
    odds<mishap> heaviest;
    for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
        random_source random(seed);
        const world_shape shape = random_shape(random);
        const std::size_t count = mishaps_of(shape);
        quiet += count == 0 ? 1U : 0U;
        single += count == 1 ? 1U : 0U;
        wild += count >= 8 ? 1U : 0U;
        limits.insert(shape.limit.kind);
        for (std::size_t i = 0; i < heaviest.of.size(); ++i)
            heaviest.of[i] = std::max(heaviest.of[i], shape.mishaps.of[i]);

        const auto& all = shape.mishaps.of;
        EXPECT_LE(std::accumulate(all.begin(), all.end(), 0.0), 0.71) << seed;
        for (const outage_spell& spell : shape.spells)
            EXPECT_LE(spell.upto, shape.calm_after) << seed;
        EXPECT_GE(shape.limit.rate_per_s, 1.0) << seed;
        const network_shape& net = shape.network;
        if (net.idle_max.count() > 0) {
            EXPECT_GT(net.idle_max, 2 * (net.latency + net.jitter)) << seed;
        }
    }
    EXPECT_GT(quiet, 800u);
    EXPECT_GT(single, 800u);
    EXPECT_GT(wild, 400u);
    EXPECT_EQ(limits.size(), 5u);
    for (const double each : heaviest.of)
        EXPECT_GE(each, 0.2);
}

TEST(RandomShape, IsTheSeedsAlone)
{
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        random_source one(seed);
        random_source two(seed);
        EXPECT_EQ(describe(random_shape(one)), describe(random_shape(two)));
        EXPECT_EQ(one.next(), two.next());
    }
}

}  // namespace
}  // namespace reaper::test
