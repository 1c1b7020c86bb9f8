// What lies at the edges of a record's form: lines that end early, numbers and times out of range.

#include "reaper/core/journal_codec.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper {
namespace {

result_record some_record()
{
    result_record record;
    record.ts = *parse_rfc3339("2026-11-22T20:30:15.123Z");
    record.n = 17;
    record.line = 19;
    record.token = "a0082dc6a0082dc6a0082dc6a0082dc6";
    record.result = outcome::refused;
    record.status = 400;
    record.code = "31";
    record.message = "MALFORMED_PARAMETER";
    record.attempts = 1;
    record.milliseconds = 41.7;
    return record;
}

std::string encoded(const result_record& record)
{
    std::string line;
    append_record(line, record);
    line.pop_back();
    return line;
}

TEST(JournalEdges, NoBeginningOfALineIsARecord)
{
    result_record textual = some_record();
    textual.code = "E_31";
    for (const std::string& line : {encoded(some_record()), encoded(textual)}) {
        for (std::size_t size = 0; size < line.size(); ++size) {
            EXPECT_FALSE(decode_own_form(line.substr(0, size))) << size;
            EXPECT_FALSE(decode_any_form(line.substr(0, size))) << size;
        }
        EXPECT_TRUE(decode_own_form(line));
        EXPECT_FALSE(decode_own_form(line + " "));
    }
}

// The own form stops where a number could overflow; JSON takes what its type holds.
TEST(JournalEdges, NumbersBeyondTheOwnFormAreReadAsJson)
{
    const std::string start = R"({"ts":"2026-11-22T20:30:15.123Z","n":)";
    const std::string most = start + R"(18446744073709551615,"line":1,"outcome":"unknown"})";
    EXPECT_FALSE(decode_own_form(most));
    EXPECT_EQ(decode_any_form(most).value().n, UINT64_MAX);
    EXPECT_FALSE(decode_any_form(start + R"(18446744073709551616,"line":1,"outcome":"unknown"})"));
    const std::string rest = R"(1,"line":1,"outcome":"unknown",)";
    const std::string slow = start + rest + R"("ms":1000000000001.0})";
    EXPECT_FALSE(decode_own_form(slow));
    EXPECT_EQ(decode_any_form(slow).value().milliseconds, 1000000000001.0);
    const std::string code = start + rest + R"("code":12345678901234567890})";
    EXPECT_FALSE(decode_own_form(code));
    EXPECT_EQ(decode_any_form(code).value().code, "12345678901234567890");
    EXPECT_FALSE(decode_any_form(start + rest + R"("code":1.5})"));
    EXPECT_FALSE(decode_any_form(start + rest + R"("status":1.0})"));
}

TEST(JournalEdges, OnlyTheAlphabetOfSpec4IsAToken)
{
    const std::string start = R"({"ts":"2026-11-22T20:30:15.123Z","n":1,"line":1,"token":")";
    const std::string rest = R"(","outcome":"unknown"})";
    for (const std::string token : {"0", "9", "a", "z", "A", "Z", "_", "-", "aZ09_-"})
        EXPECT_EQ(decode_own_form(start + token + rest).value().token, token);
    EXPECT_TRUE(decode_record(start + std::string(128, 'a') + rest));
    // The neighbours of each range, too few and too many.
    for (const std::string token : {"/", ":", "`", "{", "@", "[", " ", "a.", ""}) {
        EXPECT_FALSE(decode_own_form(start + token + rest)) << token;
        EXPECT_FALSE(decode_any_form(start + token + rest)) << token;
    }
    EXPECT_FALSE(decode_record(start + std::string(129, 'a') + rest));
}

TEST(JournalEdges, NothingIsTornBeforeTheEndIsKnown)
{
    journal_scanner scanner;
    scanner.feed("{\"ts\":");
    EXPECT_FALSE(scanner.next());
    EXPECT_EQ(scanner.torn_bytes(), 0u) << "more may come";
    scanner.finish();
    EXPECT_FALSE(scanner.next());
    EXPECT_EQ(scanner.torn_bytes(), 6u);
}

// No clock of ours is there; the record is written as RFC 3339 would go on.
TEST(JournalEdges, ATimeOutOfFourDigitYearsIsWrittenAsTheBaseDoes)
{
    for (const int years : {-3000, 9000}) {
        result_record record = some_record();
        record.ts = wall_time{} + std::chrono::years(years);
        const std::string line = encoded(record);
        EXPECT_NE(line.find(format_rfc3339(record.ts)), line.npos);
        EXPECT_LE(line.size(), record_bytes_max);
        EXPECT_FALSE(decode_record(line)) << "and is damage when it is read";
    }
}

}  // namespace
}  // namespace reaper
