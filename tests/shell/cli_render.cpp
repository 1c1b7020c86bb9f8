#include "reaper/cli/render.hpp"

#include <gtest/gtest.h>

namespace reaper {
namespace {

using namespace std::chrono_literals;

TEST(CliRender, GroupsDigitsByThree)
{
    EXPECT_EQ(with_thousands(0), "0");
    EXPECT_EQ(with_thousands(999), "999");
    EXPECT_EQ(with_thousands(1000), "1,000");
    EXPECT_EQ(with_thousands(1234567), "1,234,567");
}

TEST(CliRender, CountsInTheSingularAndThePlural)
{
    EXPECT_EQ(counted(1, "token"), "1 token");
    EXPECT_EQ(counted(0, "token"), "0 tokens");
    EXPECT_EQ(counted(1200, "token"), "1,200 tokens");
}

TEST(CliRender, BarIsFullOnlyAtTheEnd)
{
    EXPECT_EQ(progress_bar(0, 0, 4), "[....]");
    EXPECT_EQ(progress_bar(0, 10, 4), "[....]");
    EXPECT_EQ(progress_bar(5, 10, 4), "[##..]");
    EXPECT_EQ(progress_bar(9'999'999, 10'000'000, 4), "[###.]");
    EXPECT_EQ(progress_bar(10, 10, 4), "[####]");
}

TEST(CliRender, PercentageIsRoundedDown)
{
    EXPECT_EQ(percentage(9'999'999, 10'000'000), " 99.9 %");
    EXPECT_EQ(percentage(1, 3), " 33.3 %");
    EXPECT_EQ(percentage(3, 3), "100.0 %");
    EXPECT_EQ(percentage(0, 0), "  0.0 %");
}

TEST(CliRender, ListsOnlyOutcomesThatOccur)
{
    outcome_counts counts;
    EXPECT_EQ(outcome_list(counts), "");
    counts[outcome::deleted] = 5200;
    counts[outcome::already_gone] = 1;
    EXPECT_EQ(outcome_list(counts), "deleted 5,200, already gone 1");
}

TEST(CliRender, SaysWhenRelativeToNow)
{
    const wall_time now{1'000'000'000'000ms};
    EXPECT_EQ(relative_to(now - 300ms, now), "just now");
    EXPECT_NE(relative_to(now - 12s, now).find(" ago"), std::string::npos);
    EXPECT_EQ(relative_to(now + 12s, now).substr(0, 3), "in ");
}

TEST(CliRender, ProgressLineShowsPaceAndEtaOnlyIfKnown)
{
    progress shown;
    shown.done = 5230;
    shown.total = 10'000;
    EXPECT_EQ(progress_line(shown), "[############............]  52.3 %  5,230 / 10,000");
    shown.pace_per_s = 9.8;
    shown.eta_s = 487.0;
    const std::string line = progress_line(shown);
    EXPECT_NE(line.find("/s"), std::string::npos);
    EXPECT_NE(line.find(" left"), std::string::npos);
    shown.dry_run = true;
    EXPECT_NE(progress_line(shown).find("dry run"), std::string::npos);
}

}  // namespace
}  // namespace reaper
