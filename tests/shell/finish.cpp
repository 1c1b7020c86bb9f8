// Ending a job on disk, and retention.

#include "reaper/app/finish.hpp"

#include "reaper/app/prune.hpp"
#include "reaper/core/job_reader.hpp"
#include "support/intake_rig.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

// An active job with one record per outcome.
struct ended_rig : intake_rig
{
    explicit ended_rig(const std::string& options = "label: spring\npriority: bulk\ncount: 10\n")
    {
        rename_in("a.txt", "---\n" + options + "---\n" + token_lines(10));
        run_now();
        manifest = events.taken.at(0).manifest;
        std::string log;
        for (unsigned n = 1; n <= 10; ++n) {
            result_record record;
            record.ts = now.wall;
            record.n = n;
            record.line = n + 5;
            record.token = token_number(n);
            record.result = all_outcomes[n - 1];
            if (record.result == outcome::invalid)
                record.token.clear();
            append_record(log, record);
        }
        directory = paths().active_job(manifest.id);
        put_content(directory + "/results.jsonl", log);
        put_content(directory + "/mark", "mark");
        summary.job = manifest.id;
        summary.finished_at = now.wall;
        summary.total = 10;
        done = paths().done_job(manifest.id);
    }

    void check_done() const
    {
        EXPECT_TRUE(active().empty());
        EXPECT_EQ(
            names_in(done),
            (std::vector<std::string>{
                "input", "job.json", "remaining.txt", "results.jsonl", "state.json", "summary.json"}
            )
        );
        EXPECT_EQ(*read_summary(done), summary);
        EXPECT_EQ(*read_manifest(done), manifest);
    }

    job_manifest manifest;
    job_summary summary;
    std::string directory;
    std::string done;
};

TEST(Finish, MovesTheJobToDoneWithItsSummaryAndWhatRemains)
{
    ended_rig rig;
    ASSERT_TRUE(finish_job(rig.paths(), rig.manifest, rig.summary));
    rig.check_done();
}

TEST(Finish, WhatRemainsIsAJobFileReadyToDropAgain)
{
    ended_rig rig;
    ASSERT_TRUE(finish_job(rig.paths(), rig.manifest, rig.summary));
    const auto text = content_of(rig.done + "/remaining.txt");
    job_reader reader(job_format::text, nullptr);
    reader.feed(text);
    std::vector<std::string> tokens;
    const auto read_all = [&] {
        while (const auto item = reader.next())
            tokens.emplace_back(item->token);
    };
    read_all();
    reader.finish();
    read_all();
    ASSERT_TRUE(reader.at_end()) << text;
    // refused, unknown, expired, cancelled
    EXPECT_EQ(
        tokens,
        (std::vector<std::string>{
            token_number(4), token_number(5), token_number(6), token_number(7)})
    );
    const auto& options = reader.options();
    EXPECT_EQ(options.account, "prod");
    EXPECT_EQ(options.kind, campaign_kind::campaigns);
    EXPECT_EQ(options.retry_of, rig.manifest.id);
    EXPECT_EQ(options.label, "spring");
    EXPECT_EQ(options.prio, priority::bulk);
    EXPECT_EQ(options.count, std::nullopt);

    rig.rename_in("remaining.txt", text);
    rig.run_now();
    EXPECT_EQ(rig.events.taken.at(1).manifest.total, 4u);
}

TEST(Finish, ADeadlineThatHasPassedIsNotCarriedOn)
{
    const wall_time noon = *parse_rfc3339("2026-11-22T12:00:00Z");
    job_manifest manifest;
    manifest.options.deadline = noon;
    manifest.options.not_before = noon - 1h;
    EXPECT_EQ(options_for_rest(manifest, noon).deadline, std::nullopt);
    EXPECT_EQ(options_for_rest(manifest, noon).not_before, std::nullopt);
    EXPECT_EQ(options_for_rest(manifest, noon - 1min).deadline, noon);
}

