#include "reaper/core/journal_codec.hpp"

#include "reaper/base/text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <random>
#include <string>

namespace reaper {
namespace {

using namespace std::chrono_literals;

wall_time at(std::string_view text)
{
    return *parse_rfc3339(text);
}

result_record deleted_record()
{
    result_record record;
    record.ts = at("2026-11-22T20:30:15.123Z");
    record.n = 17;
    record.line = 19;
    record.token = "a0082dc6a0082dc6a0082dc6a0082dc6";
    record.result = outcome::deleted;
    record.status = 200;
    record.attempts = 1;
    record.milliseconds = 41.7;
    return record;
}

result_record refused_record()
{
    result_record record = deleted_record();
    record.result = outcome::refused;
    record.status = 400;
    record.code = "31";
    record.message = "MALFORMED_PARAMETER";
    return record;
}

std::string encoded(const result_record& record)
{
    std::string line;
    append_record(line, record);
    return line;
}

// Decodes an encoded line in all three ways, which must agree.
result_record decoded(std::string_view line)
{
    EXPECT_TRUE(line.ends_with('\n'));
    line.remove_suffix(1);
    const auto record = decode_record(line);
    const auto slow = decode_any_form(line);
    EXPECT_TRUE(record) << line;
    EXPECT_TRUE(slow) << line << ": " << (slow ? "" : slow.error().sentence);
    if (!record || !slow)
        return {};
    EXPECT_TRUE(*record == *slow) << line;
    const auto fast = decode_own_form(line);
    EXPECT_TRUE(!fast || *fast == *slow) << line;
    return *record;
}

TEST(JournalCodec, WritesARecordAsTheContractShowsIt)
{
    EXPECT_EQ(
        encoded(deleted_record()),
        R"({"ts":"2026-11-22T20:30:15.123Z","n":17,"line":19,)"
        R"("token":"a0082dc6a0082dc6a0082dc6a0082dc6","outcome":"deleted","status":200,)"
        R"("attempts":1,"ms":41.7})"
        "\n"
    );
    EXPECT_EQ(
        encoded(refused_record()),
        R"({"ts":"2026-11-22T20:30:15.123Z","n":17,"line":19,)"
        R"("token":"a0082dc6a0082dc6a0082dc6a0082dc6","outcome":"refused","status":400,)"
        R"("code":31,"message":"MALFORMED_PARAMETER","attempts":1,"ms":41.7})"
        "\n"
    );
}

TEST(JournalCodec, LeavesAbsentFieldsOut)
{
    result_record record;
    record.ts = at("2026-01-02T03:04:05.006Z");
    record.n = 1;
    record.line = 2;
    record.result = outcome::invalid;
    EXPECT_EQ(
        encoded(record),
        R"({"ts":"2026-01-02T03:04:05.006Z","n":1,"line":2,"outcome":"invalid"})"
        "\n"
    );
}

TEST(JournalCodec, WritesTimesAsTheBaseDoes)
{
    for (const auto time :
         {wall_time{},
          wall_time{} - 1ms,
          at("2000-02-29T23:59:59.999Z"),
          at("0001-01-01T00:00:00.000Z"),
          at("9999-12-31T23:59:59.999Z")}) {
        result_record record = deleted_record();
        record.ts = time;
        EXPECT_TRUE(encoded(record).starts_with(R"({"ts":")" + format_rfc3339(time) + '"'));
        EXPECT_EQ(decoded(encoded(record)).ts, time);
    }
}

TEST(JournalCodec, GivesEveryOutcomeBack)
{
    for (const outcome result : all_outcomes) {
        result_record record = deleted_record();
        record.result = result;
        EXPECT_EQ(decoded(encoded(record)), record);
        EXPECT_TRUE(decode_own_form(encoded(record).substr(0, encoded(record).size() - 1)));
    }
}

TEST(JournalCodec, WritesACodeOfDigitsAsANumberAndAnyOtherAsText)
{
    const std::pair<std::string, std::string> cases[] = {
        {"31", R"("code":31)"},
        {"0", R"("code":0)"},
        {"007", R"("code":"007")"},
        {"AUTHENTICATION_INVALID", R"("code":"AUTHENTICATION_INVALID")"},
        {"-1", R"("code":"-1")"},
        {"123456789012345678", R"("code":123456789012345678)"},
        {"99999999999999999999999", R"("code":"99999999999999999999999")"},
        {"a\"b", R"("code":"a\"b")"},
    };
    for (const auto& [code, text] : cases) {
        result_record record = refused_record();
        record.code = code;
        EXPECT_NE(encoded(record).find(text), std::string::npos) << encoded(record);
        EXPECT_EQ(decoded(encoded(record)), record);
    }
}

TEST(JournalCodec, KeepsOneDecimalOfMilliseconds)
{
    const std::pair<double, std::string> cases[] = {
        {0, R"("ms":0.0})"},
        {0.04, R"("ms":0.0})"},
        {0.05, R"("ms":0.1})"},
        {41.66, R"("ms":41.7})"},
        {29999.96, R"("ms":30000.0})"},
        {1e300, R"("ms":1000000000000.0})"},
    };
    for (const auto& [milliseconds, text] : cases) {
        result_record record = deleted_record();
        record.milliseconds = milliseconds;
        EXPECT_NE(encoded(record).find(text), std::string::npos) << encoded(record);
        decoded(encoded(record));
    }
    result_record record = deleted_record();
    record.milliseconds = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(encoded(record).find("ms"), std::string::npos);
}

TEST(JournalCodec, NeverExceedsTheLongestRecord)
{
    result_record record;
    record.ts = at("2026-11-22T20:30:15.123Z");
    record.n = std::numeric_limits<std::uint64_t>::max();
    record.line = record.n;
    record.token.assign(128, 'f');
    record.result = outcome::would_delete;
    record.status = 999;
    record.attempts = std::numeric_limits<unsigned>::max();
    record.milliseconds = 1e30;
    const std::string worst[] = {
        std::string(600, 'x'),
        std::string(600, '"'),
        std::string(600, '\x01'),
        std::string(600, '\xff'),
        std::string(99, 'x') + std::string(200, '\\'),
    };
    for (const auto& code : worst) {
        for (const auto& message : worst) {
            record.code = code;
            record.message = message;
            const std::string line = encoded(record);
            EXPECT_LE(line.size(), record_bytes_max);
            EXPECT_EQ(line.find('\n'), line.size() - 1);
            const auto back = decoded(line);
            EXPECT_EQ(back.n, record.n);
            EXPECT_EQ(back.attempts, record.attempts);
            EXPECT_TRUE(back.message.ends_with("..."));
        }
    }
}

TEST(JournalCodec, CutsAMessageBetweenCharacters)
{
    for (std::size_t lead = 0; lead < 4; ++lead) {
        result_record record = refused_record();
        record.message.assign(lead, 'x');
        for (int i = 0; i < 200; ++i)
            record.message += "\xf0\x9f\x92\x80";
        const std::string line = encoded(record);
        EXPECT_LE(line.size(), record_bytes_max);
        EXPECT_GT(line.size(), record_bytes_max - 8);
        EXPECT_TRUE(is_utf8(line));
        const auto back = decoded(line);
        EXPECT_TRUE(back.message.ends_with("\xf0\x9f\x92\x80..."));
    }
}

TEST(JournalCodec, KeepsAPresentableMessageOf200BytesWhole)
{
    result_record record = refused_record();
    record.message.assign(200, 'm');
    EXPECT_EQ(decoded(encoded(record)), record);
}

TEST(JournalCodec, GivesEscapedAndForeignTextBack)
{
    result_record record = refused_record();
    record.message = "a \"quoted\" back\\slash, caf\xc3\xa9 \xe2\x82\xac";
    EXPECT_EQ(decoded(encoded(record)), record);
}

TEST(JournalCodec, IgnoresFieldsItDoesNotKnow)
{
    const auto record = decode_record(
        R"({"ts":"2026-11-22T20:30:15.123Z","later":{"n":[1]},"n":1,"line":2,"outcome":"unknown"})"
    );
    ASSERT_TRUE(record);
    EXPECT_EQ(record->n, 1u);
    EXPECT_EQ(record->result, outcome::unknown);
}

TEST(JournalCodec, TakesFieldsInAnyOrderAndSpacing)
{
    const auto record = decode_record(
        R"({ "ms" : 3, "outcome":"deleted", "line": 2, "n" : 1, "ts":"2026-11-22T21:30:15+01:00" })"
    );
    ASSERT_TRUE(record);
    EXPECT_EQ(record->ts, at("2026-11-22T20:30:15.000Z"));
    EXPECT_DOUBLE_EQ(record->milliseconds, 3);
}

TEST(JournalCodec, SaysWhatIsWrongWithoutTheText)
{
    const std::string good =
        R"({"ts":"2026-11-22T20:30:15.123Z","n":1,"line":2,"outcome":"deleted")";
    const std::pair<std::string, std::string> cases[] = {
        {"", "it is no JSON object"},
        {"SECRET", "it is no JSON object"},
        {"[]", "it is no JSON object"},
        {good, "it is no JSON object"},
        {good + "} x", "it is no JSON object"},
        {R"({"n":1,"line":2,"outcome":"deleted"})", "its field ts is missing"},
        {R"({"ts":"2026-11-22T20:30:15.123Z","line":2,"outcome":"deleted"})",
         "its field n is missing"},
        {R"({"ts":"SECRET","n":1,"line":2,"outcome":"deleted"})", "its field ts is no time"},
        {R"({"ts":"2026-02-30T20:30:15.123Z","n":1,"line":2,"outcome":"deleted"})",
         "its field ts is no time"},
        {R"({"ts":"2026-11-22T20:30:15.123Z","n":0,"line":2,"outcome":"deleted"})",
         "its ordinal or its line is 0"},
        {R"({"ts":"2026-11-22T20:30:15.123Z","n":-1,"line":2,"outcome":"deleted"})",
         "its field n is no whole number in its range"},
        {R"({"ts":"2026-11-22T20:30:15.123Z","n":1.5,"line":2,"outcome":"deleted"})",
         "its field n is no whole number in its range"},
        {R"({"ts":"2026-11-22T20:30:15.123Z","n":1,"line":2,"outcome":"SECRET"})",
         "its field outcome is not known"},
        {good + R"(,"token":"SECRET SECRET"})", "its field token is no token"},
        {good + R"(,"token":""})", "its field token is no token"},
        {good + R"(,"status":1000})", "its field status is no whole number in its range"},
        {good + R"(,"code":1.5})", "its field code is neither a whole number nor text"},
        {good + R"(,"message":7})", "its field message is no text"},
        {good + R"(,"attempts":4294967296})", "its field attempts is no whole number in its range"},
        {good + R"(,"ms":-1.0})", "its field ms is no duration"},
        {good + R"(,"ms":"7"})", "its field ms is no duration"},
    };
    for (const auto& [line, sentence] : cases) {
        const auto record = decode_record(line);
        ASSERT_FALSE(record) << line;
        EXPECT_EQ(record.error().sentence, sentence) << line;
        EXPECT_FALSE(decode_own_form(line)) << line;
    }
}

result_record random_record(std::mt19937_64& random)
{
    const auto below = [&](std::uint64_t end) { return random() % end; };
    result_record record;
    record.ts = wall_time(std::chrono::milliseconds(below(250'000'000'000'000)));
    record.n = 1 + (random() >> below(64));
    record.line = 1 + (random() >> below(64));
    record.n = std::max<std::uint64_t>(record.n, 1);
    record.line = std::max<std::uint64_t>(record.line, 1);
    record.result = all_outcomes[below(outcome_count)];
    for (auto length = below(129); length > 0; --length)
        record.token += "0aZ_-"[below(5)];
    record.status = below(2) == 0 ? 0 : static_cast<int>(below(999));
    for (auto length = below(20); length > 0; --length)
        record.code += "0123x\"\\\n"[below(below(2) == 0 ? 4 : 8)];
    for (auto length = below(40); length > 0; --length)
        record.message += below(9) == 0 ? "\xe2\x82\xac" : std::string(1, "ab \"\\\t"[below(6)]);
    record.attempts = static_cast<unsigned>(below(3));
    record.milliseconds = below(3) == 0 ? -1 : static_cast<double>(below(1'000'000)) / 10;
    return record;
}

TEST(JournalCodec, GivesAnyRecordBack)
{
    std::mt19937_64 random(20261122);
    for (int i = 0; i < 5000; ++i) {
        const result_record record = random_record(random);
        ASSERT_EQ(decoded(encoded(record)), record) << "record " << i << ": " << encoded(record);
    }
}

TEST(JournalCodec, EveryFlippedBitIsReportedOrReadTheSameInBothWays)
{
    for (const auto& record : {deleted_record(), refused_record()}) {
        const std::string line = encoded(record).substr(0, encoded(record).size() - 1);
        for (std::size_t bit = 0; bit < line.size() * 8; ++bit) {
            std::string flipped = line;
            flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
            const auto slow = decode_any_form(flipped);
            const auto fast = decode_own_form(flipped);
            if (fast) {
                ASSERT_TRUE(slow) << flipped;
                EXPECT_TRUE(*fast == *slow) << flipped;
                EXPECT_FALSE(*fast == record) << flipped;
            } else if (!slow) {
                EXPECT_FALSE(slow.error().sentence.empty());
            }
        }
    }
}

}  // namespace
}  // namespace reaper
