// The rules of disk_content.hpp.

#include "sim/disk_content.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace reaper::test {

namespace {

// What a power cut left, by seed.
std::set<std::string> outcomes(const disk_content& content, survival how)
{
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        dice chance(seed);
        disk_content copy = content;
        copy.crash(how, chance);
        EXPECT_TRUE(copy.is_durable());
        seen.insert(copy.bytes());
    }
    return seen;
}

disk_content synced(std::string_view bytes)
{
    disk_content content;
    content.write(0, bytes);
    content.sync();
    return content;
}

}  // namespace

TEST(DiskContent, WhatWasSyncedSurvives)
{
    const auto content = synced("first");
    EXPECT_TRUE(content.is_durable());
    for (const auto how : {survival::kept, survival::lost, survival::mixed})
        EXPECT_EQ(outcomes(content, how), std::set<std::string>{"first"});
}

TEST(DiskContent, UnsyncedWritesAreKeptOrLostAsAskedFor)
{
    auto content = synced("first");
    content.write(5, " second");
    content.write(0, "F");
    content.resize(8);
    EXPECT_EQ(content.bytes(), "First se");
    EXPECT_EQ(content.durable_bytes(), "first");
    EXPECT_EQ(outcomes(content, survival::lost), std::set<std::string>{"first"});
    EXPECT_EQ(outcomes(content, survival::kept), std::set<std::string>{"First se"});
}

TEST(DiskContent, LaterWriteMaySurviveAnEarlierOne)
{
    auto content = synced(std::string(1024, '.'));
    content.write(0, "a");
    content.write(512, "b");
    const auto seen = outcomes(content, survival::mixed);
    for (const bool a : {false, true}) {
        for (const bool b : {false, true}) {
            std::string expected(1024, '.');
            expected[0] = a ? 'a' : '.';
            expected[512] = b ? 'b' : '.';
            EXPECT_TRUE(seen.contains(expected)) << a << b;
        }
    }
    EXPECT_EQ(seen.size(), 4U);
}

TEST(DiskContent, LastWriteMayBeTornWithinALine)
{
    auto content = synced("one\n");
    content.write(4, "two\n");
    const auto seen = outcomes(content, survival::mixed);
    EXPECT_TRUE(seen.contains("one\ntw"));
    EXPECT_TRUE(seen.contains("one\n"));
    EXPECT_TRUE(seen.contains("one\ntwo\n"));
}

TEST(DiskContent, SizeMaySurviveWithoutTheContent)
{
    auto content = synced("one\n");
    content.write(4, "two\n");
    EXPECT_TRUE(outcomes(content, survival::mixed).contains(std::string("one\n\0\0\0\0", 8)));
}

TEST(DiskContent, WriteBehindALostCutIsLost)
{
    auto content = synced("the old content");
    content.resize(0);
    content.write(0, "new");
    for (const auto& seen : outcomes(content, survival::mixed)) {
        const bool is_cut = seen.size() <= 3;
        EXPECT_TRUE(is_cut || seen == "the old content") << seen;
    }
}

TEST(DiskContent, SyncAfterAFailedSyncIsFalselyFine)
{
    auto content = synced("one\n");
    content.write(4, "two\n");
    content.fail_sync();
    content.sync();
    EXPECT_EQ(content.bytes(), "one\ntwo\n") << "the page cache still has it";
    const std::string nulls("one\n\0\0\0\0", 8);
    for (const auto how : {survival::kept, survival::lost, survival::mixed})
        EXPECT_EQ(outcomes(content, how), std::set<std::string>{nulls});
}

TEST(DiskContent, WritingThePageAgainMakesItDueAgain)
{
    auto content = synced("one\n");
    content.write(4, "two\n");
    content.fail_sync();
    content.write(4, "two\n");
    content.sync();
    EXPECT_EQ(outcomes(content, survival::lost), std::set<std::string>{"one\ntwo\n"});
}

TEST(DiskContent, AnotherPageDoesNotBringWhatAFailedSyncLost)
{
    disk_content content;
    content.write(0, std::string(4096, 'a'));
    content.fail_sync();
    content.write(4096, "b");
    content.sync();
    EXPECT_EQ(
        outcomes(content, survival::kept), std::set<std::string>{std::string(4096, '\0') + "b"}
    );
}

}  // namespace reaper::test
