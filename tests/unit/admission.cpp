#include "reaper/core/admission.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper {
namespace {

const wall_time noon = *parse_rfc3339("2026-11-22T12:00:00Z");
constexpr const char* id = "20261122T120000Z-a.txt-1a2b";

settings config_of(std::initializer_list<const char*> names, std::string by_default)
{
    settings config;
    config.default_account = std::move(by_default);
    for (const char* name : names)
        config.accounts[name].name = name;
    return config;
}

job_census tokens(std::uint64_t distinct, std::uint64_t invalid = 0, std::uint64_t duplicates = 0)
{
    job_census census;
    census.total = distinct + invalid + duplicates;
    census.invalid = invalid;
    census.duplicates = duplicates;
    for (std::uint64_t line = 1; line <= std::min<std::uint64_t>(invalid, 10); ++line)
        census.invalid_lines.push_back(line * 2);
    return census;
}

bool names(const std::string& text, std::string_view word)
{
    return text.find(word) != std::string::npos;
}

TEST(ChooseAccount, TheFolderDecides)
{
    const auto config = config_of({"prod", "staging"}, "prod");
    EXPECT_EQ((*choose_account(config, "staging", {}))->name, "staging");
    job_options same;
    same.account = "staging";
    EXPECT_EQ((*choose_account(config, "staging", same))->name, "staging");
}

TEST(ChooseAccount, AJobThatContradictsItsFolderIsRejected)
{
    const auto config = config_of({"prod", "staging"}, "prod");
    job_options options;
    options.account = "prod";
    const auto chosen = choose_account(config, "staging", options);
    ASSERT_FALSE(chosen);
    EXPECT_TRUE(names(chosen.error().sentence, "incoming/prod"));
}

TEST(ChooseAccount, InIncomingTheJobDecidesThenTheDefault)
{
    const auto config = config_of({"prod", "staging"}, "prod");
    EXPECT_EQ((*choose_account(config, "", {}))->name, "prod");
    job_options options;
    options.account = "staging";
    EXPECT_EQ((*choose_account(config, "", options))->name, "staging");
}

TEST(ChooseAccount, AnUnknownAccountIsRejectedWithTheNearestName)
{
    const auto config = config_of({"production"}, "production");
    job_options options;
    options.account = "prodution";
    const auto chosen = choose_account(config, "", options);
    ASSERT_FALSE(chosen);
    EXPECT_TRUE(names(chosen.error().sentence, "did you mean \"production\""))
        << chosen.error().sentence;
}

TEST(ChooseAccount, WithoutADefaultAJobThatNamesNoneIsRejected)
{
    const auto chosen = choose_account(config_of({"prod"}, ""), "", {});
    ASSERT_FALSE(chosen);
    EXPECT_TRUE(names(chosen.error().sentence, "default_account"));
}

TEST(Admission, AJobThatBreaksNoGuardIsTakenWithoutAHold)
{
    const auto decided = admit(id, {}, {}, tokens(3), "", noon);
    EXPECT_EQ(decided.rejection, "");
    EXPECT_TRUE(decided.holds.empty());
    EXPECT_FALSE(decided.dry_run);
}

TEST(Admission, MaxDeletesIsCountedExactly)
{
    account_settings account;
    account.guards.max_deletes = 10;
    EXPECT_EQ(admit(id, account, {}, tokens(9), "", noon).rejection, "");
    EXPECT_EQ(admit(id, account, {}, tokens(10), "", noon).rejection, "");
    EXPECT_TRUE(names(admit(id, account, {}, tokens(11), "", noon).rejection, "max_deletes is 10"));
}

TEST(Admission, MaxDeletesCountsNeitherDuplicatesNorInvalidLines)
{
    account_settings account;
    account.guards.max_deletes = 10;
    account.guards.max_invalid = 5;
    EXPECT_EQ(admit(id, account, {}, tokens(10, 5, 100), "", noon).rejection, "");
}

TEST(Admission, TheJobCanTightenMaxDeletesAndNotLoosenIt)
{
    account_settings account;
    account.guards.max_deletes = 10;
    job_options options;
    options.max_deletes = 5;
    EXPECT_EQ(admit(id, account, options, tokens(5), "", noon).rejection, "");
    EXPECT_TRUE(names(admit(id, account, options, tokens(6), "", noon).rejection, "in the job"));
    options.max_deletes = 100;
    EXPECT_EQ(admit(id, account, options, tokens(10), "", noon).rejection, "");
    EXPECT_FALSE(admit(id, account, options, tokens(11), "", noon).rejection.empty());
    EXPECT_EQ(effective_max_deletes(account.guards, options), 10u);
}

TEST(Admission, MoreInvalidLinesThanAllowedAreTheWrongFileAndAreNamed)
{
    account_settings account;
    const auto one = admit(id, account, {}, tokens(3, 1), "", noon).rejection;
    EXPECT_TRUE(names(one, "line 2")) << one;
    account.guards.max_invalid = 1;
    EXPECT_EQ(admit(id, account, {}, tokens(3, 1), "", noon).rejection, "");
    const auto many = admit(id, account, {}, tokens(3, 12), "", noon).rejection;
    EXPECT_TRUE(names(many, "lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, ...")) << many;
}

TEST(Admission, CountIsComparedWithTheLinesThatAreTokens)
{
    account_settings account;
    account.guards.max_invalid = 5;
    job_options options;
    options.count = 10;
    EXPECT_EQ(admit(id, account, options, tokens(10), "", noon).rejection, "");
    EXPECT_EQ(admit(id, account, options, tokens(8, 0, 2), "", noon).rejection, "");
    EXPECT_FALSE(admit(id, account, options, tokens(9), "", noon).rejection.empty());
    EXPECT_FALSE(admit(id, account, options, tokens(11), "", noon).rejection.empty());
    // Ten lines of which the last was cut: nothing may be sent (P4).
    EXPECT_FALSE(admit(id, account, options, tokens(9, 1), "", noon).rejection.empty());
}

TEST(Admission, AJobWithNothingButInvalidLinesIsRejected)
{
    account_settings account;
    account.guards.max_invalid = 100;
    EXPECT_FALSE(admit(id, account, {}, tokens(0, 3), "", noon).rejection.empty());
}

TEST(Admission, AnotherKindThanTheAccountsIsRejected)
{
    account_settings account;
    account.name = "prod";
    job_options options;
    options.kind = campaign_kind::campaigns;
    EXPECT_EQ(admit(id, account, options, tokens(1), "", noon).rejection, "");
    options.kind = campaign_kind::in_app_campaigns;
    EXPECT_TRUE(
        names(admit(id, account, options, tokens(1), "", noon).rejection, "in-app-campaigns")
    );
}

TEST(Admission, MoreTokensThanHoldAboveHold)
{
    account_settings account;
    account.guards.hold_above = 10;
    EXPECT_TRUE(admit(id, account, {}, tokens(10), "", noon).holds.empty());
    const auto decided = admit(id, account, {}, tokens(11), "", noon);
    EXPECT_EQ(decided.rejection, "");
    ASSERT_EQ(decided.holds.size(), 1u);
    EXPECT_EQ(decided.holds[0].cause, hold_cause::hold_above);
    EXPECT_EQ(decided.holds[0].since, noon);
    EXPECT_TRUE(names(decided.holds[0].reason, std::string("campaign-reaper release ") + id));
}

TEST(Admission, TheSameFileAsAJobThatSentSomethingHoldsUnlessItIsARetry)
{
    const auto decided = admit(id, {}, {}, tokens(1), "20261121T120000Z-b.txt-0001", noon);
    ASSERT_EQ(decided.holds.size(), 1u);
    EXPECT_EQ(decided.holds[0].cause, hold_cause::same_file);
    EXPECT_TRUE(names(decided.holds[0].reason, "same file as job 20261121T120000Z-b.txt-0001"));

    job_options retry;
    retry.retry_of = "20261121T120000Z-b.txt-0001";
    EXPECT_TRUE(admit(id, {}, retry, tokens(1), "20261121T120000Z-b.txt-0001", noon).holds.empty());
}

TEST(Admission, EachHoldHasAnIdOfItsOwnFromOne)
{
    account_settings account;
    account.guards.hold_above = 1;
    job_options options;
    options.hold = true;
    const auto decided =
        admit(id, account, options, tokens(2), "20261121T120000Z-b.txt-0001", noon);
    ASSERT_EQ(decided.holds.size(), 3u);
    EXPECT_EQ(decided.holds[0].cause, hold_cause::option);
    for (std::uint64_t i = 0; i < 3; ++i)
        EXPECT_EQ(decided.holds[i].id, i + 1);
}

TEST(Admission, DryRunCanBeTurnedOnByEitherAndOffByNone)
{
    account_settings account;
    job_options options;
    options.dry_run = true;
    EXPECT_TRUE(admit(id, account, options, tokens(1), "", noon).dry_run);
    account.guards.dry_run = true;
    options.dry_run = false;
    EXPECT_TRUE(admit(id, account, options, tokens(1), "", noon).dry_run);
}

TEST(Admission, ADryRunIsHeldOnlyWhereItAsksForIt)
{
    account_settings account;
    account.guards.dry_run = true;
    account.guards.hold_above = 1;
    EXPECT_TRUE(admit(id, account, {}, tokens(5), "20261121T120000Z-b.txt-0001", noon).holds.empty()
    );
    job_options options;
    options.hold = true;
    EXPECT_EQ(admit(id, account, options, tokens(5), "", noon).holds.size(), 1u);
}

TEST(Admission, TheSmallerHoldAfterHolds)
{
    guard_settings guards;
    job_options options;
    EXPECT_EQ(effective_hold_after(guards, options), std::nullopt);
    options.hold_after = 10;
    EXPECT_EQ(effective_hold_after(guards, options), 10u);
    guards.hold_after = 5;
    EXPECT_EQ(effective_hold_after(guards, options), 5u);
    options.hold_after = 3;
    EXPECT_EQ(effective_hold_after(guards, options), 3u);
}

}  // namespace
}  // namespace reaper
