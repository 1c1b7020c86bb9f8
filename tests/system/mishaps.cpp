// Bad input gets a clear error and loses nothing.

#include "rig.hpp"

#include <sys/mount.h>

namespace {

using namespace reaper::test;
using namespace std::chrono_literals;

std::string reason_of(const std::string& rejected)
{
    const auto reason = rig::json_of(rejected + "/reason.json");
    const auto* text = reason.if_contains("reason");
    return text == nullptr ? "" : std::string(text->as_string());
}

// Drops one file and returns the reason for which it is rejected.
std::string rejection_of(const std::string& name, const std::string& content)
{
    rig r;
    r.start_sandbox();
    r.configure();
    r.start_daemon();
    std::filesystem::create_directories(r.spool() + "/incoming");
    r.drop(name, content);
    const std::string rejected = r.wait_in("rejected", "");
    EXPECT_EQ(content_of(rejected + "/input"), content);  // nothing is lost
    EXPECT_EQ(r.stop_daemon(), 0);
    r.stop_sandbox();
    EXPECT_EQ(content_of(r.path("ledger")), "");  // nothing was sent
    return reason_of(rejected);
}

TEST(Mishaps, AMalformedConfigurationNamesEveryFaultWithItsPlace)
{
    rig r;
    r.configure("    pase: 10/s\n    connections: many\n");
    process run = r.command({"run"}, "daemon");
    EXPECT_EQ(run.wait_for(20s), 78);
    const std::string said = run.errors();
    EXPECT_NE(said.find("config.yaml:8:5"), std::string::npos) << said;
    EXPECT_NE(said.find("pace"), std::string::npos) << said;
    EXPECT_NE(said.find("config.yaml:9:"), std::string::npos) << said;
}

TEST(Mishaps, AKeyThatTheWorldCanReadIsRefusedWithTheMend)
{
    rig r;
    r.configure();
    std::filesystem::permissions(
        r.path("rest.key"), std::filesystem::perms::others_read, std::filesystem::perm_options::add
    );
    process run = r.command({"run"}, "daemon");
    EXPECT_EQ(run.wait_for(20s), 78);
    EXPECT_NE(run.errors().find("chmod"), std::string::npos) << run.errors();
}

TEST(Mishaps, AMissingKeyIsNamed)
{
    rig r;
    std::filesystem::remove(r.path("api.key"));
    r.configure();
    process run = r.command({"run"}, "daemon");
    EXPECT_EQ(run.wait_for(20s), 78);
    EXPECT_NE(run.errors().find("api.key"), std::string::npos) << run.errors();
}

TEST(Mishaps, AJobOfTheWrongAccountIsRejected)
{
    const std::string reason =
        rejection_of("wrong.txt", "---\naccount: staging\n---\n" + token_lines(3));
    EXPECT_NE(reason.find("staging"), std::string::npos) << reason;
}

TEST(Mishaps, AnImageIsRejected)
{
    std::string image = "\x89PNG\r\n\x1a\n";
    image += std::string("\0\0\0\rIHDR\0\0\1\0", 12) + std::string(2000, '\xf7');
    EXPECT_FALSE(rejection_of("picture.txt", image).empty());
}

TEST(Mishaps, ATokenThatWouldChangeThePathIsInvalid)
{
    const std::string reason = rejection_of("path.txt", token_of(1) + "\n../../list\nabc/../def\n");
    EXPECT_NE(reason.find("2"), std::string::npos) << reason;
}

TEST(Mishaps, AVeryLongLineIsRejectedInLittleMemory)
{
    rig r;
    r.start_sandbox();
    r.configure();
    r.start_daemon();
    std::filesystem::create_directories(r.spool() + "/incoming");
    {
        std::ofstream file(r.path("long"), std::ios::binary);
        const std::string piece(1 << 20, 'a');
        for (int i = 0; i < 128; ++i)
            file << piece;
    }
    std::filesystem::rename(r.path("long"), r.spool() + "/incoming/long.txt");
    EXPECT_FALSE(reason_of(r.wait_in("rejected", "long")).empty());
    r.daemon().signal(SIGTERM);
    EXPECT_EQ(r.daemon().wait_for(40s), 0);
#ifndef REAPER_SANITIZED
    EXPECT_LT(r.daemon().resident_kib(), 64 * 1024);
#endif
}

TEST(Mishaps, ASecondDaemonOnOneSpoolIsTurnedAway)
{
    rig r;
    r.start_sandbox();
    r.configure();
    r.start_daemon();
    ASSERT_TRUE(
        wait_until([&] { return std::filesystem::exists(r.spool() + "/state/status.json"); }, 20s)
    );
    process second = r.command({"run"}, "second");
    EXPECT_EQ(second.wait_for(20s), 75);
    EXPECT_NE(second.errors().find(std::to_string(r.daemon().pid())), std::string::npos)
        << second.errors();
    EXPECT_EQ(r.stop_daemon(), 0);
}

TEST(Mishaps, AFullDiskStopsSendingAndItGoesOnByItself)
{
    if (::geteuid() != 0)
        FAIL() << "this test mounts a small file system: run the tests as root";
    rig r;
    r.start_sandbox({"--latency", "2ms"});
    r.configure("    pace: 2000/s\n");
    ASSERT_EQ(::mount("none", r.spool().c_str(), "tmpfs", 0, "size=1m"), 0);
    std::filesystem::create_directories(r.spool() + "/incoming");
    // Room for the job, not for its results.
    const std::string ballast = r.spool() + "/ballast";
    put_content(ballast, std::string(700 * 1024, 'x'));
    r.drop("full.txt", token_lines(3000));
    r.start_daemon();
    const bool stopped =
        wait_until([&] { return r.log().find("No space left") != std::string::npos; }, 60s);
    EXPECT_TRUE(stopped) << r.log();
    // The status says why, the sending rests, and nothing that was sent is without its record.
    const auto status = [&r] { return content_of(r.spool() + "/state/status.json"); };
    EXPECT_TRUE(wait_until(
        [&] { return (status() + r.log()).find("sending stops") != std::string::npos; }, 20s
    )) << status();
    // A record takes less room than was reserved for it: a few more may follow, and then none.
    const auto rests = [&r] {
        const auto sent = content_of(r.path("ledger")).size();
        ::poll(nullptr, 0, 700);
        return content_of(r.path("ledger")).size() == sent;
    };
    EXPECT_TRUE(wait_until(rests, 20s));
    EXPECT_TRUE(r.jobs("done").empty());
    std::filesystem::remove(ballast);
    const std::string job = r.wait_done("full", std::chrono::seconds(60));
    EXPECT_EQ(rig::outcome_of(job, "deleted"), 3000U);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok();
    EXPECT_EQ(::umount2(r.spool().c_str(), MNT_DETACH), 0);
}

TEST(Mishaps, AReadOnlySpoolIsNamed)
{
    if (::geteuid() != 0)
        FAIL() << "this test mounts a file system: run the tests as root";
    rig r;
    r.configure();
    ASSERT_EQ(::mount("none", r.spool().c_str(), "tmpfs", MS_RDONLY, "size=1m"), 0);
    process run = r.command({"run"}, "daemon");
    EXPECT_EQ(run.wait_for(20s), 78);
    EXPECT_NE(run.errors().find("ead-only"), std::string::npos) << run.errors();
    EXPECT_EQ(::umount2(r.spool().c_str(), MNT_DETACH), 0);
}

}  // namespace
