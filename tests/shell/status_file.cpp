#include "reaper/app/status_file.hpp"

#include <gtest/gtest.h>

namespace reaper {
namespace {

using namespace std::chrono_literals;

const wall_time some_time{1'795'379'415'123ms};

job_view some_job()
{
    job_view job;
    job.id = "20261122T203015Z-old-3f2a";
    job.file = "old \"quoted\".txt";
    job.account = "prod";
    job.label = "spring";
    job.prio = priority::bulk;
    job.dry_run = true;
    job.state = "held";
    job.why = "look, then release";
    job.holds = {hold{3, hold_cause::hold_above, "more than hold_above", some_time}};
    job.total = 10'000'000;
    job.outcomes[outcome::deleted] = 5;
    job.outcomes[outcome::would_delete] = 7;
    job.in_flight = 2;
    job.retrying = 1;
    job.durable_bytes = 123'456'789'012;
    job.pace_per_s = 9.5;
    job.eta_s = 61.25;
    job.submitted_at = some_time;
    job.started_at = some_time + 1s;
    return job;
}

status_view some_status()
{
    status_view status;
    status.version = "0.1.0";
    status.state = "running";
    status.pid = 4711;
    status.boot_id = "9f0d";
    status.written_at = some_time;
    status.heartbeat = mono_time(123'456'789'012'345ns);
    status.quiet_for = 30s;
    status.jobs = {some_job(), job_view{}};
    status.accounts = {account_view{"prod", "key-1", "paused", "maintenance", 1, 2, 3, 4}};
    status.limits = {limit_view{"key-1", 12.5, false, 3.25, 7}};
    status.problems = {intake_problem{"incoming/x", "it is a directory"}};
    status.trouble = "disk full";
    return status;
}

TEST(StatusFile, WhatIsRenderedIsReadBack)
{
    const status_view before = some_status();
    const auto read = parse_status(render_status(before));
    ASSERT_TRUE(read) << read.error().sentence;
    // Rendering is deterministic and names every member, so equal text is equal content.
    EXPECT_EQ(render_status(*read), render_status(before));

    ASSERT_EQ(read->jobs.size(), 2u);
    const job_view& job = read->jobs[0];
    EXPECT_EQ(job.file, "old \"quoted\".txt");
    EXPECT_EQ(job.prio, priority::bulk);
    EXPECT_TRUE(job.dry_run);
    EXPECT_EQ(job.holds, some_job().holds);
    EXPECT_EQ(job.outcomes, some_job().outcomes);
    EXPECT_EQ(job.durable_bytes, 123'456'789'012u);
    EXPECT_EQ(job.eta_s, 61.25);
    EXPECT_EQ(job.started_at, some_time + 1s);
    EXPECT_FALSE(read->jobs[1].eta_s);
    EXPECT_FALSE(read->jobs[1].started_at);
    EXPECT_EQ(read->heartbeat, mono_time(123'456'789'012'345ns));
    EXPECT_EQ(read->quiet_for, 30s);
    ASSERT_EQ(read->limits.size(), 1u);
    EXPECT_FALSE(read->limits[0].gate_open);
    EXPECT_EQ(read->limits[0].throttled, 7u);
    ASSERT_EQ(read->accounts.size(), 1u);
    EXPECT_EQ(read->accounts[0].window, 3u);
    ASSERT_EQ(read->problems.size(), 1u);
    EXPECT_EQ(read->problems[0].why, "it is a directory");
}

TEST(StatusFile, MembersThatAreNotKnownAreIgnored)
{
    const auto read =
        parse_status(R"({"format":1,"new":{"a":[1]},"jobs":[{"id":"x","colour":"red"}],"pid":3})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->pid, 3);
    ASSERT_EQ(read->jobs.size(), 1u);
    EXPECT_EQ(read->jobs[0].id, "x");
}

TEST(StatusFile, MembersThatAreMissingOrOfAnotherTypeKeepTheirDefaults)
{
    const auto read =
        parse_status(R"({"format":1,"pid":"three","jobs":[7,{"total":-1,"outcomes":[],"holds":3}]})"
        );
    ASSERT_TRUE(read);
    EXPECT_EQ(read->pid, 0);
    ASSERT_EQ(read->jobs.size(), 1u);
    EXPECT_EQ(read->jobs[0].total, 0u);
    EXPECT_TRUE(read->jobs[0].holds.empty());
}

TEST(StatusFile, AnotherFormatIsRefused)
{
    const auto read = parse_status(R"({"format":2})");
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().sentence.find("format 2"), std::string::npos);
    EXPECT_FALSE(parse_status("{}"));
}

TEST(StatusFile, WhatIsNoObjectIsRefused)
{
    EXPECT_FALSE(parse_status(""));
    EXPECT_FALSE(parse_status("[1]"));
    EXPECT_FALSE(parse_status(R"({"format":1)"));
}

}  // namespace
}  // namespace reaper
