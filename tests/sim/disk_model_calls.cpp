// What the modelled disk's calls answer: space, locks, faults, the hook, and the end of a process.

#include "reaper/io/file_ops.hpp"
#include "sim/disk_model.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

namespace reaper::test {

namespace {

constexpr int creating = O_RDWR | O_CREAT | O_CLOEXEC;

struct power_cut : std::runtime_error
{
    power_cut() : std::runtime_error("power cut") {}
};

class DiskCalls : public testing::Test
{
protected:
    void become_small(std::uint64_t pages) { disk.set_capacity(pages * disk_page_bytes); }

    disk_model disk;
    disk_model::activation active{disk};
};

// 0 or errno.
int error_of(long answer)
{
    return answer < 0 ? errno : 0;
}

}  // namespace

TEST_F(DiskCalls, FilesElsewhereAreTheKernels)
{
    EXPECT_EQ(::access("/simple", F_OK), -1);
    EXPECT_EQ(disk.calls(), 0U);
    const unique_fd real(::open("/", O_RDONLY | O_DIRECTORY));
    EXPECT_GE(real.get(), 0);
    EXPECT_LT(real.get(), disk_descriptor_base);
    EXPECT_FALSE(std::filesystem::exists("/sim"));
    EXPECT_EQ(::access("/sim", F_OK), 0);
}

TEST_F(DiskCalls, WhatIsWrittenIsRead)
{
    const unique_fd file(::open("/sim/f", creating, 0640));
    ASSERT_EQ(::write(file.get(), "hello", 5), 5);
    ASSERT_EQ(::pwrite(file.get(), "J", 1, 0), 1);
    char bytes[8] = {};
    EXPECT_EQ(::pread(file.get(), bytes, sizeof bytes, 0), 5);
    EXPECT_STREQ(bytes, "Jello");
    struct stat about = {};
    ASSERT_EQ(::fstat(file.get(), &about), 0);
    EXPECT_EQ(about.st_size, 5);
    EXPECT_EQ(about.st_mode, static_cast<mode_t>(S_IFREG | 0640));
    EXPECT_EQ(about.st_nlink, 1U);
    EXPECT_EQ(about.st_blocks, 8);
}

TEST_F(DiskCalls, TimesAreOfTheClock)
{
    disk.set_clock([] { return std::int64_t{5'000'000'007}; });
    disk.put_file("/sim/f", "x");
    struct stat about = {};
    ASSERT_EQ(::stat("/sim/f", &about), 0);
    EXPECT_EQ(about.st_mtim.tv_sec, 5);
    EXPECT_EQ(about.st_ctim.tv_nsec, 7);
}

TEST_F(DiskCalls, FullDiskTakesWhatFitsAndThenNothing)
{
    become_small(2);
    const unique_fd file(::open("/sim/f", creating, 0600));
    const std::string bytes(3 * disk_page_bytes, 'x');
    EXPECT_EQ(::write(file.get(), bytes.data(), bytes.size()), 2 * 4096);
    EXPECT_EQ(error_of(::write(file.get(), "x", 1)), ENOSPC);
    EXPECT_EQ(::unlink("/sim/f"), 0);
    EXPECT_EQ(disk.free_bytes(), 0U) << "it is still open";
    ::close(::open("/sim/g", creating, 0600));
    EXPECT_EQ(error_of(::mkdir("/sim/d", 0700)), ENOSPC);
}

TEST_F(DiskCalls, ReservedSpaceIsThereWhenTheDiskIsFull)
{
    become_small(4);
    const unique_fd file(::open("/sim/f", creating, 0600));
    ASSERT_EQ(::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, 8192), 0);
    EXPECT_EQ(disk.free_bytes(), 8192U);
    EXPECT_EQ(error_of(::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, 5 * 4096)), ENOSPC);
    become_small(2);
    EXPECT_EQ(::pwrite(file.get(), "x", 1, 8191), 1);
    EXPECT_EQ(error_of(::pwrite(file.get(), "x", 1, 8192)), ENOSPC);
    become_small(4);
    ASSERT_EQ(::ftruncate(file.get(), 1), 0);
    EXPECT_EQ(disk.free_bytes(), 3 * 4096U) << "cutting gives the reserve back";
    struct statvfs about = {};
    ASSERT_EQ(::fstatvfs(file.get(), &about), 0);
    EXPECT_EQ(about.f_bavail * about.f_frsize, 3 * 4096U);
}

TEST_F(DiskCalls, LockIsOfTheDescriptionAndEndsWithIt)
{
    struct flock whole = {};
    whole.l_type = F_WRLCK;
    unique_fd first(::open("/sim/lock", creating, 0600));
    const unique_fd second(::open("/sim/lock", creating, 0600));
    EXPECT_EQ(::fcntl(first.get(), F_OFD_SETLK, &whole), 0);
    EXPECT_EQ(error_of(::fcntl(second.get(), F_OFD_SETLK, &whole)), EAGAIN);
    EXPECT_FALSE(disk.take_lock("/sim/lock"));
    first.reset();
    EXPECT_TRUE(disk.take_lock("/sim/lock"));
    EXPECT_EQ(error_of(::fcntl(second.get(), F_OFD_SETLK, &whole)), EAGAIN);
    disk.drop_lock("/sim/lock");
    EXPECT_EQ(::fcntl(second.get(), F_OFD_SETLK, &whole), 0);
    disk.kill();
    EXPECT_TRUE(disk.take_lock("/sim/lock"));
}

TEST_F(DiskCalls, LeaseIsRefusedWhileSomebodyWrites)
{
    disk.put_file("/sim/f", "x");
    const unique_fd file(::open("/sim/f", O_RDONLY));
    EXPECT_EQ(::fcntl(file.get(), F_SETLEASE, F_RDLCK), 0);
    disk.set_writer("/sim/f", true);
    EXPECT_EQ(error_of(::fcntl(file.get(), F_SETLEASE, F_RDLCK)), EAGAIN);
}

TEST_F(DiskCalls, LinksAreNotFollowedWhereNotAsked)
{
    disk.put_file("/sim/f", "x");
    disk.put_symlink("/sim/s", "/sim/f");
    disk.hard_link("/sim/f", "/sim/h");
    struct stat about = {};
    ASSERT_EQ(::lstat("/sim/s", &about), 0);
    EXPECT_TRUE(S_ISLNK(about.st_mode));
    ASSERT_EQ(::stat("/sim/s", &about), 0);
    EXPECT_TRUE(S_ISREG(about.st_mode));
    EXPECT_EQ(about.st_nlink, 2U);
    EXPECT_EQ(error_of(::open("/sim/s", O_RDONLY | O_NOFOLLOW)), ELOOP);
}

TEST_F(DiskCalls, RuleFailsTheCallsItNamesAndNoOthers)
{
    disk.faults().add({.kind = call_kind::write, .path_part = "/f", .skip = 1, .error = EIO});
    const unique_fd file(::open("/sim/f", creating, 0600));
    const unique_fd other(::open("/sim/g", creating, 0600));
    EXPECT_EQ(::write(file.get(), "1", 1), 1);
    EXPECT_EQ(::write(other.get(), "1", 1), 1);
    EXPECT_EQ(error_of(::write(file.get(), "2", 1)), EIO);
    EXPECT_EQ(::write(file.get(), "3", 1), 1);
    EXPECT_EQ(disk.read_file("/sim/f"), "13");
    EXPECT_EQ(disk.faults().hits(), 1U);

    disk.faults().add({.error = EMFILE});
    EXPECT_EQ(::write(file.get(), "4", 1), 1) << "no write fails for want of descriptors";
    EXPECT_EQ(error_of(::open("/sim/f", O_RDONLY)), EMFILE);
    disk.faults().add({.kind = call_kind::write, .times = for_good, .error = 0, .bytes_max = 2});
    EXPECT_EQ(::write(file.get(), "5678", 4), 2);
    EXPECT_EQ(::write(file.get(), "78", 2), 2);
}

TEST_F(DiskCalls, RenameMayHaveHappenedAlthoughItFailed)
{
    disk.put_file("/sim/f", "x");
    disk.faults().add({.kind = call_kind::rename, .error = EIO, .takes_effect = true});
    EXPECT_EQ(error_of(::rename("/sim/f", "/sim/g")), EIO);
    EXPECT_TRUE(disk.exists("/sim/g"));
}

TEST_F(DiskCalls, SecondSyncAfterAFailedOneKeepsNothing)
{
    const unique_fd file(::open("/sim/f", creating, 0600));
    ASSERT_EQ(::write(file.get(), "x", 1), 1);
    disk.faults().add({.kind = call_kind::sync, .error = EIO});
    EXPECT_EQ(error_of(::fdatasync(file.get())), EIO);
    EXPECT_EQ(::fdatasync(file.get()), 0);
    EXPECT_EQ(disk.durable_content("/sim/f"), std::string("\0", 1));
    disk.faults().add({.kind = call_kind::sync, .error = EINTR});
    ASSERT_EQ(::pwrite(file.get(), "y", 1, 0), 1);
    EXPECT_EQ(error_of(::fdatasync(file.get())), EINTR);
    EXPECT_EQ(::fdatasync(file.get()), 0);
    EXPECT_EQ(disk.durable_content("/sim/f"), "y");
}

TEST_F(DiskCalls, SyncTakesTheTimeItIsGiven)
{
    std::chrono::nanoseconds passed{};
    disk.set_sync_time(std::chrono::milliseconds(30), [&](auto each) { passed += each; });
    const unique_fd file(::open("/sim/f", creating, 0600));
    ASSERT_EQ(::fsync(file.get()), 0);
    EXPECT_EQ(passed, std::chrono::milliseconds(30));
}

TEST_F(DiskCalls, HookEndsTheProcessBeforeTheCall)
{
    disk.set_hook([](call_kind kind, std::string_view) {
        if (kind == call_kind::write)
            throw power_cut();
    });
    const unique_fd file(::open("/sim/f", creating, 0600));
    EXPECT_THROW(static_cast<void>(::write(file.get(), "x", 1)), power_cut);
    EXPECT_TRUE(disk.is_dead());
    EXPECT_EQ(error_of(::write(file.get(), "x", 1)), EIO) << "and does nothing";
    EXPECT_EQ(error_of(::mkdir("/sim/d", 0700)), EIO);
    disk.set_hook({});
    disk.kill();
    EXPECT_EQ(disk.list("/sim"), std::vector<std::string>{"f"});
    EXPECT_EQ(disk.read_file("/sim/f"), "");
}

TEST_F(DiskCalls, HookAtACallThatCannotThrowThrowsAtTheNextThatCan)
{
    disk.set_hook([](call_kind kind, std::string_view) {
        if (kind == call_kind::make_directory)
            throw power_cut();
    });
    EXPECT_EQ(error_of(::mkdir("/sim/d", 0700)), EIO);
    EXPECT_TRUE(disk.is_dead());
    EXPECT_EQ(error_of(::unlink("/sim/d")), EIO);
    EXPECT_THROW(static_cast<void>(::open("/sim/f", creating, 0600)), power_cut);
    EXPECT_EQ(error_of(::open("/sim/f", creating, 0600)), EIO) << "once is enough";
    EXPECT_FALSE(disk.exists("/sim/d"));
}

TEST_F(DiskCalls, DescriptorsOfTheLastProcessAreClosedToNoEffect)
{
    unique_fd file(::open("/sim/f", creating, 0600));
    disk.crash(survival::kept);
    const unique_fd next(::open("/sim/f", creating, 0600));
    EXPECT_EQ(error_of(::write(file.get(), "x", 1)), EBADF);
    file.reset();
    EXPECT_EQ(::write(next.get(), "x", 1), 1);
    EXPECT_EQ(disk.misuses(), 0U);
    EXPECT_EQ(error_of(::close(disk_descriptor_base + 1000)), EBADF);
    EXPECT_EQ(disk.misuses(), 1U);
}

TEST_F(DiskCalls, MachineIsAnotherAfterAPowerCutAndTheSameAfterAKill)
{
    const auto boot = [] {
        const auto text = read_file_bounded("/proc/sys/kernel/random/boot_id", 100);
        return text ? *text : std::string{};
    };
    const auto first = boot();
    const auto pid = ::getpid();
    EXPECT_EQ(first.size(), 37U);
    disk.kill();
    EXPECT_EQ(boot(), first);
    EXPECT_NE(::getpid(), pid);
    disk.crash(survival::mixed);
    EXPECT_NE(boot(), first);
}

TEST_F(DiskCalls, ChanceIsOfTheSeedAndNoThreadIsToBeHad)
{
    const auto drawn = std::random_device{}();
    disk_model twin;
    EXPECT_NE(drawn, std::random_device{}());
    EXPECT_THROW(std::jthread([] {}), std::system_error);
}

}  // namespace reaper::test