TEST(Finish, WhereNothingRemainsThereIsNoFile)
{
    ended_rig rig;
    put_content(rig.directory + "/results.jsonl", "");
    ASSERT_TRUE(finish_job(rig.paths(), rig.manifest, rig.summary));
    EXPECT_FALSE(std::filesystem::exists(rig.done + "/remaining.txt"));
}

TEST(Finish, WhereTheSummaryCountsNothingThatRemainsTheLogIsNotReadAgain)
{
    ended_rig rig;
    rig.summary.outcomes = {};
    rig.summary.outcomes[outcome::deleted] = rig.manifest.total;
    // The log has records of every outcome: whoever read it would find something.
    put_content(rig.directory + "/remaining.txt", "of an attempt before\n");
    ASSERT_TRUE(finish_job(rig.paths(), rig.manifest, rig.summary));
    EXPECT_FALSE(std::filesystem::exists(rig.done + "/remaining.txt"));
}

TEST(Finish, ADryRunLeavesNothingToDoAgain)
{
    ended_rig rig("dry_run: true\n");
    ASSERT_TRUE(finish_job(rig.paths(), rig.manifest, rig.summary));
    EXPECT_FALSE(std::filesystem::exists(rig.done + "/remaining.txt"));
    EXPECT_TRUE(std::filesystem::exists(rig.done + "/summary.json"));
}

TEST(Finish, CanBeDoneAgainFromEveryStepThatACrashLeft)
{
    int steps = 0;
    {
        ended_rig rig;
        job_finisher finisher(rig.paths(), rig.manifest, rig.summary);
        while (!*finisher.step())
            ++steps;
    }
    ASSERT_GT(steps, 4);
    for (int crash = 0; crash <= steps + 1; ++crash) {
        ended_rig rig;
        {
            job_finisher first(rig.paths(), rig.manifest, rig.summary);
            for (int i = 0; i < crash; ++i)
                ASSERT_TRUE(first.step());
        }
        ASSERT_TRUE(finish_job(rig.paths(), rig.manifest, rig.summary)) << crash;
        rig.check_done();
        const auto rest = content_of(rig.done + "/remaining.txt");
        EXPECT_EQ(std::count(rest.begin(), rest.end(), '\n'), 4 + 7) << rest;
    }
}

TEST(Finish, AFaultIsToldAndTheSameObjectGoesOnAfterwards)
{
    ended_rig rig;
    job_finisher finisher(rig.paths(), rig.manifest, rig.summary);
    // A directory of that name stands for a disk that fails.
    std::filesystem::create_directory(rig.directory + "/summary.json");
    bool failed = false;
    for (int i = 0; i < 20 && !failed; ++i)
        failed = !finisher.step();
    EXPECT_TRUE(failed);
    std::filesystem::remove(rig.directory + "/summary.json");
    while (true) {
        const auto done = finisher.step();
        ASSERT_TRUE(done) << done.error().sentence;
        if (*done)
            break;
    }
    rig.check_done();
}

TEST(Finish, GivesBackWhatWasReserved)
{
    ended_rig rig;
    const auto log = rig.directory + "/results.jsonl";
    const unique_fd file{::open(log.c_str(), O_WRONLY)};
    if (::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, 4 << 20) != 0)
        GTEST_SKIP() << "the file system cannot reserve";
    ASSERT_TRUE(finish_job(rig.paths(), rig.manifest, rig.summary));
    struct stat about = {};
    ASSERT_EQ(::fstat(file.get(), &about), 0);
    EXPECT_LT(about.st_blocks * 512, 1 << 20);
    EXPECT_GT(about.st_size, 0);
}

TEST(Finish, ADamagedLogIsSaidInWhatRemains)
{
    ended_rig rig;
    auto log = content_of(rig.directory + "/results.jsonl");
    log.replace(log.find("\"n\":6"), 5, "@@@@@");
    put_content(rig.directory + "/results.jsonl", log);
    ASSERT_TRUE(finish_job(rig.paths(), rig.manifest, rig.summary));
    EXPECT_NE(
        content_of(rig.done + "/remaining.txt").find("# The results log is damaged"),
        std::string::npos
    );
}

