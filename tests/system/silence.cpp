// P3: after a 429 nothing is sent for five seconds, not even across a kill and a restart.

#include "rig.hpp"

namespace {

using namespace reaper::test;

TEST(Silence, NoRequestBetweenA429AndFiveSecondsLater)
{
    rig r;
    r.start_sandbox({"--limit", "50/s", "--ban"});
    r.configure();
    r.start_daemon();
    r.drop("limited.txt", token_lines(700));
    const std::string job = r.wait_done("limited", std::chrono::seconds(110));
    ASSERT_FALSE(job.empty());
    EXPECT_EQ(rig::outcome_of(job, "deleted"), 700U);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok({"--silence", "5s", "--rtt", "50ms"});
    EXPECT_NE(content_of(r.path("ledger")).find("\"status\":429"), std::string::npos);
}

TEST(Silence, AKillInsideTheSilenceDoesNotEndIt)
{
    rig r;
    r.start_sandbox({"--limit", "50/s", "--ban"});
    r.configure();
    r.start_daemon();
    r.drop("limited.txt", token_lines(400));
    const auto refused = [&r] {
        return content_of(r.path("ledger")).find("\"status\":429") != std::string::npos;
    };
    ASSERT_TRUE(wait_until(refused, std::chrono::seconds(30))) << r.log();
    for (int kills = 0; kills < 3; ++kills) {
        r.kill_daemon();
        r.start_daemon();
        ::poll(nullptr, 0, 300);
    }
    const std::string job = r.wait_done("limited", std::chrono::seconds(100));
    ASSERT_FALSE(job.empty());
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok({"--silence", "5s", "--rtt", "50ms", "--crashed"});
}

TEST(Silence, ACleanStopInsideTheSilenceDoesNotEndItEither)
{
    rig r;
    r.start_sandbox({"--limit", "50/s", "--ban"});
    r.configure();
    r.start_daemon();
    r.drop("limited.txt", token_lines(300));
    const auto refused = [&r] {
        return content_of(r.path("ledger")).find("\"status\":429") != std::string::npos;
    };
    ASSERT_TRUE(wait_until(refused, std::chrono::seconds(30))) << r.log();
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.start_daemon();
    const std::string job = r.wait_done("limited", std::chrono::seconds(100));
    ASSERT_FALSE(job.empty());
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok({"--silence", "5s", "--rtt", "50ms"});
}

}  // namespace
