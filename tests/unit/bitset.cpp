// The set of ordinals: a bit per token (SPEC P7).

#include "reaper/core/bitset.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace reaper {
namespace {

TEST(OrdinalSet, EmptySetHasNothing)
{
    const ordinal_set set;
    EXPECT_EQ(set.count(), 0u);
    EXPECT_FALSE(set.test(1));
    EXPECT_FALSE(set.test(1'000'000'000'000));
    EXPECT_EQ(set.first_unset_from(1), 1u);
    EXPECT_EQ(set.first_unset_from(1'000'000'000'000), 1'000'000'000'000u);
}

TEST(OrdinalSet, SetSaysWhetherItWasNew)
{
    ordinal_set set;
    EXPECT_TRUE(set.set(5));
    EXPECT_FALSE(set.set(5));
    EXPECT_TRUE(set.test(5));
    EXPECT_FALSE(set.test(4));
    EXPECT_FALSE(set.test(6));
    EXPECT_EQ(set.count(), 1u);
}

TEST(OrdinalSet, FindsTheFirstThatIsMissingAcrossWords)
{
    ordinal_set set;
    for (std::uint64_t n = 1; n <= 200; ++n) {
        EXPECT_TRUE(set.set(n));
        EXPECT_EQ(set.first_unset_from(1), n + 1);
        EXPECT_EQ(set.first_unset_from(n), n + 1);
        EXPECT_EQ(set.first_unset_from(n + 1), n + 1);
    }
    set.set(202);
    EXPECT_EQ(set.first_unset_from(1), 201u);
    EXPECT_EQ(set.first_unset_from(202), 203u);
    EXPECT_EQ(set.first_unset_from(1000), 1000u);
}

TEST(OrdinalSet, AgreesWithAnExactSet)
{
    std::mt19937_64 random(7);
    ordinal_set set;
    std::set<std::uint64_t> exact;
    for (int round = 0; round < 20'000; ++round) {
        const std::uint64_t n = 1 + random() % 10'000;
        ASSERT_EQ(set.set(n), exact.insert(n).second);
        ASSERT_EQ(set.count(), exact.size());
        const std::uint64_t other = 1 + random() % 11'000;
        ASSERT_EQ(set.test(other), exact.contains(other));
        std::uint64_t missing = other;
        while (exact.contains(missing))
            ++missing;
        ASSERT_EQ(set.first_unset_from(other), missing);
    }
}

TEST(OrdinalSet, HoldsTenMillion)
{
    ordinal_set set;
    for (std::uint64_t n = 10'000'000; n > 0; --n)
        set.set(n);
    EXPECT_EQ(set.count(), 10'000'000u);
    EXPECT_EQ(set.first_unset_from(1), 10'000'001u);
}

}  // namespace
}  // namespace reaper
