// The guards between a dropped file and its first request (SPEC 4), on real files.

#include "reaper/core/journal_codec.hpp"
#include "support/intake_rig.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

// Drops the file and gives why it was rejected; empty if it was taken.
std::string rejection_of(
    intake_rig& rig,
    const std::string& name,
    std::string_view bytes,
    const std::string& account = ""
)
{
    rig.rename_in(name, bytes, account);
    rig.run_now();
    if (rig.events.rejected.empty())
        return {};
    EXPECT_TRUE(rig.events.taken.empty());
    EXPECT_TRUE(rig.active().empty());
    const auto& why = rig.events.rejected.back();
    const auto directory = rig.paths().rejected_job(why.id);
    EXPECT_EQ(content_of(directory + "/input"), bytes);
    EXPECT_EQ(*read_rejection(directory), why);
    EXPECT_EQ(names_in(directory), (std::vector<std::string>{"input", "reason.json"}));
    EXPECT_EQ(names_in(rig.paths().folder_of("staging")), std::vector<std::string>{});
    EXPECT_EQ(names_in(rig.paths().incoming), (std::vector<std::string>{"prod", "staging"}));
    return why.reason;
}

bool names(const std::string& text, std::string_view word)
{
    return text.find(word) != std::string::npos;
}

TEST(IntakeGuards, AnInvalidLineRejectsTheFileAndIsNamedByItsNumberOnly)
{
    intake_rig rig;
    const std::string secret = "sk_this-might-be-a-pasted-key";
    const auto why = rejection_of(rig, "a.txt", token_lines(1) + secret + "\n" + token_lines(1, 2));
    EXPECT_TRUE(names(why, "line 2")) << why;
    EXPECT_EQ(rig.events.rejected[0].lines, std::vector<std::uint64_t>{2});
    EXPECT_EQ(rig.events.rejected[0].account, "prod");
    const auto reason =
        content_of(rig.paths().rejected_job(rig.events.rejected[0].id) + "/reason.json");
    EXPECT_FALSE(names(reason, secret));
}

