// The audit of what a run as a whole keeps: the silence, whole lines, sums. Each kind of violation
// is found in a doctored run.

#include "sandbox/audit.hpp"
#include "support/audit_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

using reaper::test::made_run;
using reaper::test::record;
using reaper::test::second;
using reaper::test::token_a;
using reaper::test::token_b;
using sandbox::audit_rule;

TEST(SandboxAudit, RequestWithinTheSilenceAfterA429)
{
    for (const auto& [after_ns, sound] : std::vector<std::pair<std::int64_t, bool>>{
             {second / 100, true},  // was under way
             {second / 10, false},
             {5 * second - second / 1000, false},
             {5 * second + 1, true}}) {
        made_run r;
        r.saw({.token = token_a, .status = 429, .executed = false, .t = 100 * second});
        r.saw({.token = token_a, .t = 100 * second + after_ns});
        r.add_single(token_a, "deleted");
        if (sound)
            r.expect_ok();
        else
            r.expect_only(audit_rule::silence);
    }
}

TEST(SandboxAudit, SilenceCountsFromTheLast429)
{
    made_run r;
    r.saw({.token = token_a, .status = 429, .executed = false, .t = 100 * second});
    r.saw({.token = token_b, .status = 429, .executed = false, .t = 100 * second + second / 50});
    r.saw({.token = token_a, .t = 105 * second + second / 100});
    r.saw({.token = token_b, .t = 106 * second});
    r.add_single(token_a, "deleted");
    r.add_single(token_b, "deleted");
    r.expect_only(audit_rule::silence);
}

TEST(SandboxAudit, SilenceHoldsAcrossConnectionsAndForEveryCall)
{
    made_run r;
    r.saw({.token = token_a, .status = 429, .executed = false});
    r.saw({.token = "", .executed = false, .t = 103 * second, .connection = 2, .route = "list"});
    r.saw({.token = token_a, .t = 106 * second});
    r.add_single(token_a, "deleted");
    r.expect_only(audit_rule::silence);
}

TEST(SandboxAudit, A429ThatNobodyReadStartsNoSilence)
{
    made_run unanswered;
    unanswered.saw({.token = token_a, .status = 429, .executed = false, .answered = false});
    unanswered.saw({.token = token_a, .t = 101 * second});
    unanswered.add_single(token_a, "deleted");
    unanswered.expect_ok();
}

TEST(SandboxAudit, DamagedLinesAreLoud)
{
    made_run ledger;
    ledger.saw_text("{\"t\":1}\n");
    ledger.saw_text("not json\n");
    ledger.expect_only(audit_rule::unreadable, 2);

    made_run records;
    records.saw({token_a});
    records.add(
        {.input = token_a + "\n",
         .records = "damage\n" + record(1, token_a, "deleted"),
         .outcomes = R"("deleted":1)",
         .total = 1}
    );
    records.expect_only(audit_rule::unreadable);
}

TEST(SandboxAudit, TornLastLineIsForgivenAfterACrashOnly)
{
    made_run r;
    r.saw({token_a});
    r.add(
        {.input = token_a + "\n" + token_b + "\n",
         .records = record(1, token_a, "deleted") + R"({"ts":"20)",
         .total = 2},
        false
    );
    r.expect_only(audit_rule::unreadable);
    r.options.crashed = true;
    r.expect_ok();
}

TEST(SandboxAudit, SummaryAndJobAgreeWithWhatIsCounted)
{
    made_run outcomes;
    outcomes.saw({token_a});
    outcomes.add(
        {.input = token_a + "\n",
         .records = record(1, token_a, "deleted"),
         .outcomes = R"("deleted":2)",
         .total = 1}
    );
    outcomes.expect_only(audit_rule::wrong_sum);

    made_run invented;
    invented.saw({token_a});
    invented.add(
        {.input = token_a + "\n",
         .records = record(1, token_a, "deleted"),
         .outcomes = R"("deleted":1,"not_found":1)",
         .total = 1}
    );
    invented.expect_only(audit_rule::wrong_sum);

    made_run total;
    total.saw({token_a});
    total.add(
        {.input = token_a + "\n",
         .records = record(1, token_a, "deleted"),
         .outcomes = R"("deleted":1)",
         .total = 2}
    );
    total.expect_only(audit_rule::wrong_sum, 2);  // job.json and summary.json

    made_run duplicates;
    duplicates.saw({token_a});
    duplicates.add(
        {.input = token_a + "\n" + token_a + "\n",
         .records = record(1, token_a, "deleted") + record(2, token_a, "duplicate"),
         .outcomes = R"("deleted":1,"duplicate":1)",
         .total = 2}
    );
    duplicates.expect_only(audit_rule::wrong_sum);
}

TEST(SandboxAudit, ShowsTheFirstTenViolationsAndCountsAll)
{
    made_run r;
    for (int i = 0; i < 25; ++i)
        r.saw({.token = fmt::format("{:032x}", i), .status = 404, .executed = false});
    const auto report = r.audit();
    EXPECT_EQ(report.violations_of(audit_rule::stranger), 25U);
    EXPECT_EQ(report.shown.size(), 10U);
    const auto text = sandbox::render(report);
    EXPECT_NE(text.find("and 15 more"), std::string::npos);
    EXPECT_TRUE(text.ends_with("audit: 25 violations\n")) << text;
}

TEST(SandboxAudit, FailsWithoutLedgerOrSpool)
{
    sandbox::audit_options options;
    options.ledgers = {"/nonexistent/ledger"};
    EXPECT_FALSE(sandbox::run_audit(options).has_value());
    options.ledgers.clear();
    options.spool = "/nonexistent/spool";
    EXPECT_FALSE(sandbox::run_audit(options).has_value());
}
