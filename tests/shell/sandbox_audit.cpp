// The audit: a sound run passes, and every kind of violation is found in a doctored one.

#include "sandbox/audit.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using reaper::test::put_content;
using reaper::test::temp_dir;
using sandbox::audit_report;
using sandbox::audit_rule;

namespace {

constexpr std::int64_t second = 1'000'000'000;

const std::string a(32, 'a');
const std::string b(32, 'b');
const std::string c(32, 'c');

// A line of a ledger; the default is a deletion answered 200.
struct seen
{
    std::string token;
    int status = 200;
    bool executed = true;
    std::int64_t t = 100 * second;
    std::string fault{};
    bool answered = true;
    int connection = 1;
    std::string route = "delete";

    [[nodiscard]] std::string text() const
    {
        return fmt::format(
            R"({{"t":{},"ta":{},"conn":{},"req":1,"route":"{}","kind":"campaigns","token":"{}",)"
            R"("status":{},"executed":{},"fault":"{}"}})"
            "\n",
            t,
            answered ? t + 1 : 0,
            connection,
            route,
            token,
            status,
            executed,
            fault
        );
    }
};

std::string record(int n, const std::string& token, const std::string& outcome, int line = 0)
{
    return fmt::format(
        R"({{"ts":"2026-11-22T20:30:15.123Z","n":{},"line":{},"token":"{}","outcome":"{}"}})"
        "\n",
        n,
        line == 0 ? n : line,
        token,
        outcome
    );
}

// A job folder, sound as long as nobody says otherwise.
struct job
{
    std::string input;
    std::string records{};
    std::string outcomes{};  // of summary.json
    int total = 0;
    std::string format = "text";
    bool dry_run = false;
    int invalid = 0;
    int duplicates = 0;
};

class run
{
public:
    void saw(const seen& line) { ledger_ += line.text(); }

    void saw_text(const std::string& text) { ledger_ += text; }

    // A job that has ended if it has `outcomes`, otherwise one that is active.
    void add(const job& of, bool done = true)
    {
        const std::string folder =
            dir_ / fmt::format("{}/20261122T203015Z-j-{:04}", done ? "done" : "active", ++jobs_);
        std::filesystem::create_directories(folder);
        put_content(folder + "/input", of.input);
        put_content(
            folder + "/job.json",
            fmt::format(
                R"({{"file_format":"{}","dry_run":{},"total":{},"invalid":{},"duplicates":{}}})",
                of.format,
                of.dry_run,
                of.total,
                of.invalid,
                of.duplicates
            )
        );
        put_content(folder + "/results.jsonl", of.records);
        if (done)
            put_content(
                folder + "/summary.json",
                fmt::format(R"({{"total":{},"outcomes":{{{}}}}})", of.total, of.outcomes)
            );
    }

    // The job of one token with one outcome.
    void add_single(const std::string& token, const std::string& outcome, bool dry_run = false)
    {
        add(
            {.input = token + "\n",
             .records = record(1, token, outcome),
             .outcomes = '"' + outcome + "\":1",
             .total = 1,
             .dry_run = dry_run}
        );
    }

    audit_report audit()
    {
        put_content(dir_ / "ledger.jsonl", ledger_);
        options.ledgers = {dir_ / "ledger.jsonl"};
        options.spool = dir_.path();
        const auto report = sandbox::run_audit(options);
        EXPECT_TRUE(report.has_value());
        return *report;
    }

    // That the audit finds this rule broken, and no other.
    void expect_only(audit_rule rule, std::uint64_t count = 1)
    {
        const auto report = audit();
        EXPECT_EQ(report.violations_of(rule), count) << sandbox::render(report);
        EXPECT_EQ(report.violation_count(), count) << sandbox::render(report);
    }

    void expect_ok()
    {
        const auto report = audit();
        EXPECT_EQ(report.violation_count(), 0U) << sandbox::render(report);
    }

