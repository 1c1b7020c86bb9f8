// A dropped file's way into the spool, through a power cut, a kill or a fault at every call. The
// order of syncs that these tests are about is told in docs/journal.md.

#include "reaper/app/recovery.hpp"
#include "reaper/io/job_files.hpp"
#include "sim/crash_run.hpp"
#include "sim/taker.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reaper::test {

namespace {

void drop_files(disk_model& disk)
{
    disk.make_directories(root + "/incoming");
    disk.put_file(root + "/incoming/good.txt", good_text(), durability::at_once);
    disk.put_file(root + "/incoming/bad.txt", "no token at all!\n", durability::at_once);
}

std::vector<std::string> jobs_in(const disk_model& disk, const std::string& place)
{
    std::vector<std::string> found;
    if (!disk.exists(root + "/" + place))
        return found;
    for (const auto& name : disk.list(root + "/" + place)) {
        if (is_job_id(name))
            found.push_back(name);
    }
    return found;
}

// Whatever is published is whole, at any time.
void expect_published_are_whole(const disk_model& disk)
{
    for (const auto& id : jobs_in(disk, "active")) {
        const auto job = recover_job(spool_paths(root), id, {});
        ASSERT_TRUE(job) << job.error().sentence;
        EXPECT_FALSE(job->damage) << job->damage->sentence;
        EXPECT_EQ(job->manifest.total, tokens + 1);
        EXPECT_EQ(job->manifest.file, "good.txt");
        EXPECT_EQ(job->settled.count(), 1U);
        EXPECT_EQ(disk.read_file(root + "/active/" + id + "/input"), good_text());
    }
    for (const auto& id : jobs_in(disk, "rejected")) {
        const auto why = read_rejection(root + "/rejected/" + id);
        ASSERT_TRUE(why) << why.error().sentence;
        EXPECT_EQ(why->file, "bad.txt");
    }
}

// Each file became one job, and nothing else is left of it.
void expect_taken_once(const disk_model& disk)
{
    expect_published_are_whole(disk);
    EXPECT_EQ(jobs_in(disk, "active").size(), 1U);
    EXPECT_EQ(jobs_in(disk, "rejected").size(), 1U);
    EXPECT_EQ(disk.list(root + "/active").size(), 1U) << "a staging directory is left";
    auto left = disk.list(root + "/incoming");
    std::erase(left, "prod");
    EXPECT_EQ(left, std::vector<std::string>{});
}

}  // namespace

TEST(DiskCrashIntake, FileIsTakenOnceThroughAPowerCutAtEveryCall)
{
    cut_power_at_every_call({
        .before = drop_files,
        .code = take_all,
        .after =
            [](disk_model& disk, bool) {
                expect_published_are_whole(disk);
                disk.kill();
                take_all();
                expect_taken_once(disk);
            },
        .seeds = 6,
    });
}

TEST(DiskCrashIntake, FileIsTakenOnceThroughAKillAndThenAPowerCut)
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        dice chance(seed);
        disk_model disk({.seed = seed});
        const auto active = disk.activate();
        drop_files(disk);
        live(disk, chance.below(300), take_all);
        disk.kill();
        live(disk, chance.below(300), take_all);
        disk.crash(survival::mixed);
        expect_published_are_whole(disk);
        disk.kill();
        take_all();
        expect_taken_once(disk);
        if (HasFailure())
            return;
    }
}

TEST(DiskCrashIntake, FileIsTakenOnceThroughAFaultAtEveryCall)
{
    for (const int error : {EIO, ENOSPC, EMFILE, EINTR}) {
        for (std::uint64_t call = 0;; ++call) {
            SCOPED_TRACE("error " + std::to_string(error) + " at " + std::to_string(call));
            disk_model disk;
            const auto active = disk.activate();
            drop_files(disk);
            disk.faults().add({.skip = call, .error = error});
            bool is_tried_again = false;
            live(disk, for_good / 2, [&] {
                taker process;
                is_tried_again = process.started();
                process.run();
            });
            const bool was_met = disk.faults().hits() != 0;
            disk.faults().clear();
            disk.kill();
            if (is_tried_again)
                expect_taken_once(disk);
            disk.crash(survival::lost);
            expect_published_are_whole(disk);
            disk.kill();
            take_all();
            expect_taken_once(disk);
            if (HasFailure())
                return;
            if (!was_met)
                break;
        }
    }
}

// Nobody restarts it: it waits, and goes on.
TEST(DiskCrashIntake, FileIsTakenOnceWhenALastingFaultIsOver)
{
    struct lasting_fault
    {
        call_kind kind;
        int error;
    };

    constexpr lasting_fault faults[] = {
        {call_kind::open, EMFILE},
        {call_kind::open, EIO},
        {call_kind::read, EIO},
        {call_kind::write, ENOSPC},
        {call_kind::write, EIO},
        {call_kind::sync, EIO},
        {call_kind::rename, EIO},
        {call_kind::unlink, EIO},
        {call_kind::make_directory, ENOSPC},
        {call_kind::remove_directory, EIO},
        {call_kind::stat, EIO},
        {call_kind::list, EIO},
    };
    for (const auto& [kind, error] : faults) {
        for (std::uint64_t skip = 0; skip < 25; ++skip) {
            SCOPED_TRACE(
                std::string(to_string(kind)) + " fails with " + std::to_string(error) + " after " +
                std::to_string(skip)
            );
            disk_model disk({.seed = skip + 1});
            const auto active = disk.activate();
            drop_files(disk);
            taker process;
            disk.faults().add({.kind = kind, .skip = skip, .times = for_good, .error = error});
            process.run();
            disk.faults().clear();
            process.run();
            expect_taken_once(disk);
            if (HasFailure())
                return;
        }
    }
}

}  // namespace reaper::test
