// A job that was taken in, through a power cut at every call of its end, and through a kill that is
// followed by a power cut: what a process found and relied on must last.

#include "reaper/app/finish.hpp"
#include "reaper/app/job_store.hpp"
#include "reaper/app/recovery.hpp"
#include "reaper/io/job_files.hpp"
#include "sim/crash_run.hpp"
#include "sim/taker.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper::test {

namespace {

const std::string id = "20261122T203015Z-good-1a2b";

std::string job_in(const std::string& place)
{
    return root + "/" + place + "/" + id;
}

result<recovered_job> recovered()
{
    return recover_job(spool_paths(root), id, {});
}

void take_one(disk_model& disk)
{
    disk.make_directories(root + "/incoming");
    disk.put_file(root + "/incoming/" + id + ".txt", good_text(), durability::at_once);
    take_all();
    disk.crash(survival::lost);
    ASSERT_TRUE(disk.exists(job_in("active")));
}

void finish_it()
{
    const auto job = recovered();
    if (!job)
        return;
    job_summary summary;
    summary.job = id;
    summary.total = job->manifest.total;
    static_cast<void>(finish_job(spool_paths(root), job->manifest, summary).has_value());
}

// Has nothing else to do meanwhile.
class waiting_syncer final : public syncer
{
public:
    void sync(shared_fd file, ended then) override { then(sync_data(file->get())); }
};

// Marks, and states, as a job that goes on has them.
void send_some()
{
    const spool_paths spool(root);
    job_store store(spool, 0);
    waiting_syncer waits;
    job_state state;
    for (std::uint64_t upto = 8; upto <= 24; upto += 8) {
        bool written = false;
        const send_mark mark{.epoch = 1, .upto = upto, .durable_bytes = 0};
        store.write_mark(id, mark, waits, [&](const auto& ended) { written = ended.has_value(); });
        if (!written)
            return;
        state.requests = upto;
        if (!store.store_state(id, state))
            return;
    }
}

}  // namespace

TEST(DiskCrashRecovery, JobEndsOnceThroughAPowerCutAtEveryCall)
{
    cut_power_at_every_call({
        .before = take_one,
        .code = finish_it,
        .after =
            [](disk_model& disk, bool is_whole) {
                EXPECT_NE(disk.exists(job_in("active")), disk.exists(job_in("done")));
                EXPECT_TRUE(!is_whole || disk.exists(job_in("done")));
                disk.kill();
                if (disk.exists(job_in("active"))) {
                    const auto job = recovered();
                    ASSERT_TRUE(job) << job.error().sentence;
                    EXPECT_FALSE(job->damage) << job->damage->sentence;
                    finish_it();
                }
                const auto summary = read_summary(job_in("done"));
                ASSERT_TRUE(summary) << summary.error().sentence;
                EXPECT_EQ(summary->total, tokens + 1);
                EXPECT_EQ(disk.read_file(job_in("done") + "/input"), good_text());
                EXPECT_FALSE(disk.exists(job_in("done") + "/mark"));
            },
        .seeds = 8,
    });
}

TEST(DiskCrashRecovery, WhatARestartReliesOnSurvivesAPowerCut)
{
    bool is_whole = false;
    for (std::uint64_t last = 0; !is_whole; ++last) {
        SCOPED_TRACE("after " + std::to_string(last) + " calls");
        disk_model disk({.seed = last + 1});
        const auto active = disk.activate();
        take_one(disk);
        is_whole = live(disk, last, send_some);
        disk.kill();
        const auto relied_on = recovered();
        ASSERT_TRUE(relied_on);
        disk.crash(survival::lost);
        const auto left = recovered();
        ASSERT_TRUE(left);
        EXPECT_FALSE(left->damage);
        EXPECT_EQ(left->mark, relied_on->mark);
        EXPECT_EQ(left->state.requests, relied_on->state.requests);
    }
}

// The file is there after the first attempt failed; that must not be taken for done.
TEST(DiskCrashRecovery, NameOfANewFileLastsAlthoughItsFirstSyncFailed)
{
    disk_model disk;
    const auto active = disk.activate();
    take_one(disk);
    const spool_paths spool(root);
    job_store store(spool, 0);
    ASSERT_TRUE(disk.exists(job_in("active")));
    disk.remove(job_in("active") + "/results.jsonl", durability::at_once);
    disk.faults().add({.kind = call_kind::sync, .path_part = "active", .error = EIO});
    EXPECT_FALSE(store.write_results(id, 0, "x"));
    EXPECT_TRUE(store.write_results(id, 0, "x"));
    waiting_syncer waits;
    bool synced = false;
    store.sync_results(id, waits, [&](const auto& ended) { synced = ended.has_value(); });
    EXPECT_TRUE(synced);
    disk.crash(survival::lost);
    EXPECT_EQ(disk.read_file(job_in("active") + "/results.jsonl"), "x");
}

}  // namespace reaper::test
