// What a machine runs out of: descriptors, inotify watches, memory, inodes; and ten thousand files
// at once. Nothing is lost, what waits says why, and it goes on by itself when there is enough
// again.

#include "torture.hpp"

#include <sys/mount.h>
#include <sys/resource.h>

#include <iostream>

namespace {

using namespace reaper::test;
using namespace std::chrono_literals;

std::string status_of(const rig& r)
{
    return content_of(r.spool() + "/state/status.json");
}

[[maybe_unused]] std::unique_ptr<process> start_with_descriptors(const rig& r, int count)
{
    const std::string limit = std::to_string(count);
    return std::make_unique<process>(
        std::vector<std::string>{
            "/usr/bin/prlimit",
            "--nofile=" + limit + ":" + limit,
            REAPER_BINARY,
            "--config",
            r.config_path(),
            "run"},
        r.path("daemon")
    );
}

// As the daemon has them now, and so many more. It may be raised again: it is the soft limit.
void leave_descriptors(const process& of, rlim_t more)
{
    std::filesystem::directory_iterator open("/proc/" + std::to_string(of.pid()) + "/fd");
    const auto count = static_cast<rlim_t>(std::distance(begin(open), end(open)));
    rlimit limit{};
    ASSERT_EQ(::prlimit(of.pid(), RLIMIT_NOFILE, nullptr, &limit), 0);
    limit.rlim_cur = std::min(limit.rlim_max, count + more);
    ASSERT_EQ(::prlimit(of.pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
}

#ifndef REAPER_SANITIZED
// UndefinedBehaviorSanitizer looks at memory through a pipe: without a descriptor for it, every
// object is wrong.
TEST(Shortages, WithAnyNumberOfDescriptorsItWorksWaitsOrEndsWithAReason)
{
    rig shared;
    shared.start_sandbox();
    std::vector<std::unique_ptr<rig>> rigs;
    std::vector<std::unique_ptr<process>> daemons;
    constexpr int fewest = 6;
    constexpr int most = 20;
    for (int count = fewest; count <= most; count += 2) {
        auto r = std::make_unique<rig>();
        r->share_sandbox(shared);
        r->configure("", "intake: {settle: 200ms, rescan: 1s}\nshutdown: {drain: 2s}\n");
        r->drop("job.txt", token_lines(20, static_cast<std::uint64_t>(count)));
        daemons.push_back(start_with_descriptors(*r, count));
        rigs.push_back(std::move(r));
    }
    int ended = 0;
    int waited = 0;
    for (int count = fewest; count <= most; count += 2) {
        SCOPED_TRACE(std::to_string(count) + " descriptors");
        rig& r = *rigs[static_cast<std::size_t>(count - fewest) / 2];
        process& daemon = *daemons[static_cast<std::size_t>(count - fewest) / 2];
        const auto says_why = [&] {
            return (r.log() + status_of(r)).find("Too many open files") != std::string::npos;
        };
        const bool told = wait_until(
            [&] { return daemon.wait_for(0ms) || !r.jobs("done", "job").empty() || says_why(); },
            30s
        );
        EXPECT_TRUE(told) << r.log() << status_of(r);
        if (const auto status = daemon.wait_for(0ms)) {
            ++ended;
            EXPECT_TRUE(*status == 75 || *status == 78) << *status << r.log();
            EXPECT_FALSE(r.log().empty());
            EXPECT_EQ(r.once(), 0) << content_of(r.path("once.err"));
        } else {
            const bool done = !r.jobs("done", "job").empty();
            waited += done ? 0 : 1;
            daemon.signal(SIGTERM);
            EXPECT_EQ(daemon.wait_for(40s), 0) << r.log();
            EXPECT_EQ(r.once(), 0) << content_of(r.path("once.err"));
        }
        EXPECT_EQ(rig::outcome_of(r.wait_done("job", 1s), "deleted"), 20U);
    }
    std::cout << "    " << daemons.size() << " limits tried: " << ended
              << " daemons ended with a reason, " << waited << " waited\n";
    shared.stop_sandbox();
}
#endif

TEST(Shortages, WhenTheDescriptorsAreUsedUpForAWhileItGoesOnByItself)
{
    for (const rlim_t more : {0U, 2U}) {
        SCOPED_TRACE(std::to_string(more) + " descriptors are left");
        rig r;
        r.start_sandbox();
        r.configure("", "intake: {settle: 200ms, rescan: 1s}\n");
        r.start_daemon();
        r.drop("first.txt", token_lines(20));
        ASSERT_FALSE(r.wait_done("first").empty());
        leave_descriptors(r.daemon(), more);
        r.drop("starved.txt", token_lines(100, 2));
        const auto says_why = [&] {
            return (r.log() + status_of(r)).find("Too many open files") != std::string::npos;
        };
        EXPECT_TRUE(wait_until(says_why, 20s)) << r.log() << status_of(r);
        leave_descriptors(r.daemon(), 500);
        EXPECT_EQ(rig::outcome_of(r.wait_done("starved", 50s), "deleted"), 100U) << status_of(r);
        EXPECT_EQ(r.stop_daemon(), 0) << r.log();
        r.stop_sandbox();
        r.expect_audit_ok();
    }
}

TEST(Shortages, WithoutInotifyTheFoldersArePolledAndTheStatusSaysSo)
{
    for (const char* kind : {"inotify_init", "inotify_watch"}) {
        rig r;
        r.start_sandbox();
        r.configure("", "intake: {settle: 200ms, rescan: 1s}\n");
        r.start_daemon(variables_for(r, {.kind = kind, .times = 0, .error_number = ENOSPC}));
        ASSERT_TRUE(wait_until([&] { return is_there(r.spool() + "/state/status.json"); }, 20s));
        r.drop("unseen.txt", token_lines(20));
        const std::string job = r.wait_done("unseen", 30s);
        EXPECT_EQ(rig::outcome_of(job, "deleted"), 20U);
        EXPECT_NE(status_of(r).find("polled"), std::string::npos) << status_of(r);
        EXPECT_NE(r.log().find("polled"), std::string::npos) << r.log();
        EXPECT_EQ(r.stop_daemon(), 0);
        r.stop_sandbox();
        r.expect_audit_ok();
    }
}

#ifdef REAPER_SANITIZED
constexpr std::uint64_t many_files = 500;
#else
constexpr std::uint64_t many_files = 10'000;
#endif

// In memory, where there is such a place: on a disk its syncs decide, some ten for each file.
TEST(Shortages, TenThousandFilesAtOnceAreAllTakenInLittleMemory)
{
    if (::access("/dev/shm", W_OK) == 0)
        ::setenv("TMPDIR", "/dev/shm", 1);
    rig r;
    r.start_sandbox();
    r.configure("    pace: 10000/s\n");
    std::filesystem::create_directories(r.spool() + "/incoming");
    for (std::uint64_t i = 0; i < many_files; ++i)
        r.drop("file" + std::to_string(i) + ".txt", token_lines(1, i + 1));
    const auto started = std::chrono::steady_clock::now();
    r.start_daemon();
    const auto ended = [&] { return r.jobs("done").size(); };
    EXPECT_TRUE(wait_until(
        [&] {
            ::poll(nullptr, 0, 200);
            return ended() == many_files;
        },
        100s
    )) << ended();
    const auto took = std::chrono::steady_clock::now() - started;
    r.daemon().signal(SIGTERM);
    EXPECT_EQ(r.daemon().wait_for(40s), 0);
    std::cout << "    " << ended() << " files in "
              << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms, "
              << r.daemon().resident_kib() / 1024 << " MiB\n";
#ifndef REAPER_SANITIZED
    EXPECT_LT(r.daemon().resident_kib(), 96 * 1024);
#endif
    r.stop_sandbox();
    r.expect_audit_ok();
}

#ifndef REAPER_SANITIZED

// Bytes of address space that a process uses now.
rlim_t address_space(const process& of)
{
    std::ifstream statm("/proc/" + std::to_string(of.pid()) + "/statm");
    rlim_t pages = 0;
    statm >> pages;
    return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void limit_memory(const process& of, rlim_t bytes)
{
    const rlimit limit{bytes, RLIM_INFINITY};
    ASSERT_EQ(::prlimit(of.pid(), RLIMIT_AS, &limit, nullptr), 0);
}

TEST(Shortages, AFileThatNeedsMoreMemoryThanThereIsWaitsAndTheOthersGoOn)
{
    rig r;
    r.start_sandbox();
    r.configure("", "guards: {max_deletes: 10000000}\nintake: {settle: 200ms, rescan: 1s}\n");
    r.start_daemon();
    r.drop("before.txt", token_lines(50, 7));
    ASSERT_FALSE(r.wait_done("before").empty());
    limit_memory(r.daemon(), address_space(r.daemon()) + (4U << 20U));
    r.drop("big.txt", "---\ndry_run: true\n---\n" + token_lines(600'000, 1));
    EXPECT_TRUE(
        wait_until([&] { return status_of(r).find("not enough memory") != std::string::npos; }, 30s)
    ) << r.log()
      << status_of(r);
    r.drop("small.txt", token_lines(50, 2));
    EXPECT_EQ(rig::outcome_of(r.wait_done("small", 30s), "deleted"), 50U);
    EXPECT_TRUE(r.jobs("done", "big").empty());

    limit_memory(r.daemon(), RLIM_INFINITY);
    EXPECT_EQ(rig::outcome_of(r.wait_done("big", 70s), "would_delete"), 600'000U);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok();
}

#endif

TEST(Shortages, WithoutInodesNothingIsTakenUntilThereAreSome)
{
    if (::geteuid() != 0)
        FAIL() << "this test mounts a small file system: run the tests as root";
    rig r;
    r.start_sandbox();
    r.configure("", "intake: {settle: 200ms, rescan: 1s}\n");
    ASSERT_EQ(::mount("none", r.spool().c_str(), "tmpfs", 0, "size=8m,nr_inodes=64"), 0);
    r.start_daemon();
    ASSERT_TRUE(wait_until([&] { return is_there(r.spool() + "/state/status.json"); }, 20s));
    r.drop("job.txt", token_lines(100));
    ASSERT_FALSE(r.wait_done("job").empty());
    std::filesystem::create_directory(r.spool() + "/ballast");
    for (int i = 0; i < 64; ++i)
        std::ofstream(r.spool() + "/ballast/" + std::to_string(i)).put('x');
    std::filesystem::remove(r.spool() + "/ballast/0");  // for the file that is dropped
    std::filesystem::remove(r.spool() + "/ballast/1");
    r.drop("more.txt", token_lines(100, 2));
    EXPECT_TRUE(wait_until([&] { return r.log().find("No space left") != std::string::npos; }, 20s))
        << r.log();
    std::filesystem::remove_all(r.spool() + "/ballast");
    EXPECT_EQ(rig::outcome_of(r.wait_done("more", 60s), "deleted"), 100U) << r.log();
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok();
    EXPECT_EQ(::umount2(r.spool().c_str(), MNT_DETACH), 0);
}

}  // namespace
