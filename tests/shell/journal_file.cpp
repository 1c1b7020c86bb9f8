#include "reaper/io/journal_file.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

namespace reaper {
namespace {

using namespace test;

struct stat look_at(const std::string& path)
{
    struct stat about = {};
    EXPECT_EQ(::stat(path.c_str(), &about), 0);
    return about;
}

std::uint64_t allocated_bytes(const std::string& path)
{
    return static_cast<std::uint64_t>(look_at(path).st_blocks) * 512;
}

TEST(JournalFile, WritesWhereItIsTold)
{
    const temp_dir dir;
    auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_TRUE(file) << file.error().sentence;
    EXPECT_EQ(*file->size(), 0u);
    ASSERT_TRUE(file->write_at(0, "first\nsecond\n"));
    ASSERT_TRUE(file->write_at(6, "SECOND\nthird\n"));
    ASSERT_TRUE(file->sync());
    EXPECT_EQ(content_of(dir / "results.jsonl"), "first\nSECOND\nthird\n");
    EXPECT_EQ(*file->size(), 19u);
}

TEST(JournalFile, ReadsBackUpToTheEnd)
{
    const temp_dir dir;
    auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write_at(0, "0123456789"));
    EXPECT_EQ(*file->read_at(2, 3), "234");
    EXPECT_EQ(*file->read_at(8, 100), "89");
    EXPECT_EQ(*file->read_at(10, 100), "");
}

TEST(JournalFile, AnExistingFileIsKept)
{
    const temp_dir dir;
    put_content(dir / "results.jsonl", "kept\n");
    auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_TRUE(file);
    EXPECT_EQ(*file->size(), 5u);
}

TEST(JournalFile, IsNotForEverybody)
{
    const temp_dir dir;
    ASSERT_TRUE(journal_file::open(dir / "results.jsonl"));
    EXPECT_EQ(look_at(dir / "results.jsonl").st_mode & 0027u, 0u);
}

TEST(JournalFile, CutsATornTail)
{
    const temp_dir dir;
    put_content(dir / "results.jsonl", "whole\ntor");
    auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->truncate(6));
    EXPECT_EQ(content_of(dir / "results.jsonl"), "whole\n");
}

TEST(JournalFile, ReservesSpaceWithoutChangingTheSize)
{
    const temp_dir dir;
    const std::string path = dir / "results.jsonl";
    auto file = journal_file::open(path);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write_at(0, "record\n"));
    const auto reserved = file->reserve(7, 4 << 20);
    ASSERT_TRUE(reserved) << reserved.error().sentence;
    EXPECT_EQ(*file->size(), 7u);
    if (!*reserved)
        GTEST_SKIP() << "this file system cannot reserve";
    EXPECT_GE(allocated_bytes(path), 4u << 20);

    ASSERT_TRUE(file->release_reserve(7));
    EXPECT_EQ(content_of(path), "record\n");
    EXPECT_LT(allocated_bytes(path), 1u << 20) << "what was reserved is given back";
}

TEST(JournalFile, ReservingNothingIsFine)
{
    const temp_dir dir;
    auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_TRUE(file);
    EXPECT_TRUE(*file->reserve(5, 5));
}

TEST(JournalFile, MoreThanTheDiskHasIsAFaultThatSaysSo)
{
    const temp_dir dir;
    auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_TRUE(file);
    const auto reserved = file->reserve(0, std::uint64_t{1} << 62);
    if (reserved && !*reserved)
        GTEST_SKIP() << "this file system cannot reserve";
    ASSERT_FALSE(reserved);
    EXPECT_TRUE(
        reserved.error().error_number == ENOSPC || reserved.error().error_number == EFBIG ||
        reserved.error().error_number == EDQUOT
    ) << reserved.error().sentence;
    EXPECT_NE(reserved.error().sentence.find(dir / "results.jsonl"), std::string::npos);
}

TEST(JournalFile, KnowsHowMuchSpaceIsLeft)
{
    const temp_dir dir;
    auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_TRUE(file);
    const auto free = file->free_bytes();
    ASSERT_TRUE(free);
    EXPECT_GT(*free, 0u);
}

TEST(JournalFile, AFullFileIsAFaultAndWhatWasWrittenBeforeStays)
{
    const temp_dir dir;
    auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write_at(0, "whole\n"));

    // A limit on the size of files stands in for a full disk: the write is short, then refused.
    struct rlimit before = {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit tight = {.rlim_cur = 10, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    const auto written = file->write_at(6, "too long to fit\n");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);

    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().error_number, EFBIG);
    EXPECT_EQ(content_of(dir / "results.jsonl").substr(0, 6), "whole\n");
    ASSERT_TRUE(file->write_at(6, "again\n"));
    EXPECT_EQ(content_of(dir / "results.jsonl"), "whole\nagain\n");
}

TEST(JournalFile, FollowsNoLink)
{
    const temp_dir dir;
    put_content(dir / "other", "");
    ASSERT_EQ(::symlink((dir / "other").c_str(), (dir / "results.jsonl").c_str()), 0);
    const auto file = journal_file::open(dir / "results.jsonl");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().error_number, ELOOP);
}

}  // namespace
}  // namespace reaper
