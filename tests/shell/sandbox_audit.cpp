// The audit of each token: a sound run passes, and every kind of violation is found in a doctored
// one.

#include "sandbox/audit.hpp"
#include "support/audit_run.hpp"

#include <gtest/gtest.h>

#include <string>

using reaper::test::made_run;
using reaper::test::record;
using reaper::test::second;
using reaper::test::token_a;
using reaper::test::token_b;
using reaper::test::token_c;
using sandbox::audit_rule;

TEST(SandboxAudit, SoundRunPasses)
{
    made_run r;
    r.saw({token_a});
    r.saw({.token = token_b, .status = 404, .executed = false});
    r.saw({.token = token_c, .status = 0, .fault = "reset-after", .answered = false});
    r.saw({.token = token_c, .status = 404, .executed = false});
    r.add(
        {.input = token_a + "\n" + token_b + "\nnot a token\n" + token_a + "\n" + token_c + "\n",
         .records = record(3, "", "invalid") + record(1, token_a, "deleted") +
                    record(4, token_a, "duplicate") + record(2, token_b, "not_found") +
                    record(5, token_c, "already_gone"),
         .outcomes = R"("deleted":1,"not_found":1,"invalid":1,"duplicate":1,"already_gone":1,)"
                     R"("unknown":0)",
         .total = 5,
         .invalid = 1,
         .duplicates = 1}
    );
    r.expect_ok();
    const auto text = sandbox::render(r.audit());
    EXPECT_TRUE(text.ends_with("audit: ok\n")) << text;
}

TEST(SandboxAudit, DeletedNeedsARequestThatDeletedAndWasAnswered)
{
    made_run never;
    never.add_single(token_a, "deleted");
    never.expect_only(audit_rule::unproven);

    made_run other;  // the answer was for another token
    other.saw({.token = token_a, .status = 404, .executed = false});
    other.add_single(token_a, "deleted");
    other.expect_only(audit_rule::unproven);

    made_run unanswered;
    unanswered.saw({.token = token_a, .answered = false});
    unanswered.add_single(token_a, "deleted");
    unanswered.expect_only(audit_rule::unproven);
}

TEST(SandboxAudit, OneDeletionProvesOneRecordOnly)
{
    made_run r;
    r.saw({token_a});
    r.saw({.token = token_a, .status = 404, .executed = false});
    r.add_single(token_a, "deleted");
    r.add_single(token_a, "deleted");
    r.expect_only(audit_rule::unproven);
}

TEST(SandboxAudit, EveryTokenLineOfAnEndedJobHasExactlyOneRecord)
{
    made_run missing;
    missing.saw({token_a});
    missing.add(
        {.input = token_a + "\n" + token_b + "\n",
         .records = record(1, token_a, "deleted"),
         .outcomes = R"("deleted":1)",
         .total = 2}
    );
    missing.expect_only(audit_rule::record_count);

    made_run twice;
    twice.saw({token_a});
    twice.add(
        {.input = token_a + "\n",
         .records = record(1, token_a, "deleted") + record(1, token_a, "unknown"),
         .outcomes = R"("deleted":1,"unknown":1)",
         .total = 1}
    );
    twice.expect_only(audit_rule::record_count);

    made_run beyond;
    beyond.saw({token_a});
    beyond.add(
        {.input = token_a + "\n",
         .records = record(1, token_a, "deleted") + record(2, token_b, "not_found"),
         .outcomes = R"("deleted":1)",
         .total = 1}
    );
    beyond.expect_only(audit_rule::record_count);
}

TEST(SandboxAudit, ActiveJobMayLackRecordsButNotHaveTwo)
{
    made_run lacks;
    lacks.saw({token_a});
    lacks.add({.input = token_a + "\n" + token_b + "\n", .total = 2}, false);
    lacks.expect_ok();

    made_run twice;
    twice.saw({token_a});
    twice.add(
        {.input = token_a + "\n",
         .records = record(1, token_a, "deleted") + record(1, token_a, "unknown"),
         .total = 1},
        false
    );
    twice.expect_only(audit_rule::record_count);
}

TEST(SandboxAudit, RecordIsAboutTheTokenLineThatItNames)
{
    made_run token;
    token.saw({token_a});
    token.add(
        {.input = token_a + "\n",
         .records = record(1, token_b, "deleted"),
         .outcomes = R"("deleted":1)",
         .total = 1}
    );
    token.expect_only(audit_rule::record_count);

    made_run line;
    line.saw({token_a});
    line.add(
        {.input = "# comment\n" + token_a + "\n",
         .records = record(1, token_a, "deleted", 1),
         .outcomes = R"("deleted":1)",
         .total = 1}
    );
    line.expect_only(audit_rule::record_count);

    made_run invalid;
    invalid.add(
        {.input = "secret-key\n",
         .records = record(1, "secret-key", "invalid"),
         .outcomes = R"("invalid":1)",
         .total = 1,
         .invalid = 1}
    );
    invalid.expect_only(audit_rule::record_count);
}

