#include "support/submit_bench.hpp"

#include <gtest/gtest.h>

namespace reaper {
namespace {

using test::has;
using test::hex_token;
using test::two_lines;

struct SubmitWait : test::submit_bench
{
};

TEST_F(SubmitWait, EndsWithTheOutcomesOfTheJob)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.start_daemon();
    int round = 0;
    spool.on_sleep = [&] {
        const std::string id = published_id();
        if (++round == 1) {
            std::filesystem::remove(spool.paths.incoming + "/" + id + ".txt");
            spool.add_active(id, 2);
            spool.add_view(id, 2).outcomes[outcome::deleted] = 1;
        } else if (round == 3) {
            std::filesystem::remove_all(spool.paths.active_job(id));
            spool.status.jobs.clear();
            outcome_counts counts;
            counts[outcome::deleted] = 1;
            counts[outcome::not_found] = 1;
            spool.add_done(id, counts);
        }
        spool.write_status();
    };
    EXPECT_EQ(run(), exit_status::failed) << "one token was not deleted";
    EXPECT_TRUE(has(spool.said(), "waits to be taken in")) << spool.said();
    EXPECT_TRUE(has(spool.said(), "50.0 %")) << spool.said();
    EXPECT_TRUE(has(spool.said(), "deleted 1, not found 1")) << spool.said();
    EXPECT_EQ(spool.printed(), published_id() + "\n") << "data only";
}

TEST_F(SubmitWait, OnATerminalDrawsOneLineThatFits)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.io.err_is_terminal = true;
    spool.io.columns = 60;
    spool.start_daemon();
    spool.on_sleep = [&] {
        if (spool.sleeps == 1) {
            job_view& job = spool.add_view(published_id(), 2);
            job.state = "paused";
            job.why = std::string(100, 'w');
            spool.write_status();
        } else if (spool.sleeps == 3) {
            outcome_counts counts;
            counts[outcome::deleted] = 2;
            spool.add_done(published_id(), counts);
        }
    };
    ASSERT_EQ(run(), exit_status::ok);
    std::istringstream drawn(spool.said());
    std::size_t redraws = 0;
    for (std::string line; std::getline(drawn, line, '\r'); ++redraws)
        EXPECT_LT(line.substr(0, line.find("\x1b[K")).size(), 60u) << line;
    EXPECT_GE(redraws, 3u);
    EXPECT_FALSE(has(spool.said().substr(0, spool.said().rfind('\r')), "\n")) << "one line";
}

TEST_F(SubmitWait, OffATerminalIsQuietWhileAReasonOnlyCountsDown)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.start_daemon();
    spool.on_sleep = [&] {
        spool.status.jobs.clear();
        job_view& job = spool.add_view(published_id(), 2);
        job.state = "paused";
        job.why = "goes on in " + std::to_string(20 - spool.sleeps) + ".5 s";
        spool.write_status();
        if (spool.sleeps == 15)
            spool.add_rejected(published_id(), "x");
    };
    EXPECT_EQ(run(), exit_status::failed);
    const std::string said = spool.said();
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 3) << said;
}

TEST_F(SubmitWait, SaysThatNoDaemonRunsAndGoesOnWaiting)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.on_sleep = [&] {
        if (spool.sleeps < 5)
            return;
        outcome_counts counts;
        counts[outcome::deleted] = 2;
        spool.add_done(published_id(), counts);
        spool.on_sleep = {};
    };
    EXPECT_EQ(run(), exit_status::ok) << spool.said();
    EXPECT_TRUE(has(spool.said(), "no daemon is running")) << spool.said();
}

TEST_F(SubmitWait, SaysWhyAJobWasRejected)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.on_sleep = [&] {
        spool.add_rejected(published_id(), "max_deletes is 1");
        spool.on_sleep = {};
    };
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.said(), "rejected: max_deletes is 1")) << spool.said();
}

}  // namespace
}  // namespace reaper
