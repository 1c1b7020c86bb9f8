// Every bit of a small job file flipped, in each format: what comes out stands in the flipped
// bytes, and a flip reaches one token at most (SPEC 4, P4).

#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <set>

namespace reaper::test {
namespace {

const std::string a = hex_token(0xa);
const std::string b = "ABCDEF0123456789abcdefABCDEF0123";
const std::string c = hex_token(0xc);

struct sample
{
    const char* name;
    job_format format;
    std::string bytes;
};

std::vector<sample> samples()
{
    const std::string front = "---\nhold_after: 10\ndry_run: true\ncount: 3\n---\n";
    const std::string options = "{\"hold_after\": 10, \"dry_run\": true, \"count\": 3";
    return {
        {"text", job_format::text, front + "# three\n" + a + "\n  " + b + " # x\r\n\n" + c + "\n"},
        {"csv",
         job_format::csv,
         front + "name;Token;live\nx;" + a + ";1\n\"two\nlines\";\"" + b + "\";\n;" + c + ";\r\n"},
        {"json",
         job_format::json,
         options + ",\n \"tokens\": [\"" + a + "\", {\"token\": \"" + b + "\"},\n\"" + c +
             "\"]}\n"},
        {"jsonl",
         job_format::jsonl,
         "{\"job\": " + options + "}}\n\"" + a + "\"\n{\"token\": \"" + b + "\"}\n\"" + c + "\"\n"},
    };
}

std::string with_flipped(std::string bytes, std::size_t bit)
{
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return bytes;
}

// True if the texts differ in one bit.
bool one_bit_apart(const std::string& x, const std::string& y)
{
    int bits = 0;
    if (x.size() != y.size())
        return false;
    for (std::size_t at = 0; at < x.size(); ++at)
        bits += std::popcount(static_cast<unsigned char>(x[at] ^ y[at]));
    return bits == 1;
}

unsigned options_said(const job_options& options)
{
    return static_cast<unsigned>(options.hold_after.has_value()) +
           static_cast<unsigned>(options.dry_run.has_value()) +
           static_cast<unsigned>(options.count.has_value());
}

TEST(JobReaderFlips, AFlippedBitReachesOneTokenAtMost)
{
    const token_rule rule = automatic_rule();
    const std::set<std::string> original = {a, b, c};
    for (const sample& from : samples()) {
        ASSERT_EQ(read_file(from.format, from.bytes, &rule).tokens().size(), 3u) << from.name;
        for (std::size_t bit = 0; bit < from.bytes.size() * 8; ++bit) {
            const std::string bytes = with_flipped(from.bytes, bit);
            const reading found = read_file(from.format, bytes, &rule);
            SCOPED_TRACE(std::string(from.name) + " bit " + std::to_string(bit));
            unsigned strangers = 0;
            for (const std::string& token : found.tokens()) {
                ASSERT_NE(bytes.find(token), bytes.npos);
                if (original.contains(token))
                    continue;
                ++strangers;
                const bool near = std::any_of(original.begin(), original.end(), [&](const auto& o) {
                    return one_bit_apart(o, token);
                });
                ASSERT_TRUE(near) << token;
            }
            ASSERT_LE(strangers, 1u);
            ASSERT_LE(found.tokens().size(), 3u);
        }
    }
}

// A name that a flip makes unknown rejects the file; it does not lose a guard.
TEST(JobReaderFlips, AFlippedBitLosesNoOption)
{
    const token_rule rule = automatic_rule();
    for (const sample& from : samples()) {
        for (std::size_t bit = 0; bit < from.bytes.size() * 8; ++bit) {
            const reading found = read_file(from.format, with_flipped(from.bytes, bit), &rule);
            // Without the dashes of its front matter a file has invalid lines, which reject it.
            if (!found.at_end || found.invalid > 0)
                continue;
            // `count` is one bit from a comment, and a comment says nothing.
            if (with_flipped(from.bytes, bit)[bit / 8] == '#')
                continue;
            SCOPED_TRACE(std::string(from.name) + " bit " + std::to_string(bit));
            EXPECT_EQ(options_said(found.options), 3u);
            EXPECT_EQ(found.options.dry_run, true) << "no bit makes true false";
        }
    }
}

TEST(JobReaderFlips, AnyTwoFlippedBitsGiveNoTokenThatDoesNotStandInTheFile)
{
    const token_rule rule = any_rule();
    for (const sample& from : samples()) {
        for (std::size_t bit = 0; bit < from.bytes.size() * 8; ++bit) {
            const std::size_t other = (bit * 7919 + 13) % (from.bytes.size() * 8);
            const std::string bytes = with_flipped(with_flipped(from.bytes, bit), other);
            const bool escapes = bytes.find('\\') != bytes.npos;
            const reading found = read_file(from.format, bytes, &rule);
            for (const std::string& token : found.tokens())
                ASSERT_TRUE(escapes || bytes.find(token) != bytes.npos) << from.name << bit;
        }
    }
}

}  // namespace
}  // namespace reaper::test
