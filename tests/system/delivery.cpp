// A job through the real binaries: the results log and the sandbox's ledger agree token by token.

#include "rig.hpp"

namespace {

using namespace reaper::test;

#ifdef REAPER_SANITIZED
constexpr std::uint64_t many = 20'000;  // a sanitizer costs ten times the time
#else
constexpr std::uint64_t many = 100'000;
#endif

TEST(Delivery, EveryTokenHasOneRecordThatTheLedgerConfirms)
{
    rig r;
    r.start_sandbox();
    r.configure();
    r.start_daemon();
    r.drop("many.txt", token_lines(many));
    const std::string job = r.wait_done("many", std::chrono::seconds(100));
    ASSERT_FALSE(job.empty());
    EXPECT_EQ(rig::outcome_of(job, "deleted"), many);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok();
}

TEST(Delivery, FaultsOfEverySortLoseNoTokenAndInventNoOutcome)
{
    rig r;
    r.start_sandbox(
        {"--fault",
         "reset:0.01",
         "--fault",
         "truncate:0.01",
         "--fault",
         "500:0.02",
         "--max-requests-per-connection",
         "100"}
    );
    r.configure("", "guards: {max_deletes: 1000000}\nretry: {base: 50ms, cap: 1s}\n");
    r.start_daemon();
    const std::uint64_t count = many / 10;
    r.drop("faulty.txt", token_lines(count));
    const std::string job = r.wait_done("faulty", std::chrono::seconds(110));
    ASSERT_FALSE(job.empty());
    EXPECT_EQ(
        rig::outcome_of(job, "deleted") + rig::outcome_of(job, "already_gone") +
            rig::outcome_of(job, "unknown"),
        count
    );
    EXPECT_EQ(rig::outcome_of(job, "not_found"), 0U);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok();
}

TEST(Delivery, OnceFinishesWhatItSeesAndSaysHowItWent)
{
    rig r;
    put_content(r.path("known"), token_lines(40));
    r.start_sandbox({"--campaigns", r.path("known")});
    r.configure();
    std::filesystem::create_directories(r.spool() + "/incoming");
    r.drop("good.txt", token_lines(20));
    EXPECT_EQ(r.once(), 0) << content_of(r.path("once.err"));
    EXPECT_EQ(rig::outcome_of(r.wait_done("good"), "deleted"), 20U);

    // Twenty that the API knows, and one that it does not.
    std::string lines;
    for (std::uint64_t i = 20; i < 41; ++i)
        lines += token_of(i) + "\n";
    r.drop("some.txt", lines);
    EXPECT_EQ(r.once(), 1) << content_of(r.path("once.err"));
    const std::string job = r.wait_done("some");
    EXPECT_EQ(rig::outcome_of(job, "deleted"), 20U);
    EXPECT_EQ(rig::outcome_of(job, "not_found"), 1U);
    r.stop_sandbox();
    r.expect_audit_ok();
}

TEST(Delivery, ASecondRunOfAHeldJobWaitsForAPerson)
{
    rig r;
    r.start_sandbox();
    r.configure();
    std::filesystem::create_directories(r.spool() + "/incoming");
    r.drop("held.txt", "---\nhold: true\n---\n" + token_lines(5));
    EXPECT_EQ(r.once(), 75) << content_of(r.path("once.err"));
    EXPECT_EQ(r.jobs("active", "held").size(), 1U);
    r.stop_sandbox();
    EXPECT_EQ(content_of(r.path("ledger")), "");
}

}  // namespace
