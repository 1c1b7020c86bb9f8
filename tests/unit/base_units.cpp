#include "reaper/base/units.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace reaper {
namespace {

using namespace std::chrono_literals;

TEST(Durations, TakeTheUnitsOfTheManual)
{
    EXPECT_EQ(parse_duration("250ms").value(), 250ms);
    EXPECT_EQ(parse_duration("5s").value(), 5s);
    EXPECT_EQ(parse_duration("10min").value(), 10min);
    EXPECT_EQ(parse_duration("2h").value(), 2h);
    EXPECT_EQ(parse_duration("90d").value(), 24h * 90);
    EXPECT_EQ(parse_duration("0s").value(), 0s);
}

TEST(Durations, TakeFractions)
{
    EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
    EXPECT_EQ(parse_duration("0.25h").value(), 15min);
    EXPECT_EQ(parse_duration("0.1ms").value(), 100us);
    EXPECT_EQ(parse_duration("0.9999999999999999999999s").value(), 1s);
}

TEST(Durations, DemandAUnit)
{
    const auto read = parse_duration("5");
    ASSERT_FALSE(read);
    EXPECT_EQ(
        read.error().sentence,
        "\"5\" is not a duration: write a number and its unit, such as 250ms, 5s, 10min, 2h or 90d"
    );
}

TEST(Durations, RefuseOtherForms)
{
    for (const char* text :
         {"",
          "s",
          "-5s",
          "+5s",
          "5m",
          "5 s",
          " 5s",
          "5s ",
          "5S",
          "1.s",
          ".5s",
          "1,5s",
          "1e3s",
          "5ss",
          "0x5s",
          "five",
          "inf",
          "1.2.3s"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Durations, RefuseOverflow)
{
    EXPECT_EQ(parse_duration("9223372036854ms").value(), 9223372036854ms);
    EXPECT_FALSE(parse_duration("9223372036855ms"));
    EXPECT_TRUE(parse_duration("106751d"));
    const auto read = parse_duration("106752d");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().sentence, "\"106752d\" is too large for a duration");
    EXPECT_FALSE(parse_duration("18446744073709551615d"));
    EXPECT_FALSE(parse_duration("99999999999999999999s"));
}

TEST(Sizes, TakeBinaryUnits)
{
    EXPECT_EQ(parse_size("512B").value(), 512u);
    EXPECT_EQ(parse_size("64KiB").value(), 64u << 10);
    EXPECT_EQ(parse_size("64MiB").value(), 64u << 20);
    EXPECT_EQ(parse_size("10GiB").value(), 10ull << 30);
    EXPECT_EQ(parse_size("1TiB").value(), 1ull << 40);
    EXPECT_EQ(parse_size("1.5KiB").value(), 1536u);
}

TEST(Sizes, RefuseOtherFormsAndOverflow)
{
    for (const char* text : {"", "64", "64K", "64MB", "64mib", "-1B", "8388608TiB"})
        EXPECT_FALSE(parse_size(text)) << text;
    EXPECT_TRUE(parse_size("8388607TiB"));
}

TEST(Rates, ArePerSecond)
{
    EXPECT_DOUBLE_EQ(parse_rate_per_s("10/s").value(), 10);
    EXPECT_DOUBLE_EQ(parse_rate_per_s("600/min").value(), 10);
    EXPECT_DOUBLE_EQ(parse_rate_per_s("1800/h").value(), 0.5);
    EXPECT_DOUBLE_EQ(parse_rate_per_s("0.5/s").value(), 0.5);
}

TEST(Rates, RefuseOtherForms)
{
    for (const char* text : {"", "10", "/s", "10/m", "10 / s", "-1/s", "nan/s", "10/s/s"})
        EXPECT_FALSE(parse_rate_per_s(text)) << text;
}

TEST(Units, FaultsShowTheTextMadePresentable)
{
    EXPECT_EQ(
        parse_size("1\n" + std::string(100, 'x')).error().sentence,
        "\"1?" + std::string(55, 'x') +
            "...\" is not a size: write a number and its unit, such as 512B, 64KiB, 64MiB or 10GiB"
    );
}

TEST(ShowDuration, PicksTheUnitThatReadsBest)
{
    EXPECT_EQ(show_duration(0s), "0 ms");
    EXPECT_EQ(show_duration(250ms), "250 ms");
    EXPECT_EQ(show_duration(4200ms), "4.2 s");
    EXPECT_EQ(show_duration(10min + 5s), "10 min 5 s");
    EXPECT_EQ(show_duration(10min), "10 min");
    EXPECT_EQ(show_duration(10'000s), "2 h 47 min");
    EXPECT_EQ(show_duration(25h), "1 d 1 h");
    EXPECT_EQ(show_duration(48h), "2 d");
    EXPECT_EQ(show_duration(-1500ms), "-1.5 s");
}

TEST(ShowDuration, RoundsIntoTheNextUnit)
{
    EXPECT_EQ(show_duration(999'600us), "1.0 s");
    EXPECT_EQ(show_duration(59'970ms), "1 min");
    EXPECT_EQ(show_duration(3'599'700ms), "1 h");
    EXPECT_EQ(show_duration(24h - 1s), "1 d");
}

TEST(ShowDuration, HoldsAtTheEnds)
{
    EXPECT_EQ(show_duration(duration::max()), "106751 d 23 h");
    EXPECT_EQ(show_duration(duration::min()), "-106751 d 23 h");
}

TEST(ShowSize, PicksTheUnitThatReadsBest)
{
    EXPECT_EQ(show_size(0), "0 B");
    EXPECT_EQ(show_size(1023), "1023 B");
    EXPECT_EQ(show_size(1024), "1.0 KiB");
    EXPECT_EQ(show_size(64ull << 20), "64.0 MiB");
    EXPECT_EQ(show_size((1ull << 20) - 1), "1.0 MiB");
    EXPECT_EQ(show_size(~0ull), "16.0 EiB");
}

TEST(ShowRate, ShowsASlowPacePerMinute)
{
    EXPECT_EQ(show_rate(12.5), "12.5/s");
    EXPECT_EQ(show_rate(400), "400.0/s");
    EXPECT_EQ(show_rate(1), "1.0/s");
    EXPECT_EQ(show_rate(0.02), "1.2/min");
    EXPECT_EQ(show_rate(0), "0.0/s");
}

TEST(TwelveDigits, AreKeptAndNoMore)
{
    EXPECT_EQ(to_twelve_digits(9.87), 9.87);
    EXPECT_EQ(to_twelve_digits(-0.5), -0.5);
    EXPECT_EQ(to_twelve_digits(1139.6942974041933), 1139.69429740);
    EXPECT_EQ(to_twelve_digits(2.0 / 3), 0.666666666667);
    EXPECT_EQ(to_twelve_digits(to_twelve_digits(1e9 / 7)), to_twelve_digits(1e9 / 7));
}

TEST(TwelveDigits, KeepToARangeInWhichTheyReadBack)
{
    EXPECT_EQ(to_twelve_digits(0), 0);
    EXPECT_EQ(to_twelve_digits(1e-16), 0);
    EXPECT_EQ(to_twelve_digits(-4e-320), 0);
    EXPECT_EQ(to_twelve_digits(9.4e195), 1e15);
    EXPECT_EQ(to_twelve_digits(-9.4e195), -1e15);
    EXPECT_EQ(to_twelve_digits(std::numeric_limits<double>::infinity()), 0);
    EXPECT_EQ(to_twelve_digits(std::numeric_limits<double>::quiet_NaN()), 0);
}

}  // namespace
}  // namespace reaper
