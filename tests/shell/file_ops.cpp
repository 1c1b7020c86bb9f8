#include "reaper/io/file_ops.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace reaper {
namespace {

using namespace test;

mode_t mode_of(const std::string& path)
{
    struct stat about = {};
    EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
    return about.st_mode & 07777u;
}

std::size_t entries_in(const std::string& path)
{
    const std::filesystem::directory_iterator all(path);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST(UniqueFd, ClosesOnceAndMoves)
{
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    const unique_fd reader(pipe[0]);
    {
        unique_fd writer(pipe[1]);
        unique_fd moved = std::move(writer);
        EXPECT_FALSE(writer);  // NOLINT: a moved-from descriptor is none
        EXPECT_TRUE(moved);
        unique_fd other;
        other = std::move(moved);
        EXPECT_EQ(other.get(), pipe[1]);
    }
    char byte = 0;
    EXPECT_EQ(::read(reader.get(), &byte, 1), 0) << "the writing end is closed";
}

TEST(WriteFileAtomically, ReplacesTheFileAndLeavesNothingElse)
{
    const temp_dir dir;
    const std::string path = dir / "state.json";
    ASSERT_TRUE(write_file_atomically(path, "one", 0640));
    EXPECT_EQ(content_of(path), "one");
    ASSERT_TRUE(write_file_atomically(path, "two", 0640));
    EXPECT_EQ(content_of(path), "two");
    EXPECT_EQ(entries_in(dir.path()), 1u);
}

TEST(WriteFileAtomically, TheModeIsExactWhateverTheUmask)
{
    const temp_dir dir;
    const mode_t before = ::umask(077);
    EXPECT_TRUE(write_file_atomically(dir / "public", "", 0644));
    ::umask(0);
    EXPECT_TRUE(write_file_atomically(dir / "private", "", 0600));
    ::umask(before);
    EXPECT_EQ(mode_of(dir / "public"), 0644u);
    EXPECT_EQ(mode_of(dir / "private"), 0600u);
}

TEST(WriteFileAtomically, WhatACrashLeftUnderTheTemporaryNameIsReplaced)
{
    const temp_dir dir;
    put_content(dir / ".a.tmp", "left by a crash, and longer than what follows");
    ASSERT_TRUE(write_file_atomically(dir / "a", "new", 0600));
    EXPECT_EQ(content_of(dir / "a"), "new");
    EXPECT_EQ(entries_in(dir.path()), 1u);
}

TEST(WriteFileAtomically, IsNotLedAstrayByALink)
{
    const temp_dir dir;
    put_content(dir / "victim", "precious");
    ASSERT_EQ(::symlink((dir / "victim").c_str(), (dir / ".a.tmp").c_str()), 0);
    ASSERT_TRUE(write_file_atomically(dir / "a", "new", 0600));
    ASSERT_EQ(::link((dir / "victim").c_str(), (dir / ".b.tmp").c_str()), 0);
    ASSERT_TRUE(write_file_atomically(dir / "b", "new", 0600));
    EXPECT_EQ(content_of(dir / "victim"), "precious");
    EXPECT_EQ(content_of(dir / "a"), "new");
}

TEST(WriteFileAtomically, AFailureLeavesTheOldFileAndSaysWhy)
{
    const temp_dir dir;
    const auto no_directory = write_file_atomically(dir / "none/a", "x", 0600);
    ASSERT_FALSE(no_directory);
    EXPECT_EQ(no_directory.error().error_number, ENOENT);
    EXPECT_NE(no_directory.error().sentence.find(dir.path()), std::string::npos);

    // A file cannot take the place of a directory: the rename fails, and the temporary file goes.
    std::filesystem::create_directory(dir / "taken");
    EXPECT_FALSE(write_file_atomically(dir / "taken", "x", 0600));
    EXPECT_EQ(entries_in(dir.path()), 1u);
}

TEST(ReadFileBounded, GivesTheWholeFileUpToTheBound)
{
    const temp_dir dir;
    for (const std::size_t size : {0u, 1u, 511u, 512u, 513u, 100'000u}) {
        const std::string bytes(size, 'x');
        put_content(dir / "a", bytes);
        const auto whole = read_file_bounded(dir / "a", size);
        ASSERT_TRUE(whole) << size;
        EXPECT_EQ(*whole, bytes);
        if (size > 0) {
            const auto too_large = read_file_bounded(dir / "a", size - 1);
            ASSERT_FALSE(too_large) << size;
            EXPECT_EQ(too_large.error().error_number, EFBIG);
        }
    }
}

TEST(ReadFileBounded, ReadsWhatTheKernelMakesUp)
{
    const auto boot_id = read_file_bounded("/proc/sys/kernel/random/boot_id", 256);
    ASSERT_TRUE(boot_id);
    EXPECT_EQ(boot_id->size(), 37u);
}

TEST(ReadFileBounded, SaysWhatIsThereInstead)
{
    const temp_dir dir;
    EXPECT_EQ(read_file_bounded(dir / "none", 10).error().error_number, ENOENT);
    EXPECT_EQ(read_file_bounded(dir.path(), 10).error().error_number, EINVAL);
    ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(read_file_bounded(dir / "fifo", 10).error().error_number, EINVAL);
    EXPECT_EQ(
        read_file_bounded(dir / "none", 10).error().sentence,
        "cannot open " + (dir / "none") + ": No such file or directory"
    );
}

TEST(WriteAll, WritesMoreThanAPipeHolds)
{
    int pipe[2];
    ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    const unique_fd reader(pipe[0]);
    const unique_fd writer(pipe[1]);
    const std::string bytes(1'000'000, 'x');
    std::string got;
    std::thread draining([&] {
        char part[4096];
        while (got.size() < bytes.size()) {
            const ssize_t count = ::read(reader.get(), part, sizeof part);
            if (count <= 0)
                break;
            got.append(part, static_cast<std::size_t>(count));
        }
    });
    EXPECT_EQ(write_all(writer.get(), bytes), 0);
    draining.join();
    EXPECT_TRUE(got == bytes);
}

TEST(WriteAll, GivesTheErrno)
{
    const unique_fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(full);
    EXPECT_EQ(write_all(full.get(), "x"), ENOSPC);
    EXPECT_EQ(write_all_at(full.get(), 5, "x"), ENOSPC);
    EXPECT_EQ(write_all(-1, "x"), EBADF);
    EXPECT_EQ(write_all(-1, ""), 0);
}

TEST(ParentDirectory, IsWhatHoldsThePath)
{
    EXPECT_EQ(parent_directory("/a/b"), "/a");
    EXPECT_EQ(parent_directory("/a"), "/");
    EXPECT_EQ(parent_directory("a"), ".");
    EXPECT_EQ(parent_directory("a/b/c"), "a/b");
}

TEST(SyncDirectory, NamesWhatItCannotSync)
{
    const temp_dir dir;
    EXPECT_TRUE(sync_directory(dir.path()));
    const auto none = sync_directory(dir / "none");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().error_number, ENOENT);
}

}  // namespace
}  // namespace reaper
