#include "reaper/base/time.hpp"

#include <gtest/gtest.h>

namespace reaper {
namespace {

using namespace std::chrono_literals;

wall_time at(std::chrono::sys_days day, std::chrono::milliseconds of_day)
{
    return wall_time{day} + of_day;
}

constexpr std::chrono::sys_days autumn_day = std::chrono::year{2026} / 11 / 22;

TEST(Rfc3339, FormatsUtcWithMilliseconds)
{
    EXPECT_EQ(format_rfc3339(wall_time{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(
        format_rfc3339(at(autumn_day, 20h + 30min + 15s + 123ms)), "2026-11-22T20:30:15.123Z"
    );
    EXPECT_EQ(format_rfc3339(wall_time{-1ms}), "1969-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ReadsWhatItFormats)
{
    for (const wall_time time : {wall_time{}, at(autumn_day, 1ms), wall_time{-1ms}})
        EXPECT_EQ(parse_rfc3339(format_rfc3339(time)), time);
}

TEST(Rfc3339, AppliesTheOffset)
{
    const wall_time expected = at(autumn_day, 18h + 30min);
    EXPECT_EQ(parse_rfc3339("2026-11-22T18:30:00Z"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-22t18:30:00z"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-22T20:30:00+02:00"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-22T13:00:00-05:30"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-22T18:30:00-00:00"), expected);
    EXPECT_EQ(parse_rfc3339("2026-11-23T00:15:00+05:45"), expected);
}

TEST(Rfc3339, DropsDigitsBelowMilliseconds)
{
    EXPECT_EQ(parse_rfc3339("2026-11-22T00:00:00.1Z"), at(autumn_day, 100ms));
    EXPECT_EQ(parse_rfc3339("2026-11-22T00:00:00.123999Z"), at(autumn_day, 123ms));
    EXPECT_EQ(
        parse_rfc3339("2026-11-22T00:00:00." + std::string(500, '9') + "Z"), at(autumn_day, 999ms)
    );
    EXPECT_FALSE(parse_rfc3339("2026-11-22T00:00:00.Z"));
}

TEST(Rfc3339, KnowsLeapYears)
{
    EXPECT_TRUE(parse_rfc3339("2024-02-29T00:00:00Z"));
    EXPECT_TRUE(parse_rfc3339("2000-02-29T00:00:00Z"));
    EXPECT_FALSE(parse_rfc3339("2026-02-29T00:00:00Z"));
    EXPECT_FALSE(parse_rfc3339("2100-02-29T00:00:00Z"));
    EXPECT_FALSE(parse_rfc3339("2024-02-30T00:00:00Z"));
}

TEST(Rfc3339, TakesALeapSecondOnlyAtTheEndOfAUtcDay)
{
    EXPECT_EQ(parse_rfc3339("2026-11-21T23:59:60Z"), wall_time{autumn_day});
    EXPECT_EQ(parse_rfc3339("2026-11-21T15:59:60-08:00"), wall_time{autumn_day});
    EXPECT_FALSE(parse_rfc3339("2026-11-22T12:00:60Z"));
    EXPECT_FALSE(parse_rfc3339("2026-11-22T23:59:60+01:00"));
}

TEST(Rfc3339, RefusesDatesAndTimesThatDoNotExist)
{
    for (const char* text : {
             "2026-00-10T00:00:00Z",
             "2026-13-10T00:00:00Z",
             "2026-11-00T00:00:00Z",
             "2026-11-31T00:00:00Z",
             "2026-11-22T24:00:00Z",
             "2026-11-22T00:60:00Z",
             "2026-11-22T00:00:61Z",
             "2026-11-22T00:00:00+24:00",
             "2026-11-22T00:00:00+00:60",
         })
        EXPECT_FALSE(parse_rfc3339(text)) << text;
}

// It could not be written again: a job with such a deadline would not be understood at a restart.
TEST(Rfc3339, RefusesWhatAnOffsetMovesOutOfTheYearsThatItCanWrite)
{
    EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01"));
    EXPECT_FALSE(parse_rfc3339("9999-12-31T23:59:60Z"));
    EXPECT_FALSE(parse_rfc3339("0000-01-01T00:00:00+00:01"));
    for (const char* text : {"0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"})
        EXPECT_EQ(format_rfc3339(parse_rfc3339(text).value()), text);
}

TEST(Rfc3339, RefusesOtherForms)
{
    for (const char* text : {
             "",
             "2026-11-22",
             "2026-11-22T20:30:15",
             "2026-11-22 20:30:15Z",
             "2026-11-22T20:30Z",
             "2026-11-22T20:30:15+0100",
             "2026-11-22T20:30:15+01",
             "2026-11-22T20:30:15 Z",
             "2026-11-22T20:30:15Zx",
             " 2026-11-22T20:30:15Z",
             "26-11-22T20:30:15Z",
             "+026-11-22T20:30:15Z",
             "2026-1-22T20:30:15Z",
             "20261122T203015Z",
         })
        EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(CompactTime, DropsMilliseconds)
{
    EXPECT_EQ(format_compact(at(autumn_day, 20h + 30min + 15s + 999ms)), "20261122T203015Z");
    EXPECT_EQ(format_compact(wall_time{-1ms}), "19691231T235959Z");
}

}  // namespace
}  // namespace reaper
