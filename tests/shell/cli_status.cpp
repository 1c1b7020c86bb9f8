#include "reaper/cli/commands.hpp"
#include "support/cli_spool.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace reaper {
namespace {

using test::cli_spool;
using test::has;
using test::new_id;
using test::old_id;
using test::put_content;

struct Status : testing::Test
{
    exit_status run(const std::string& job = {})
    {
        asked.job = job;
        return show_status(asked, spool.paths, spool.io);
    }

    cli_spool spool;
    status_options asked;
};

TEST_F(Status, ShowsProgressPaceAndTimeLeft)
{
    spool.add_active(old_id, 10'000);
    job_view& job = spool.add_view(old_id, 10'000);
    job.outcomes[outcome::deleted] = 5'200;
    job.outcomes[outcome::not_found] = 30;
    job.in_flight = 12;
    job.pace_per_s = 9.8;
    job.eta_s = 487;
    spool.start_daemon();
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    for (const char* part :
         {old_id.c_str(),
          "prod",
          "sending",
          "[####",
          " 52.3 %",
          "5,230 / 10,000",
          "/s",
          "left",
          "deleted 5,200, not found 30, 12 in flight",
          "0.1.0",
          "running",
          "4711"})
        EXPECT_TRUE(has(spool.printed(), part)) << part << " in:\n" << spool.printed();
    EXPECT_EQ(spool.said(), "");
}

TEST_F(Status, SaysWhyAJobIsHeldAndWhatReleasesIt)
{
    spool.add_active(old_id, 10);
    job_view& job = spool.add_view(old_id, 10);
    job.state = "held";
    job.holds = {hold{1, hold_cause::hold_above, "more than hold_above (5)", spool.now.wall}};
    spool.start_daemon();
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_TRUE(has(spool.printed(), "more than hold_above (5)")) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "campaign-reaper release " + old_id)) << spool.printed();
}

TEST_F(Status, TheCommandThatReleasesIsNamedOnce)
{
    spool.add_active(old_id, 10);
    job_view& job = spool.add_view(old_id, 10);
    job.state = "held";
    job.holds = {hold{
        1, hold_cause::person, "look, then: campaign-reaper release " + old_id, spool.now.wall}};
    spool.start_daemon();
    ASSERT_EQ(run(), exit_status::ok);
    const std::string page = spool.printed();
    EXPECT_EQ(page.find("campaign-reaper release"), page.rfind("campaign-reaper release")) << page;
}

TEST_F(Status, AJobThatEndsIsNotShownAsHeldAnyMore)
{
    spool.add_active(old_id, 10);
    job_view& job = spool.add_view(old_id, 10);
    job.state = "ending";
    job.why = "cancelled";
    job.holds = {hold{1, hold_cause::person, "held by ada", spool.now.wall}};
    spool.start_daemon();
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_TRUE(has(spool.printed(), "ending: cancelled")) << spool.printed();
    EXPECT_FALSE(has(spool.printed(), "held")) << spool.printed();
}

TEST_F(Status, SaysWhatWaitsInIncomingAndWhatIsNotTaken)
{
    put_content(spool.paths.incoming + "/fresh.txt", "x");
    put_content(spool.paths.incoming + "/.hidden", "x");
    put_content(spool.paths.incoming + "/half.part", "x");
    std::filesystem::create_directory(spool.paths.folder_of("test"));
    put_content(spool.paths.folder_of("test") + "/" + new_id + ".txt", "x");
    spool.status.problems = {{"incoming/link", "it is a symbolic link"}};
    spool.start_daemon();
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_TRUE(has(spool.printed(), "incoming/fresh.txt")) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "incoming/test/" + new_id + ".txt")) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "it is a symbolic link")) << spool.printed();
    EXPECT_FALSE(has(spool.printed(), "hidden"));
    EXPECT_FALSE(has(spool.printed(), "half.part"));
}

TEST_F(Status, SaysWhyAnAccountAndAGateWait)
{
    spool.status.accounts = {account_view{"prod", "key-1", "blocked", "the key is refused (401)"}};
    spool.status.limits = {limit_view{"key-1", 12.5, false, 3.25, 7}};
    spool.status.trouble = "the disk is full";
    spool.start_daemon();
    ASSERT_EQ(run(), exit_status::ok);
    for (const char* part : {"the key is refused (401)", "3.2 s", "429", "the disk is full"})
        EXPECT_TRUE(has(spool.printed(), part)) << part << " in:\n" << spool.printed();
}