TEST(IntakeGuards, TheFirstTenInvalidLinesAreNamed)
{
    intake_rig rig;
    std::string text = token_lines(1);
    for (int i = 0; i < 12; ++i)
        text += "bad!\n";
    EXPECT_FALSE(rejection_of(rig, "a.txt", text).empty());
    EXPECT_EQ(
        rig.events.rejected[0].lines, (std::vector<std::uint64_t>{2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
    );
}

TEST(IntakeGuards, InvalidAndRepeatedLinesGetTheirRecordsAtOnce)
{
    intake_rig rig;
    rig.config.accounts["prod"].guards.max_invalid = 1;
    rig.start();
    rig.rename_in("a.txt", token_lines(2) + "no token\n" + token_lines(1));
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    const auto& job = rig.events.taken[0].manifest;
    EXPECT_EQ(job.total, 4u);
    EXPECT_EQ(job.invalid, 1u);
    EXPECT_EQ(job.duplicates, 1u);

    journal_scanner scanner;
    const auto log = rig.content(job.id, "results.jsonl");
    scanner.feed(log);
    scanner.finish();
    const auto invalid = scanner.next();
    ASSERT_TRUE(invalid);
    EXPECT_EQ(invalid->n, 3u);
    EXPECT_EQ(invalid->line, 3u);
    EXPECT_EQ(invalid->token, "");
    EXPECT_EQ(invalid->result, outcome::invalid);
    EXPECT_EQ(invalid->ts, rig.now.wall);
    const auto repeated = scanner.next();
    ASSERT_TRUE(repeated);
    EXPECT_EQ(repeated->n, 4u);
    EXPECT_EQ(repeated->token, token_number(1));
    EXPECT_EQ(repeated->result, outcome::duplicate);
    EXPECT_FALSE(scanner.next());
    EXPECT_EQ(scanner.torn_bytes(), 0u);
}

TEST(IntakeGuards, AFileCutInsideItsLastTokenSendsNothing)
{
    intake_rig rig;
    auto text = token_lines(3);
    text.resize(text.size() - 5);
    EXPECT_TRUE(names(rejection_of(rig, "a.txt", text), "line 3"));
}

TEST(IntakeGuards, WithACountACutAtALineEndSendsNothing)
{
    intake_rig rig;
    const auto why = rejection_of(rig, "a.txt", "---\ncount: 3\n---\n" + token_lines(2));
    EXPECT_TRUE(names(why, "count: 3")) << why;
}

TEST(IntakeGuards, MaxDeletesIsCountedBeforeTheFirstRequest)
{
    for (const unsigned tokens : {9u, 10u, 11u}) {
        intake_rig rig;
        rig.config.accounts["prod"].guards.max_deletes = 10;
        rig.start();
        // Repeated ones cost no request.
        const auto why = rejection_of(rig, "a.txt", token_lines(tokens) + token_lines(5));
        EXPECT_EQ(!why.empty(), tokens > 10) << tokens << ": " << why;
    }
}

TEST(IntakeGuards, AJobThatContradictsItsFolderIsRejected)
{
    intake_rig rig;
    const auto why =
        rejection_of(rig, "a.txt", "---\naccount: prod\n---\n" + token_lines(1), "staging");
    EXPECT_TRUE(names(why, "decides")) << why;
    EXPECT_EQ(rig.events.rejected[0].account, "staging");
}

TEST(IntakeGuards, AnUnknownAccountIsRejected)
{
    intake_rig rig;
    EXPECT_TRUE(
        names(rejection_of(rig, "a.txt", "---\naccount: none\n---\n" + token_lines(1)), "none")
    );
}

TEST(IntakeGuards, WithoutADefaultAccountIncomingTakesOnlyJobsThatNameOne)
{
    intake_rig rig;
    rig.config.default_account.clear();
    rig.start();
    rig.rename_in("a.txt", "---\naccount: staging\n---\n" + token_lines(1));
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    rig.events.taken.clear();
    std::filesystem::remove_all(rig.paths().active_job(rig.active().at(0)));
    EXPECT_TRUE(names(rejection_of(rig, "b.txt", token_lines(1)), "default_account"));
}

TEST(IntakeGuards, InJsonTheOptionsMayComeLast)
{
    intake_rig rig;
    rig.config.accounts["staging"].shape.is = token_shape::form::any;
    rig.start();
    rig.rename_in("a.json", R"({"tokens": ["short"], "account": "staging", "label": "late"})");
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.events.taken[0].manifest.account, "staging");
    EXPECT_EQ(rig.events.taken[0].manifest.options.label, "late");
}

TEST(IntakeGuards, ACutJsonFileSendsNothing)
{
    const std::string whole =
        R"({"tokens": [")" + token_number(1) + R"(", ")" + token_number(2) + R"("]})";
    for (std::size_t size = 1; size < whole.size(); ++size) {
        intake_rig rig;
        EXPECT_NE(rejection_of(rig, "a.json", whole.substr(0, size)), "") << size;
    }
}

TEST(IntakeGuards, AnotherKindThanTheAccountsIsRejected)
{
    intake_rig rig;
    EXPECT_TRUE(names(
        rejection_of(rig, "a.txt", "---\nkind: in-app-campaigns\n---\n" + token_lines(1)),
        "in-app-campaigns"
    ));
}

TEST(IntakeGuards, AnUnknownOptionOrKindIsRejected)
{
    for (const char* option : {"kind: cep-campaigns", "max_delete: 5", "deadline: tomorrow"}) {
        intake_rig rig;
        const auto text = "---\n" + std::string(option) + "\n---\n" + token_lines(1);
        EXPECT_NE(rejection_of(rig, "a.txt", text), "") << option;
    }
}

TEST(IntakeGuards, AnEndingThatTellsNoFormatIsRejected)
{
    intake_rig rig;
    EXPECT_TRUE(names(rejection_of(rig, "report.pdf", token_lines(1)), "rename"));
}

TEST(IntakeGuards, BytesThatAreNotTextAreRejected)
{
    intake_rig rig;
    EXPECT_NE(rejection_of(rig, "a.txt", "\xff\xfe garbage \x80\n"), "");
    EXPECT_EQ(rig.events.rejected[0].file, "a.txt");
}

TEST(IntakeGuards, AFileWithoutAnyTokenIsRejected)
{
    intake_rig rig;
    EXPECT_NE(rejection_of(rig, "a.txt", "# nothing here\n\n"), "");
}

TEST(IntakeGuards, HoldInTheFileHoldsTheJobWithASentence)
{
    intake_rig rig;
    rig.rename_in("a.txt", "---\nhold: true\n---\n" + token_lines(1));
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    const auto& [job, state] = rig.events.taken[0];
    ASSERT_EQ(state.holds.size(), 1u);
    EXPECT_EQ(state.holds[0].cause, hold_cause::option);
    EXPECT_TRUE(names(state.holds[0].reason, "campaign-reaper release " + job.id));
    EXPECT_EQ(state.next_hold_id, 2u);
}

TEST(IntakeGuards, TheSameFileAsAJobThatSentSomethingIsHeld)
{
    intake_rig rig;
    rig.rename_in("a.txt", token_lines(3));
    rig.run_now();
    const auto first = rig.events.taken.at(0).manifest;

    rig.rename_in("b.txt", token_lines(3));
    rig.run_now();
    EXPECT_TRUE(rig.events.taken.at(1).state.holds.empty()) << "the first has sent nothing yet";

    ASSERT_TRUE(note_sent(rig.paths(), first.sha256, first.id));
    rig.rename_in("c.txt", token_lines(3));
    rig.run_now();
    const auto& holds = rig.events.taken.at(2).state.holds;
    ASSERT_EQ(holds.size(), 1u);
    EXPECT_EQ(holds[0].cause, hold_cause::same_file);
    EXPECT_TRUE(names(holds[0].reason, first.id));
}

TEST(IntakeGuards, DryRunInTheConfigCannotBeTurnedOff)
{
    intake_rig rig;
    rig.config.accounts["prod"].guards.dry_run = true;
    rig.start();
    rig.rename_in("a.txt", "---\ndry_run: false\n---\n" + token_lines(1));
    rig.run_now();
    EXPECT_TRUE(rig.events.taken.at(0).manifest.dry_run);
}

TEST(IntakeGuards, ADeadlineThatHasPassedDoesNotKeepAJobOut)
{
    intake_rig rig;
    rig.rename_in("a.txt", "---\ndeadline: 2020-01-01T00:00:00Z\n---\n" + token_lines(1));
    rig.run_now();
    EXPECT_EQ(rig.events.taken.size(), 1u);  // it expires, with a record per token
}

}  // namespace
}  // namespace reaper::test
