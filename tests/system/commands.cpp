// The commands against a running daemon, and against none.

#include "rig.hpp"

namespace {

using namespace reaper::test;
using namespace std::chrono_literals;

struct said
{
    int status = -1;
    std::string out;
    std::string err;
};

// Runs a command to its end; each call has output files of its own.
said run(rig& r, const std::vector<std::string>& words)
{
    static int calls = 0;
    process p = r.command(words, "command-" + std::to_string(++calls));
    said what;
    what.status = p.wait_for(60s).value_or(-1);
    what.out = p.output();
    what.err = p.errors();
    return what;
}

void start(rig& r, const std::string& account = "", const std::vector<std::string>& sandbox = {})
{
    r.start_sandbox(sandbox);
    r.configure(account);
    r.start_daemon();
    ASSERT_TRUE(
        wait_until([&] { return std::filesystem::exists(r.spool() + "/state/status.json"); }, 20s)
    );
}

TEST(Commands, SubmitWaitsForTheJobAndSaysHowItWent)
{
    rig r;
    start(r);
    put_content(r.path("list.txt"), token_lines(30));
    const said good = run(r, {"submit", "--wait", "--label", "spring", r.path("list.txt")});
    EXPECT_EQ(good.status, 0) << good.err;
    const std::string id = good.out.substr(0, good.out.find('\n'));
    const std::string job = r.spool() + "/done/" + id;
    EXPECT_EQ(rig::outcome_of(job, "deleted"), 30U) << good.out << good.err;

    const said results = run(r, {"results", id, "--format", "tokens"});
    EXPECT_EQ(results.out, token_lines(30));
    EXPECT_EQ(run(r, {"status", id}).status, 0);
    EXPECT_EQ(run(r, {"status", "20200101T000000Z-nothing-0000"}).status, 3);
    EXPECT_EQ(r.stop_daemon(), 0);
    r.stop_sandbox();
    r.expect_audit_ok();
}

TEST(Commands, HoldStopsReleaseGoesOnAndCancelLeavesTheRestReadyToDrop)
{
    rig r;
    start(r, "    pace: 100/s\n");
    r.drop("long.txt", token_lines(600));
    const std::string active = r.wait_in("active", "long");
    const std::string id = std::filesystem::path(active).filename();
    const auto ledger_lines = [&r] {
        const std::string text = content_of(r.path("ledger"));
        return std::count(text.begin(), text.end(), '\n');
    };
    ASSERT_TRUE(wait_until([&] { return ledger_lines() > 20; }, 20s));

    const said held = run(r, {"hold", id});
    EXPECT_EQ(held.status, 0) << held.err;
    ::poll(nullptr, 0, 300);
    const auto after_hold = ledger_lines();
    ::poll(nullptr, 0, 500);
    EXPECT_EQ(ledger_lines(), after_hold);

    EXPECT_EQ(run(r, {"release", id}).status, 0);
    EXPECT_TRUE(wait_until([&] { return ledger_lines() > after_hold + 20; }, 20s)) << r.log();

    EXPECT_EQ(run(r, {"cancel", id}).status, 0);
    const std::string job = r.wait_done("long");
    const auto deleted = rig::outcome_of(job, "deleted");
    EXPECT_EQ(deleted + rig::outcome_of(job, "cancelled"), 600U);
    EXPECT_GT(deleted, 0U);

    // What remains is a job file as it stands.
    r.drop("rest.txt", content_of(job + "/remaining.txt"));
    const std::string rest = r.wait_done("rest");
    EXPECT_EQ(rig::outcome_of(rest, "deleted"), 600U - deleted);
    EXPECT_EQ(r.stop_daemon(), 0);
    r.stop_sandbox();
    r.expect_audit_ok();
}

TEST(Commands, ARequestToADaemonThatIsDownTakesEffectBeforeItsFirstRequest)
{
    rig r;
    r.start_sandbox();
    r.configure();
    std::filesystem::create_directories(r.spool() + "/incoming");
    r.drop("held.txt", "---\nhold: true\n---\n" + token_lines(10));
    EXPECT_EQ(r.once(), 75);
    const std::string id = r.jobs("active", "held").front();
    EXPECT_EQ(run(r, {"cancel", id}).status, 0);
    EXPECT_EQ(r.once(), 1);
    EXPECT_EQ(rig::outcome_of(r.spool() + "/done/" + id, "cancelled"), 10U);
    r.stop_sandbox();
    EXPECT_EQ(content_of(r.path("ledger")), "");
}

TEST(Commands, CheckConnectBorrowsTheLimitOfARunningDaemon)
{
    rig r;
    start(r, "    pace: 50/s\n");
    r.drop("busy.txt", token_lines(200));
    ASSERT_FALSE(r.wait_in("active", "busy").empty());
    const said checked = run(r, {"check", "--connect"});
    EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
    const std::string job = r.wait_done("busy");
    EXPECT_EQ(rig::outcome_of(job, "deleted"), 200U);
    EXPECT_EQ(r.stop_daemon(), 0);
}

TEST(Commands, HealthTellsARunningDaemonFromNone)
{
    rig r;
    start(r);
    EXPECT_EQ(run(r, {"health"}).status, 0);
    EXPECT_EQ(r.stop_daemon(), 0);
    EXPECT_EQ(run(r, {"health"}).status, 69);
}

TEST(Commands, ABrokenReloadChangesNothingAndAGoodOneApplies)
{
    rig r;
    start(r);
    r.configure("    pase: 10/s\n");
    r.daemon().signal(SIGHUP);
    EXPECT_TRUE(
        wait_until([&] { return r.log().find("nothing was changed") != std::string::npos; }, 20s)
    );
    r.configure("    pace: 10/s\n", "guards: {max_deletes: 5}\n");
    r.daemon().signal(SIGHUP);
    EXPECT_TRUE(wait_until([&] { return r.log().find("reloaded") != std::string::npos; }, 20s))
        << r.log();
    r.drop("many.txt", token_lines(6));
    EXPECT_FALSE(r.wait_in("rejected", "many").empty());
    EXPECT_EQ(r.stop_daemon(), 0);
}

TEST(Commands, WhatIsNotInThisVersionIsRefusedWithAClearWord)
{
    rig r;
    r.configure();
    for (const char* name : {"retry", "prioritize", "list"}) {
        const said refused = run(r, {name, "x"});
        EXPECT_EQ(refused.status, 2) << name;
        EXPECT_NE(refused.err.find("this version has no"), std::string::npos) << refused.err;
    }
}

}  // namespace
