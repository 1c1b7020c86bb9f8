#include "reaper/model/job.hpp"
#include "reaper/model/job_state.hpp"
#include "reaper/model/outcome.hpp"

#include <gtest/gtest.h>

namespace reaper {
namespace {

using namespace std::chrono_literals;

constexpr wall_time autumn =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 20h + 30min + 15s + 123ms;

std::string id_of(std::string_view file_name)
{
    return make_job_id(autumn, file_name, 0x0a1f);
}

TEST(JobId, IsTimeNameAndEntropy)
{
    EXPECT_EQ(id_of("old_campaigns.txt"), "20261122T203015Z-old_campaigns.txt-0a1f");
}

TEST(JobId, MakesTheNameSafeAndKeepsItReadable)
{
    EXPECT_EQ(id_of("Summer 2025 (old).csv"), "20261122T203015Z-Summer-2025-old-.csv-0a1f");
    EXPECT_EQ(id_of("été.txt"), "20261122T203015Z-t-.txt-0a1f");
    EXPECT_EQ(id_of("../../etc/passwd"), "20261122T203015Z-etc-passwd-0a1f");
    EXPECT_EQ(id_of("a\n\x1b[0m;b"), "20261122T203015Z-a-0m-b-0a1f");
    EXPECT_EQ(id_of("a--b"), "20261122T203015Z-a--b-0a1f");
}

TEST(JobId, HasNoLeadingDotAndIsNeverWithoutAName)
{
    EXPECT_EQ(id_of(".hidden"), "20261122T203015Z-hidden-0a1f");
    EXPECT_EQ(id_of("-rf"), "20261122T203015Z-rf-0a1f");
    EXPECT_EQ(id_of("..."), "20261122T203015Z-job-0a1f");
    EXPECT_EQ(id_of("日本"), "20261122T203015Z-job-0a1f");
    EXPECT_EQ(id_of(""), "20261122T203015Z-job-0a1f");
}

TEST(JobId, TakesAtMostEightyBytesOfTheName)
{
    EXPECT_EQ(id_of(std::string(300, 'x')), "20261122T203015Z-" + std::string(80, 'x') + "-0a1f");
}

TEST(JobId, IsWellFormedWhateverTheFileIsCalled)
{
    for (int byte = 0; byte < 256; ++byte) {
        const std::string name(3, static_cast<char>(byte));
        EXPECT_TRUE(is_job_id(id_of(name))) << byte;
        EXPECT_TRUE(is_job_id(id_of("a" + name + "z"))) << byte;
    }
    EXPECT_TRUE(is_job_id(id_of(std::string(79, 'x') + "\xC3\xA9z")));
}

TEST(JobId, SortsByTime)
{
    EXPECT_LT(make_job_id(autumn, "z", 0xffff), make_job_id(autumn + 1s, "a", 0));
}

TEST(JobId, IsToldFromEverythingElse)
{
    EXPECT_TRUE(is_job_id("20261122T203015Z-a-0a1f"));
    for (const char* text : {
             "",
             "a",
             "20261122T203015Z",
             "20261122T203015Z--0a1f",
             "20261122T203015Z-0a1f",
             "20261122T203015Z-.a-0a1f",
             "20261122T203015Z-..-0a1f",
             "20261122T203015Z-a/b-0a1f",
             "20261122T203015Z-a b-0a1f",
             "20261122T203015Z-a-0A1F",
             "20261122T203015Z-a-0a1g",
             "20261122T203015Z-a-0a1",
             "20261122T203015Z-a_0a1f",
             "20261122T203015Z_a-0a1f",
             "20261122T203015z-a-0a1f",
             "20261122t203015Z-a-0a1f",
             "20261322T203015Z-a-0a1f",
             "20260229T203015Z-a-0a1f",
             "20261122T243015Z-a-0a1f",
             "20261122T235960Z-a-0a1f",
             "2026112xT203015Z-a-0a1f",
             "20261122T203015Z-a-0a1f ",
             "20261122T203015Z-a-0a1f\n",
         })
        EXPECT_FALSE(is_job_id(text)) << text;
    EXPECT_TRUE(is_job_id("20261122T203015Z-" + std::string(80, 'x') + "-0a1f"));
    EXPECT_FALSE(is_job_id("20261122T203015Z-" + std::string(81, 'x') + "-0a1f"));
}

TEST(JobFormat, IsToldByTheExtension)
{
    EXPECT_EQ(format_of_file("a.txt"), job_format::text);
    EXPECT_EQ(format_of_file("a.list"), job_format::text);
    EXPECT_EQ(format_of_file("a"), job_format::text);
    EXPECT_EQ(format_of_file(".a"), job_format::text);
    EXPECT_EQ(format_of_file("a.csv"), job_format::csv);
    EXPECT_EQ(format_of_file("a.json"), job_format::json);
    EXPECT_EQ(format_of_file("a.jsonl"), job_format::jsonl);
    EXPECT_EQ(format_of_file("a.ndjson"), job_format::jsonl);
    EXPECT_EQ(format_of_file("A.CSV"), job_format::csv);
    EXPECT_EQ(format_of_file("2026.11.txt"), job_format::text);
    EXPECT_EQ(format_of_file("a.xlsx"), std::nullopt);
    EXPECT_EQ(format_of_file("a.txt.gz"), std::nullopt);
    EXPECT_EQ(format_of_file("a."), std::nullopt);
}

TEST(Names, ReadBackAsTheSameValue)
{
    for (const auto value : {priority::urgent, priority::normal, priority::bulk})
        EXPECT_EQ(parse_priority(to_string(value)), value);
    for (const auto value :
         {job_format::text, job_format::csv, job_format::json, job_format::jsonl})
        EXPECT_EQ(parse_job_format(to_string(value)), value);
    for (const auto value : {campaign_kind::campaigns, campaign_kind::in_app_campaigns})
        EXPECT_EQ(parse_campaign_kind(to_string(value)), value);
    for (const outcome value : all_outcomes)
        EXPECT_EQ(parse_outcome(to_string(value)), value);
    for (int i = 0; i <= static_cast<int>(hold_cause::damaged); ++i) {
        const auto value = static_cast<hold_cause>(i);
        EXPECT_FALSE(to_string(value).empty());
        EXPECT_EQ(parse_hold_cause(to_string(value)), value);
    }
}

TEST(Names, AreTheWordsOfTheManual)
{
    EXPECT_EQ(to_string(campaign_kind::in_app_campaigns), "in-app-campaigns");
    EXPECT_EQ(to_string(outcome::already_gone), "already_gone");
    EXPECT_EQ(to_string(outcome::would_delete), "would_delete");
    EXPECT_FALSE(parse_priority("high"));
    EXPECT_FALSE(parse_outcome("Deleted"));
    EXPECT_FALSE(parse_campaign_kind("cep-campaigns"));
    EXPECT_FALSE(parse_hold_cause(""));
}

TEST(Outcome, SuccessIsWhatLeavesNothingToDo)
{
    for (const outcome value : all_outcomes) {
        const bool expected = value == outcome::deleted || value == outcome::already_gone ||
                              value == outcome::duplicate || value == outcome::would_delete;
        EXPECT_EQ(is_success(value), expected) << to_string(value);
    }
}

TEST(Outcome, CountsSumUp)
{
    outcome_counts counts;
    counts[outcome::deleted] = 3;
    ++counts[outcome::unknown];
    EXPECT_EQ(counts.total(), 4u);
}

}  // namespace
}  // namespace reaper