// Makes a finished or rejected job whose end was so long ago.
std::string old_job(
    const intake_rig& rig, const std::string& place, const std::string& id, duration ago
)
{
    const auto job = rig.paths().root + "/" + place + "/" + id;
    std::filesystem::create_directory(job);
    put_content(job + "/input", "x");
    const auto dated = job + (place == "done" ? "/summary.json" : "/reason.json");
    put_content(dated, "{}");
    const auto at =
        std::chrono::duration_cast<std::chrono::seconds>(rig.now.wall.time_since_epoch() - ago);
    const timespec times[2] = {{at.count(), 0}, {at.count(), 0}};
    EXPECT_EQ(::utimensat(AT_FDCWD, dated.c_str(), times, 0), 0);
    return job;
}

TEST(Prune, RemovesWhatIsOldAndKeepsSummariesFourTimesAsLong)
{
    intake_rig rig;
    constexpr auto day = 24h;
    const auto fresh = old_job(rig, "done", "20260101T000000Z-a-0001", 89 * day);
    const auto old = old_job(rig, "done", "20260101T000000Z-a-0002", 91 * day);
    const auto ancient = old_job(rig, "done", "20260101T000000Z-a-0003", 361 * day);
    const auto kept = old_job(rig, "rejected", "20260101T000000Z-a-0004", 89 * day);
    const auto gone = old_job(rig, "rejected", "20260101T000000Z-a-0005", 91 * day);
    for (int again = 0; again < 2; ++again) {
        const auto report = prune(rig.paths(), rig.now.wall, 90 * day);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->removed, again == 0 ? 3u : 0u);
        EXPECT_FALSE(report->more);
        EXPECT_GT(report->bytes_kept, 0u);
        EXPECT_EQ(report->trouble, "");
        EXPECT_EQ(names_in(fresh).size(), 2u);
        EXPECT_EQ(names_in(old), std::vector<std::string>{"summary.json"});
        EXPECT_FALSE(std::filesystem::exists(ancient));
        EXPECT_EQ(names_in(kept).size(), 2u);
        EXPECT_FALSE(std::filesystem::exists(gone));
    }
}

TEST(Prune, WorksInBoundedPieces)
{
    intake_rig rig;
    for (int i = 0; i < 5; ++i)
        old_job(rig, "rejected", "20260101T000000Z-a-000" + std::to_string(i), 100h);
    const auto first = prune(rig.paths(), rig.now.wall, 1h, 3);
    EXPECT_EQ(first->removed, 3u);
    EXPECT_TRUE(first->more);
    const auto second = prune(rig.paths(), rig.now.wall, 1h, 3);
    EXPECT_EQ(second->removed, 2u);
    EXPECT_FALSE(second->more);
}

TEST(Prune, OneThatCannotBeRemovedDoesNotKeepTheOthers)
{
    intake_rig rig;
    const auto odd = old_job(rig, "rejected", "20260101T000000Z-a-0001", 100h);
    std::filesystem::create_directories(odd + "/somebody/put/this/here");
    const auto plain = old_job(rig, "rejected", "20260101T000000Z-a-0002", 100h);
    const auto report = prune(rig.paths(), rig.now.wall, 1h);
    EXPECT_NE(report->trouble, "");
    EXPECT_FALSE(std::filesystem::exists(plain));
}

TEST(Prune, ForgetsInputsOfJobsThatAreGone)
{
    intake_rig rig;
    const std::string here = "20260101T000000Z-a-0001";
    old_job(rig, "done", here, 2h);
    ASSERT_TRUE(note_sent(rig.paths(), std::string(64, 'a'), here));
    ASSERT_TRUE(note_sent(rig.paths(), std::string(64, 'b'), "20260101T000000Z-a-0002"));
    ASSERT_TRUE(prune(rig.paths(), rig.now.wall, 1h));
    EXPECT_EQ(*sent_by(rig.paths(), std::string(64, 'a')), here);  // its summary is still there
    EXPECT_EQ(*sent_by(rig.paths(), std::string(64, 'b')), "");
}

}  // namespace
}  // namespace reaper::test