TEST_F(Status, ADaemonThatDoesNotRunIsSaid)
{
    spool.add_active(old_id, 10);
    spool.add_view(old_id, 10).outcomes[outcome::deleted] = 4;
    spool.write_status();
    spool.now.wall += std::chrono::minutes(3);
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_TRUE(has(spool.printed(), "not running")) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "3 min")) << "when it last spoke: " << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "40.0 %")) << "what it did stays known: " << spool.printed();
}

TEST_F(Status, WithoutAnyStatusTheJobsOwnFilesSpeak)
{
    spool.add_active(old_id, 1'234);
    job_state state;
    state.holds = {hold{1, hold_cause::person, "held by ada", spool.now.wall}};
    put_content(spool.paths.active_job(old_id) + "/state.json", render_job_state(state));
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_TRUE(has(spool.printed(), old_id)) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "1,234")) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "held by ada")) << spool.printed();
}

TEST_F(Status, AStuckDaemonIsNotTakenForARunningOne)
{
    spool.start_daemon();
    spool.now.mono += std::chrono::minutes(1);
    spool.now.wall += std::chrono::minutes(1);
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_TRUE(has(spool.printed(), "does not answer")) << spool.printed();
}

TEST_F(Status, EndedJobsAreFoundByAPartOfTheirId)
{
    outcome_counts counts;
    counts[outcome::deleted] = 2;
    spool.add_done(old_id, counts);
    spool.add_rejected(new_id, "line 3 is not a token");
    ASSERT_EQ(run("0001"), exit_status::ok) << spool.said();
    EXPECT_TRUE(has(spool.printed(), "deleted 2")) << spool.printed();
    ASSERT_EQ(run("new"), exit_status::ok) << spool.said();
    EXPECT_TRUE(has(spool.printed(), "line 3 is not a token")) << spool.printed();
}

TEST_F(Status, AJobThatIsNotThereAndOneThatIsNotClearAreSaid)
{
    spool.add_done(old_id, {});
    spool.add_done(new_id, {});
    EXPECT_EQ(run("nothing"), exit_status::no_such_job);
    EXPECT_EQ(run("20261122"), exit_status::no_such_job);
    EXPECT_TRUE(has(spool.said(), "names 2 jobs")) << spool.said();
    EXPECT_TRUE(has(spool.said(), old_id)) << spool.said();
    EXPECT_EQ(run("20261122T203015Z-old.txt-ffff"), exit_status::no_such_job);
    EXPECT_EQ(spool.printed(), "");
}

TEST_F(Status, AClaimedFileCountsAsWaiting)
{
    put_content(spool.paths.incoming + "/" + claim_name(old_id), "x");
    ASSERT_EQ(run(old_id), exit_status::ok) << spool.said();
    EXPECT_TRUE(has(spool.printed(), "not taken in yet")) << spool.printed();
}

TEST_F(Status, JsonSaysTheSameToPrograms)
{
    outcome_counts counts;
    counts[outcome::deleted] = 2;
    spool.add_active(old_id, 10);
    spool.add_view(old_id, 10).outcomes[outcome::deleted] = 4;
    spool.add_done(new_id, counts);
    put_content(spool.paths.incoming + "/fresh.txt", "x");
    spool.start_daemon();
    asked.json = true;
    ASSERT_EQ(run(), exit_status::ok);
    const boost::json::value all = boost::json::parse(spool.printed());
    EXPECT_EQ(all.at("daemon").as_string(), "running");
    EXPECT_EQ(all.at("status").at("pid").as_int64(), 4711);
    EXPECT_EQ(all.at("jobs").at(0).at("id").as_string(), old_id);
    EXPECT_EQ(all.at("jobs").at(0).at("outcomes").at("deleted").to_number<int>(), 4);
    EXPECT_EQ(all.at("waiting").at(0).at("path").as_string(), "incoming/fresh.txt");
    EXPECT_EQ(all.at("ended").at(0).at("job").as_string(), new_id);

    spool.out.str("");
    ASSERT_EQ(run(new_id), exit_status::ok);
    const boost::json::value one = boost::json::parse(spool.printed());
    EXPECT_EQ(one.at("place").as_string(), "done");
    EXPECT_EQ(one.at("outcomes").at("deleted").to_number<int>(), 2);
}

TEST_F(Status, WatchShowsThePageAgainUntilTheReaderGoes)
{
    spool.start_daemon();
    asked.watch = true;
    spool.on_sleep = [&] {
        if (spool.sleeps == 3)
            spool.out.setstate(std::ios::badbit);
    };
    EXPECT_EQ(run(), exit_status::ok);
    EXPECT_EQ(spool.sleeps, 3);
}

}  // namespace
}  // namespace reaper
