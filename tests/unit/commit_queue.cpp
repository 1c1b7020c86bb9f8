// What becomes of records between their writing and the disk.

#include "reaper/core/commit_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace reaper {
namespace {

using namespace std::chrono_literals;

constexpr mono_time t0{1h};

void add(commit_queue& queue, std::string_view record, mono_time now = t0)
{
    record.copy(queue.draft(512), record.size());
    queue.append(record.size(), outcome::deleted, now);
}

TEST(CommitQueue, WhatComesDuringASyncIsOfTheNext)
{
    commit_queue queue(50ms, 100, {});
    add(queue, "one\n");
    const auto first = queue.begin_sync();
    EXPECT_EQ(first.offset, 100u);
    EXPECT_EQ(first.bytes, "one\n");
    for (int i = 0; i < 1000; ++i)
        add(queue, "more\n");
    EXPECT_EQ(first.bytes, "one\n") << "it is being written";
    EXPECT_EQ(queue.due_at(), mono_never);
    EXPECT_EQ(queue.end(), 100u + 4 + 5000);
    queue.synced();
    EXPECT_EQ(queue.durable_bytes(), 104u);
    EXPECT_EQ(queue.durable()[outcome::deleted], 1u);
    EXPECT_EQ(queue.counts()[outcome::deleted], 1001u);
    EXPECT_FALSE(queue.is_durable());

    const auto second = queue.begin_sync();
    EXPECT_EQ(second.offset, 104u);
    EXPECT_EQ(second.bytes.size(), 5000u);
    queue.synced();
    EXPECT_TRUE(queue.is_durable());
    EXPECT_EQ(queue.durable()[outcome::deleted], 1001u);
}

TEST(CommitQueue, AFailedSyncIsDoneAgainFromTheLastDurableByte)
{
    commit_queue queue(50ms, 0, {});
    add(queue, "a\n");
    static_cast<void>(queue.begin_sync());
    add(queue, "b\n");
    queue.failed(t0 + 1s);
    EXPECT_EQ(queue.durable_bytes(), 0u);
    EXPECT_EQ(queue.durable()[outcome::deleted], 0u);
    EXPECT_EQ(queue.pending_bytes(), 4u);
    EXPECT_EQ(queue.due_at(), t0 + 1s);
    add(queue, "c\n");
    const auto again = queue.begin_sync();
    EXPECT_EQ(again.offset, 0u);
    EXPECT_EQ(again.bytes, "a\nb\nc\n");
    queue.failed(t0 + 2s);  // with nothing behind it
    const auto third = queue.begin_sync();
    EXPECT_EQ(third.bytes, "a\nb\nc\n");
    queue.synced();
    EXPECT_TRUE(queue.is_durable());
    EXPECT_EQ(queue.durable_bytes(), 6u);
}

TEST(CommitQueue, ASyncIsDueAfterAWhileOrAQuarterOfAMebibyte)
{
    commit_queue queue(50ms, 0, {});
    EXPECT_EQ(queue.due_at(), mono_never);
    add(queue, "a\n");
    EXPECT_EQ(queue.due_at(), t0 + 50ms);
    add(queue, "b\n", t0 + 44ms);
    EXPECT_EQ(queue.due_at(), t0 + 50ms) << "the first one counts";
    add(queue, "c\n", t0 + 45ms);
    EXPECT_EQ(queue.due_at(), mono_time{}) << "with a record that comes shortly before that";
    static_cast<void>(queue.begin_sync());
    queue.synced();

    const std::string record(512, 'x');
    for (int i = 0; i < 511; ++i)
        add(queue, record);
    EXPECT_EQ(queue.due_at(), t0 + 50ms);
    add(queue, record);
    EXPECT_EQ(queue.due_at(), mono_time{});
}

}  // namespace
}  // namespace reaper
