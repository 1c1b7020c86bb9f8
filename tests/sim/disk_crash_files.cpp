// The small files of a job, and the spool itself, through a power cut at every call.

#include "reaper/core/mark_codec.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/journal_file.hpp"
#include "reaper/io/mark_file.hpp"
#include "reaper/io/spool.hpp"
#include "sim/crash_run.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reaper::test {

namespace {

const std::string path = "/sim/state.json";

std::string large(char fill)
{
    return std::string(10'000, fill);
}

}  // namespace

TEST(DiskCrashFiles, AtomicallyWrittenFileIsOldOrNewAndNeverTorn)
{
    bool written = false;
    cut_power_at_every_call({
        .before =
            [&](disk_model& disk) {
                disk.put_file(path, large('o'), durability::at_once);
                written = false;
            },
        .code = [&] { written = write_file_atomically(path, large('n'), 0640).has_value(); },
        .after =
            [&](disk_model& disk, bool) {
                const auto text = disk.read_file(path);
                EXPECT_TRUE(text == large('n') || (!written && text == large('o')));
            },
        .seeds = 40,
    });
}

TEST(DiskCrashFiles, FileThatIsReplacedWithoutASyncSurvivesAKill)
{
    bool is_whole = false;
    for (std::uint64_t last = 0; !is_whole; ++last) {
        disk_model disk;
        const auto active = disk.activate();
        disk.put_file(path, large('o'));
        is_whole = live(disk, last, [] {
            static_cast<void>(replace_file(path, large('n'), 0640).has_value());
        });
        disk.kill();
        const auto text = disk.read_file(path);
        EXPECT_TRUE(text == large('n') || (!is_whole && text == large('o')));
    }
}

TEST(DiskCrashFiles, WhatTheJournalSyncedIsThere)
{
    std::string durable;
    cut_power_at_every_call({
        .before = [&](disk_model&) { durable.clear(); },
        .code =
            [&] {
                auto file = journal_file::open("/sim/results.jsonl");
                std::string text;
                for (char each = 'a'; file && each < 'f'; ++each) {
                    static_cast<void>(file->reserve(text.size(), text.size() + 9000));
                    const std::string lines(1500, each);
                    if (!file->write_at(text.size(), lines) || !file->sync())
                        return;
                    text += lines;
                    durable = text;
                }
            },
        .after =
            [&](disk_model& disk, bool) {
                if (!durable.empty()) {
                    EXPECT_TRUE(disk.read_file("/sim/results.jsonl").starts_with(durable));
                }
            },
    });
}

TEST(DiskCrashFiles, MarkIsNeverBelowWhatWasPromised)
{
    std::uint64_t promised = 0;
    cut_power_at_every_call({
        .before = [&](disk_model&) { promised = 0; },
        .code =
            [&] {
                for (std::uint64_t upto = 100; upto <= 500; upto += 100) {
                    auto file = mark_file::open("/sim/mark");
                    if (!file || !file->write({.epoch = 1, .upto = upto, .durable_bytes = 0}))
                        return;
                    promised = upto;
                }
            },
        .after =
            [&](disk_model&, bool) {
                const auto file = mark_file::open("/sim/mark");
                ASSERT_TRUE(file);
                EXPECT_FALSE(file->reading().damaged);
                const auto mark = file->reading().mark.value_or(send_mark{});
                EXPECT_GE(mark.upto, promised);
                EXPECT_LE(mark.upto, promised + 100);
            },
        .seeds = 30,
    });
}

// The second process relies on what it read, and the first may have died before its sync.
TEST(DiskCrashFiles, MarkThatWasReadAfterAKillSurvivesAPowerCut)
{
    for (std::uint64_t last = 0; last < 30; ++last) {
        disk_model disk({.seed = last + 1});
        const auto active = disk.activate();
        live(disk, last, [] {
            for (std::uint64_t upto = 100; upto <= 200; upto += 100) {
                auto file = mark_file::open("/sim/mark");
                if (!file || !file->write({.epoch = 1, .upto = upto, .durable_bytes = 0}))
                    return;
            }
        });
        disk.kill();
        const auto read = [] {
            auto file = mark_file::open("/sim/mark");
            EXPECT_TRUE(file && file->settle() && sync_directory("/sim"));
            return file && file->reading().mark ? file->reading().mark->upto : 0;
        };
        const auto before = read();
        disk.crash(survival::lost);
        EXPECT_EQ(read(), before) << "after " << last << " calls";
    }
}

TEST(DiskCrashFiles, SpoolThatWasOpenedIsThereAfterAPowerCut)
{
    bool opened = false;
    const auto open = [] { return open_spool_at("/sim/spool", {"prod"}, "1 here").has_value(); };
    cut_power_at_every_call({
        .before = [&](disk_model&) { opened = false; },
        .code = [&] { opened = open(); },
        .after =
            [&](disk_model& disk, bool) {
                if (opened) {
                    const std::vector<std::string> wanted = {
                        "active", "control", "done", "incoming", "rejected", "state"};
                    EXPECT_EQ(disk.list("/sim/spool"), wanted);
                    EXPECT_TRUE(disk.exists("/sim/spool/incoming/prod"));
                    EXPECT_TRUE(disk.exists("/sim/spool/state/limits"));
                }
                EXPECT_TRUE(open());
            },
    });
}

}  // namespace reaper::test
