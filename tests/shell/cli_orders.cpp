#include "reaper/cli/commands.hpp"
#include "support/cli_spool.hpp"

#include <gtest/gtest.h>

#include <set>

namespace reaper {
namespace {

using test::cli_spool;
using test::has;
using test::old_id;
using test::put_content;

struct Orders : testing::Test
{
    exit_status run(job_order which, const std::string& job = old_id)
    {
        return give_order({which, job}, spool.paths, spool.io);
    }

    // What lies in control/.
    std::vector<control_request> requests()
    {
        const auto scan = read_control(spool.paths);
        EXPECT_TRUE(scan);
        EXPECT_TRUE(scan->refused.empty());
        return scan->requests;
    }

    // A daemon that carries out what it is asked at the next sleep.
    void obey(const std::string& state)
    {
        spool.on_sleep = [this, state] {
            for (const control_request& request : requests()) {
                seen.push_back(request);
                std::filesystem::remove(request.path);
            }
            if (!spool.status.jobs.empty())
                spool.status.jobs[0].state = state;
            spool.write_status();
        };
    }

    cli_spool spool;
    std::vector<control_request> seen;
};

TEST_F(Orders, WithoutADaemonTheOrderIsLeftForItsNextStart)
{
    spool.add_active(old_id, 3);
    std::set<job_order> given;
    for (const job_order which : {job_order::hold, job_order::cancel}) {
        EXPECT_EQ(run(which), exit_status::ok);
        EXPECT_TRUE(has(spool.said(), "next start")) << spool.said();
        given.insert(which);
        // Both may have the same ctime: its clock ticks every few milliseconds.
        std::set<job_order> left;
        for (const control_request& request : requests()) {
            EXPECT_EQ(request.job, old_id);
            EXPECT_EQ(request.by, "ada");
            left.insert(request.order);
        }
        EXPECT_EQ(left, given);
    }
    EXPECT_EQ(spool.sleeps, 0);
}

TEST_F(Orders, ARunningDaemonsAnswerIsAwaited)
{
    spool.add_active(old_id, 3);
    spool.add_view(old_id, 3);
    spool.start_daemon();
    obey("held");
    EXPECT_EQ(run(job_order::hold), exit_status::ok);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_TRUE(has(spool.said(), old_id + " is held")) << spool.said();
    EXPECT_EQ(spool.printed(), "") << "words go to stderr";
}

TEST_F(Orders, ReleaseNamesTheHoldsThatThePersonSees)
{
    spool.add_active(old_id, 3);
    job_view& job = spool.add_view(old_id, 3);
    job.state = "held";
    job.holds = {
        hold{2, hold_cause::person, "held by ada", spool.now.wall},
        hold{5, hold_cause::breaker, "too many failed", spool.now.wall}};
    spool.start_daemon();
    obey("sending");
    EXPECT_EQ(run(job_order::release), exit_status::ok);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].holds, (std::vector<std::uint64_t>{2, 5}));
    EXPECT_TRUE(has(spool.said(), "too many failed")) << spool.said();
    EXPECT_TRUE(has(spool.said(), "is sending")) << spool.said();
}

TEST_F(Orders, WithoutADaemonReleaseReadsTheHoldsFromTheJob)
{
    spool.add_active(old_id, 3);
    job_state state;
    state.holds = {hold{7, hold_cause::option, "hold: true", spool.now.wall}};
    put_content(spool.paths.active_job(old_id) + "/state.json", render_job_state(state));
    EXPECT_EQ(run(job_order::release), exit_status::ok) << spool.said();
    ASSERT_EQ(requests().size(), 1u);
    EXPECT_EQ(requests()[0].holds, std::vector<std::uint64_t>{7});
}

TEST_F(Orders, ReleaseOfAJobThatIsNotHeldAsksNothing)
{
    spool.add_active(old_id, 3);
    EXPECT_EQ(run(job_order::release), exit_status::ok);
    EXPECT_TRUE(has(spool.said(), "not held")) << spool.said();
    EXPECT_TRUE(requests().empty());
}

TEST_F(Orders, AJobInIncomingCanBeHeldAndCancelledButNotYetReleased)
{
    put_content(spool.paths.incoming + "/" + old_id + ".txt", "x");
    spool.start_daemon();
    EXPECT_EQ(run(job_order::hold), exit_status::ok);
    EXPECT_TRUE(has(spool.said(), "not taken in yet")) << spool.said();
    EXPECT_EQ(run(job_order::release), exit_status::try_later);
    ASSERT_EQ(requests().size(), 1u);
    EXPECT_EQ(requests()[0].order, job_order::hold);
}

TEST_F(Orders, EndedAndUnknownJobsAreNoSuchJob)
{
    EXPECT_EQ(run(job_order::cancel), exit_status::no_such_job);
    spool.add_done(old_id, {});
    EXPECT_EQ(run(job_order::cancel), exit_status::no_such_job);
    EXPECT_TRUE(has(spool.said(), "has ended")) << spool.said();
    EXPECT_TRUE(requests().empty());
}

TEST_F(Orders, ADaemonThatDoesNotTakeTheOrderInTimeIsSaid)
{
    spool.add_active(old_id, 3);
    spool.add_view(old_id, 3);
    spool.start_daemon();
    const mono_time asked = spool.now.mono;
    EXPECT_EQ(run(job_order::hold), exit_status::ok);
    EXPECT_TRUE(has(spool.said(), "not taken the order yet")) << spool.said();
    EXPECT_LE(spool.now.mono - asked, std::chrono::seconds(6));
    EXPECT_EQ(requests().size(), 1u);
}

struct Health : testing::Test
{
    exit_status run() { return health(spool.paths, spool.io); }

    cli_spool spool;
};

TEST_F(Health, AFreshHeartbeatIsAlive)
{
    spool.start_daemon();
    spool.now.mono += std::chrono::seconds(15);
    EXPECT_EQ(run(), exit_status::ok);
    EXPECT_TRUE(has(spool.printed(), "alive")) << spool.printed();
    EXPECT_EQ(spool.printed().find('\n'), spool.printed().size() - 1) << "one line";
}

TEST_F(Health, AnOldHeartbeatIsStuck)
{
    spool.start_daemon();
    spool.now.mono += std::chrono::seconds(16);
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.printed(), "stuck")) << spool.printed();
}

TEST_F(Health, AJumpOfTheWallClockChangesNothing)
{
    spool.start_daemon();
    spool.now.wall += std::chrono::hours(5);
    EXPECT_EQ(run(), exit_status::ok);
}

TEST_F(Health, TheHeartbeatOfAnEarlierBootDoesNotCount)
{
    spool.start_daemon();
    spool.io.boot_id = "boot-2";
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.printed(), "not ready")) << spool.printed();
}

TEST_F(Health, WithoutTheLockNoDaemonRuns)
{
    EXPECT_EQ(run(), exit_status::not_running);
    spool.start_daemon();
    spool.stop_daemon();
    EXPECT_EQ(run(), exit_status::not_running) << "however fresh the heartbeat is";
}

}  // namespace
}  // namespace reaper