TEST(SandboxAudit, RequestForATokenThatNoJobNames)
{
    made_run r;
    r.saw({token_a});
    r.saw({.token = token_b, .status = 404, .executed = false});
    r.add_single(token_a, "deleted");
    r.expect_only(audit_rule::stranger);

    made_run unaccepted;  // invalid text was sent all the same
    unaccepted.saw({.token = "abc", .status = 404, .executed = false});
    unaccepted.add(
        {.input = "abc\n",
         .records = record(1, "", "invalid"),
         .outcomes = R"("invalid":1)",
         .total = 1,
         .invalid = 1}
    );
    unaccepted.expect_only(audit_rule::stranger);
}

TEST(SandboxAudit, ListAndViewCallsNameNoTokenToDelete)
{
    made_run r;
    r.saw({.token = token_b, .executed = false, .route = "view"});
    r.saw({.token = "", .executed = false, .route = "list"});
    r.expect_ok();
}

TEST(SandboxAudit, NotFoundForATokenThatWasDeleted)
{
    made_run r;
    r.saw({.token = token_a, .answered = false});
    r.saw({.token = token_a, .status = 404, .executed = false});
    r.add_single(token_a, "not_found");
    r.expect_only(audit_rule::wrong_404);
}

TEST(SandboxAudit, NotFoundIsRightWhereAnEarlierJobDeletedTheToken)
{
    made_run r;
    r.saw({token_a});
    r.saw({.token = token_a, .status = 404, .executed = false});
    r.add_single(token_a, "deleted");
    r.add_single(token_a, "not_found");
    r.expect_ok();
}

TEST(SandboxAudit, NotFoundNeedsAnAnswer404)
{
    made_run r;
    r.saw({.token = token_a, .status = 500, .executed = false});
    r.add_single(token_a, "not_found");
    r.expect_only(audit_rule::wrong_404);
}

TEST(SandboxAudit, AlreadyGoneNeedsAnEarlierRequest)
{
    made_run only;  // a clean first request
    only.saw({.token = token_a, .status = 404, .executed = false});
    only.add_single(token_a, "already_gone");
    only.expect_only(audit_rule::unfounded_gone);

    made_run none;
    none.add_single(token_a, "already_gone");
    none.expect_only(audit_rule::unfounded_gone);

    made_run first;  // the only request deleted it: that is `deleted`
    first.saw({token_a});
    first.add_single(token_a, "already_gone");
    first.expect_only(audit_rule::unfounded_gone);
}

TEST(SandboxAudit, EarlierRequestMayHaveBeenLostWithItsConnection)
{
    made_run lost;
    lost.saw({.token = token_b, .status = 0, .executed = false, .fault = "reset", .answered = false}
    );
    lost.saw({.token = token_b, .t = 101 * second});
    lost.saw({.token = token_a, .status = 404, .executed = false, .t = 101 * second});
    lost.add_single(token_a, "already_gone");
    lost.add_single(token_b, "deleted");
    lost.expect_ok();

    made_run too_late;  // the connection broke after the request
    too_late.saw({.token = token_a, .status = 404, .executed = false, .t = 99 * second});
    too_late.saw(
        {.token = token_b, .status = 0, .executed = false, .fault = "reset", .answered = false}
    );
    too_late.saw({.token = token_b, .t = 101 * second});
    too_late.add_single(token_a, "already_gone");
    too_late.add_single(token_b, "deleted");
    too_late.expect_only(audit_rule::unfounded_gone);

    made_run crashed;  // or with the daemon
    crashed.options.crashed = true;
    crashed.saw({.token = token_a, .status = 404, .executed = false});
    crashed.add_single(token_a, "already_gone");
    crashed.expect_ok();
}

TEST(SandboxAudit, DeletedTokenMustNotEndAsIfItHadNotBeenSent)
{
    for (const auto* outcome : {"cancelled", "expired", "refused"}) {
        made_run r;
        r.saw({.token = token_a, .answered = false});
        r.add_single(token_a, outcome);
        r.expect_only(audit_rule::unrecorded);
    }
    made_run unknown;
    unknown.saw({.token = token_a, .answered = false});
    unknown.add_single(token_a, "unknown");
    unknown.expect_ok();
}

TEST(SandboxAudit, DryRunSendsNothing)
{
    made_run r;
    r.saw({.token = token_a, .status = 404, .executed = false});
    r.add_single(token_a, "would_delete", true);
    r.expect_only(audit_rule::dry_run_sent);

    made_run then_for_real;
    then_for_real.saw({token_a});
    then_for_real.add_single(token_a, "would_delete", true);
    then_for_real.add_single(token_a, "deleted");
    then_for_real.expect_ok();
}