    sandbox::audit_options options;

private:
    temp_dir dir_;
    std::string ledger_;
    int jobs_ = 0;
};

}  // namespace

TEST(SandboxAudit, SoundRunPasses)
{
    run r;
    r.saw({a});
    r.saw({.token = b, .status = 404, .executed = false});
    r.saw({.token = c, .status = 0, .fault = "reset-after", .answered = false});
    r.saw({.token = c, .status = 404, .executed = false});
    r.add(
        {.input = a + "\n" + b + "\nnot a token\n" + a + "\n" + c + "\n",
         .records = record(3, "", "invalid") + record(1, a, "deleted") + record(4, a, "duplicate") +
                    record(2, b, "not_found") + record(5, c, "already_gone"),
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
    run never;
    never.add_single(a, "deleted");
    never.expect_only(audit_rule::unproven);

    run other;  // the answer was for another token
    other.saw({.token = a, .status = 404, .executed = false});
    other.add_single(a, "deleted");
    other.expect_only(audit_rule::unproven);

    run unanswered;
    unanswered.saw({.token = a, .answered = false});
    unanswered.add_single(a, "deleted");
    unanswered.expect_only(audit_rule::unproven);
}

TEST(SandboxAudit, OneDeletionProvesOneRecordOnly)
{
    run r;
    r.saw({a});
    r.saw({.token = a, .status = 404, .executed = false});
    r.add_single(a, "deleted");
    r.add_single(a, "deleted");
    r.expect_only(audit_rule::unproven);
}

TEST(SandboxAudit, EveryTokenLineOfAnEndedJobHasExactlyOneRecord)
{
    run missing;
    missing.saw({a});
    missing.add(
        {.input = a + "\n" + b + "\n",
         .records = record(1, a, "deleted"),
         .outcomes = R"("deleted":1)",
         .total = 2}
    );
    missing.expect_only(audit_rule::record_count);

    run twice;
    twice.saw({a});
    twice.add(
        {.input = a + "\n",
         .records = record(1, a, "deleted") + record(1, a, "unknown"),
         .outcomes = R"("deleted":1,"unknown":1)",
         .total = 1}
    );
    twice.expect_only(audit_rule::record_count);

    run beyond;
    beyond.saw({a});
    beyond.add(
        {.input = a + "\n",
         .records = record(1, a, "deleted") + record(2, b, "not_found"),
         .outcomes = R"("deleted":1)",
         .total = 1}
    );
    beyond.expect_only(audit_rule::record_count);
}

TEST(SandboxAudit, ActiveJobMayLackRecordsButNotHaveTwo)
{
    run lacks;
    lacks.saw({a});
    lacks.add({.input = a + "\n" + b + "\n", .total = 2}, false);
    lacks.expect_ok();

    run twice;
    twice.saw({a});
    twice.add(
        {.input = a + "\n",
         .records = record(1, a, "deleted") + record(1, a, "unknown"),
         .total = 1},
        false
    );
    twice.expect_only(audit_rule::record_count);
}

TEST(SandboxAudit, RecordIsAboutTheTokenLineThatItNames)
{
    run token;
    token.saw({a});
    token.add(
        {.input = a + "\n",
         .records = record(1, b, "deleted"),
         .outcomes = R"("deleted":1)",
         .total = 1}
    );
    token.expect_only(audit_rule::record_count);

    run line;
    line.saw({a});
    line.add(
        {.input = "# comment\n" + a + "\n",
         .records = record(1, a, "deleted", 1),
         .outcomes = R"("deleted":1)",
         .total = 1}
    );
    line.expect_only(audit_rule::record_count);

    run invalid;
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
    run r;
    r.saw({a});
    r.saw({.token = b, .status = 404, .executed = false});
    r.add_single(a, "deleted");
    r.expect_only(audit_rule::stranger);

    run unaccepted;  // invalid text was sent all the same
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
    run r;
    r.saw({.token = b, .executed = false, .route = "view"});
    r.saw({.token = "", .executed = false, .route = "list"});
    r.expect_ok();
}

TEST(SandboxAudit, NotFoundForATokenThatWasDeleted)
{
    run r;
    r.saw({.token = a, .answered = false});
    r.saw({.token = a, .status = 404, .executed = false});
    r.add_single(a, "not_found");
    r.expect_only(audit_rule::wrong_404);
}

TEST(SandboxAudit, NotFoundIsRightWhereAnEarlierJobDeletedTheToken)
{
    run r;
    r.saw({a});
    r.saw({.token = a, .status = 404, .executed = false});
    r.add_single(a, "deleted");
    r.add_single(a, "not_found");
    r.expect_ok();
}

TEST(SandboxAudit, NotFoundNeedsAnAnswer404)
{
    run r;
    r.saw({.token = a, .status = 500, .executed = false});
    r.add_single(a, "not_found");
    r.expect_only(audit_rule::wrong_404);
}

TEST(SandboxAudit, AlreadyGoneNeedsAnEarlierRequest)
{
    run only;  // a clean first request
    only.saw({.token = a, .status = 404, .executed = false});
    only.add_single(a, "already_gone");
    only.expect_only(audit_rule::unfounded_gone);

    run none;
    none.add_single(a, "already_gone");
    none.expect_only(audit_rule::unfounded_gone);

    run first;  // the only request deleted it: that is `deleted`
    first.saw({a});
    first.add_single(a, "already_gone");
    first.expect_only(audit_rule::unfounded_gone);
}

TEST(SandboxAudit, EarlierRequestMayHaveBeenLostWithItsConnection)
{
    run lost;
    lost.saw({.token = b, .status = 0, .executed = false, .fault = "reset", .answered = false});
    lost.saw({.token = b, .t = 101 * second});
    lost.saw({.token = a, .status = 404, .executed = false, .t = 101 * second});
    lost.add_single(a, "already_gone");
    lost.add_single(b, "deleted");
    lost.expect_ok();

    run too_late;  // the connection broke after the request
    too_late.saw({.token = a, .status = 404, .executed = false, .t = 99 * second});
    too_late.saw({.token = b, .status = 0, .executed = false, .fault = "reset", .answered = false});
    too_late.saw({.token = b, .t = 101 * second});
    too_late.add_single(a, "already_gone");
    too_late.add_single(b, "deleted");
    too_late.expect_only(audit_rule::unfounded_gone);

    run crashed;  // or with the daemon
    crashed.options.crashed = true;
    crashed.saw({.token = a, .status = 404, .executed = false});
    crashed.add_single(a, "already_gone");
    crashed.expect_ok();
}

TEST(SandboxAudit, DeletedTokenMustNotEndAsIfItHadNotBeenSent)
{
    for (const auto* outcome : {"cancelled", "expired", "refused"}) {
        run r;
        r.saw({.token = a, .answered = false});
        r.add_single(a, outcome);
        r.expect_only(audit_rule::unrecorded);
    }
    run unknown;
    unknown.saw({.token = a, .answered = false});
    unknown.add_single(a, "unknown");
    unknown.expect_ok();
}

TEST(SandboxAudit, DryRunSendsNothing)
{
    run r;
    r.saw({.token = a, .status = 404, .executed = false});
    r.add_single(a, "would_delete", true);
    r.expect_only(audit_rule::dry_run_sent);

    run then_for_real;
    then_for_real.saw({a});
    then_for_real.add_single(a, "would_delete", true);
    then_for_real.add_single(a, "deleted");
    then_for_real.expect_ok();
}

TEST(SandboxAudit, RequestWithinTheSilenceAfterA429)
{
    for (const auto& [after_ns, sound] : std::vector<std::pair<std::int64_t, bool>>{
             {second / 100, true},  // was under way
             {second / 10, false},
             {5 * second - second / 1000, false},
             {5 * second + 1, true}}) {
        run r;
        r.saw({.token = a, .status = 429, .executed = false, .t = 100 * second});
        r.saw({.token = a, .t = 100 * second + after_ns});
        r.add_single(a, "deleted");
        if (sound)
            r.expect_ok();
        else
            r.expect_only(audit_rule::silence);
    }
}

TEST(SandboxAudit, SilenceCountsFromTheLast429)
{
    run r;
    r.saw({.token = a, .status = 429, .executed = false, .t = 100 * second});
    r.saw({.token = b, .status = 429, .executed = false, .t = 100 * second + second / 50});
    r.saw({.token = a, .t = 105 * second + second / 100});
    r.saw({.token = b, .t = 106 * second});
    r.add_single(a, "deleted");
    r.add_single(b, "deleted");
    r.expect_only(audit_rule::silence);
}

TEST(SandboxAudit, SilenceHoldsAcrossConnectionsAndForEveryCall)
{
    run r;
    r.saw({.token = a, .status = 429, .executed = false});
    r.saw({.token = "", .executed = false, .t = 103 * second, .connection = 2, .route = "list"});
    r.saw({.token = a, .t = 106 * second});
    r.add_single(a, "deleted");
    r.expect_only(audit_rule::silence);
}

TEST(SandboxAudit, A429ThatNobodyReadStartsNoSilence)
{
    run unanswered;
    unanswered.saw({.token = a, .status = 429, .executed = false, .answered = false});
    unanswered.saw({.token = a, .t = 101 * second});
    unanswered.add_single(a, "deleted");
    unanswered.expect_ok();
}

TEST(SandboxAudit, DamagedLinesAreLoud)
{
    run ledger;
    ledger.saw_text("{\"t\":1}\n");
    ledger.saw_text("not json\n");
    ledger.expect_only(audit_rule::unreadable, 2);

    run records;
    records.saw({a});
    records.add(
        {.input = a + "\n",
         .records = "damage\n" + record(1, a, "deleted"),
         .outcomes = R"("deleted":1)",
         .total = 1}
    );
    records.expect_only(audit_rule::unreadable);
}

TEST(SandboxAudit, TornLastLineIsForgivenAfterACrashOnly)
{
    run r;
    r.saw({a});
    r.add(
        {.input = a + "\n" + b + "\n",
         .records = record(1, a, "deleted") + R"({"ts":"20)",
         .total = 2},
        false
    );
    r.expect_only(audit_rule::unreadable);
    r.options.crashed = true;
    r.expect_ok();
}

TEST(SandboxAudit, SummaryAndJobAgreeWithWhatIsCounted)
{
    run outcomes;
    outcomes.saw({a});
    outcomes.add(
        {.input = a + "\n",
         .records = record(1, a, "deleted"),
         .outcomes = R"("deleted":2)",
         .total = 1}
    );
    outcomes.expect_only(audit_rule::wrong_sum);

    run invented;
    invented.saw({a});
    invented.add(
        {.input = a + "\n",
         .records = record(1, a, "deleted"),
         .outcomes = R"("deleted":1,"not_found":1)",
         .total = 1}
    );
    invented.expect_only(audit_rule::wrong_sum);

    run total;
    total.saw({a});
    total.add(
        {.input = a + "\n",
         .records = record(1, a, "deleted"),
         .outcomes = R"("deleted":1)",
         .total = 2}
    );
    total.expect_only(audit_rule::wrong_sum, 2);  // job.json and summary.json

    run duplicates;
    duplicates.saw({a});
    duplicates.add(
        {.input = a + "\n" + a + "\n",
         .records = record(1, a, "deleted") + record(2, a, "duplicate"),
         .outcomes = R"("deleted":1,"duplicate":1)",
         .total = 2}
    );
    duplicates.expect_only(audit_rule::wrong_sum);
}

TEST(SandboxAudit, ShowsTheFirstTenViolationsAndCountsAll)
{
    run r;
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
