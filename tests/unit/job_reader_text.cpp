// .txt: one token a line (SPEC 4), and what a token is.

#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace reaper::test {
namespace {

using strings = std::vector<std::string>;

const std::string a = hex_token(0xa);
const std::string b = hex_token(0xb);

reading read(std::string_view bytes, const token_rule& rule = automatic_rule())
{
    return read_file(job_format::text, bytes, &rule);
}

// The words of a line that is no token: must be recorded nowhere.
bool says(const reading& r, std::string_view text)
{
    bool said = r.failure.find(text) != std::string::npos ||
                r.invalid_lines.find(text) != std::string::npos;
    for (const read_item& item : r.items)
        said = said || item.token.find(text) != std::string::npos;
    return said;
}

TEST(TokenRule, AutomaticIs32HexadecimalDigitsOfEitherCase)
{
    for (const auto kind : {campaign_kind::campaigns, campaign_kind::in_app_campaigns}) {
        const token_rule rule(token_shape{}, kind);
        EXPECT_TRUE(rule.has_fixed_length());
        EXPECT_TRUE(rule.accepts("0123456789abcdef0123456789abcdef"));
        EXPECT_TRUE(rule.accepts("0123456789ABCDEF0123456789abcdef"));
        EXPECT_FALSE(rule.accepts("0123456789abcdef0123456789abcde"));
        EXPECT_FALSE(rule.accepts("0123456789abcdef0123456789abcdef0"));
        EXPECT_FALSE(rule.accepts("0123456789abcdef0123456789abcdeg"));
        EXPECT_FALSE(rule.accepts("0123456789abcdef-123456789abcdef"));
        EXPECT_FALSE(rule.accepts(""));
    }
}

TEST(TokenRule, AnyIs1To128OfTheAlphabet)
{
    const token_rule rule = any_rule();
    EXPECT_FALSE(rule.has_fixed_length());
    EXPECT_TRUE(rule.accepts("x"));
    EXPECT_TRUE(rule.accepts("Az09_-"));
    EXPECT_TRUE(rule.accepts(std::string(128, 'x')));
    EXPECT_FALSE(rule.accepts(std::string(129, 'x')));
    EXPECT_FALSE(rule.accepts(""));
}

TEST(TokenRule, NoByteOutsideOfTheAlphabetIsEverAccepted)
{
    const token_rule any = any_rule();
    const token_rule pattern = pattern_rule(".*");
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text(1, static_cast<char>(byte));
        const bool known = alphabet.find(text) != std::string::npos;
        EXPECT_EQ(any.accepts(text), known) << byte;
        EXPECT_EQ(pattern.accepts(text), known) << byte;
        EXPECT_EQ(has_token_form("x" + text + "x"), known) << byte;
    }
}

TEST(TokenRule, PatternMustMatchInFullAndHasNoFixedLength)
{
    const token_rule rule = pattern_rule("orchestration_[a-z2-7]{32}|o[0-9]+");
    EXPECT_FALSE(rule.has_fixed_length());
    EXPECT_TRUE(rule.accepts("orchestration_" + std::string(32, 'q')));
    EXPECT_TRUE(rule.accepts("o12"));
    EXPECT_FALSE(rule.accepts("o12x"));
    EXPECT_FALSE(rule.accepts("xo12"));
    EXPECT_FALSE(rule.accepts("o" + std::string(128, '1')));
}

TEST(TokenRule, BadPatternThrows)
{
    EXPECT_THROW(pattern_rule("("), std::regex_error);
}

TEST(JobReaderText, GivesTokensWithOrdinalAndLine)
{
    const reading r = read(a + "\n" + b + "\n");
    ASSERT_TRUE(r.at_end);
    EXPECT_EQ(r.items[0], (read_item{1, 1, true, a}));
    EXPECT_EQ(r.items[1], (read_item{2, 2, true, b}));
    EXPECT_EQ(r.items.size(), 2u);
    EXPECT_EQ(r.invalid, 0u);
}

TEST(JobReaderText, SkipsBlankLinesAndCommentsButCountsThem)
{
    const reading r = read("# list\n\n   \n\t# indented\n" + a + "\n\n" + b + "\n#\n");
    EXPECT_EQ(r.lines(), "5 7");
    EXPECT_EQ(r.tokens(), (strings{a, b}));
}

TEST(JobReaderText, TakesCommentsAfterATokenWithOrWithoutBlank)
{
    EXPECT_EQ(read(a + " # spring\n" + b + "#sale # again\n").tokens(), (strings{a, b}));
}

// Such a line is read without a search for its end; with a blank before it, it is not.
TEST(JobReaderText, ALineOf32BytesIsWhatItIsBehindABlankToo)
{
    const token_rule automatic = automatic_rule();
    const token_rule any = any_rule();
    const token_rule pattern = pattern_rule("[a-z0-9-]{2,32}");
    for (const token_rule* rule : {&automatic, &any, &pattern}) {
        for (std::size_t at = 0; at < a.size(); ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string line = a;
                line[at] = static_cast<char>(byte);
                const reading straight = read(b + "\n" + line + "\n" + b + "\n", *rule);
                const reading blank = read(b + "\n " + line + "\n" + b + "\n", *rule);
                ASSERT_EQ(straight, blank) << byte << " at " << at;
            }
        }
    }
}

TEST(JobReaderText, TrimsBlanksAround)
{
    EXPECT_EQ(read("  \t" + a + "\t \n\t" + b + "\n").tokens(), (strings{a, b}));
}

TEST(JobReaderText, TakesCarriageReturnLineFeed)
{
    const reading r = read(a + "\r\n\r\n# c\r\n" + b + " \r\n");
    EXPECT_EQ(r.tokens(), (strings{a, b}));
    EXPECT_EQ(r.lines(), "1 4");
}

TEST(JobReaderText, CarriageReturnElsewhereIsPartOfTheLine)
{
    const reading r = read(a + "\r" + b + "\n" + a + "\r\r\n" + a + "\r # c\n" + b + "\n");
    EXPECT_EQ(r.lines(), "1! 2! 3! 4");
}

TEST(JobReaderText, TwoWordsOnALineAreInvalid)
{
    const reading r = read(a + " " + b + "\n" + a + "\t" + a + "\n" + b + "\n");
    EXPECT_EQ(r.lines(), "1! 2! 3");
}

TEST(JobReaderText, InvalidLineKeepsItsOrdinalAndHasNoText)
{
    const reading r = read(a + "\nsecret-key\n" + b + "\n");
    EXPECT_EQ(r.items[1], (read_item{2, 2, false, ""}));
    EXPECT_EQ(r.items[2], (read_item{3, 3, true, b}));
    EXPECT_EQ(r.invalid, 1u);
    EXPECT_FALSE(says(r, "secret"));
}

TEST(JobReaderText, NamesTheFirstTenInvalidLines)
{
    EXPECT_EQ(read(a + "\nx y\n\nz\n").invalid_lines, "2, 4");
    std::string bytes;
    for (int line = 0; line < 10; ++line)
        bytes += "no\n";
    EXPECT_EQ(read(bytes).invalid_lines, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10");
    EXPECT_EQ(read(bytes + "no\n").invalid_lines, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...");
    EXPECT_EQ(read(bytes + "no\n").invalid, 11u);
}

TEST(JobReaderText, CutLineOfFixedShapeInFullCounts)
{
    EXPECT_EQ(read(a).tokens(), strings{a});
    EXPECT_EQ(read(a + "\n" + b).tokens(), (strings{a, b}));
    EXPECT_EQ(read(a + "\r").tokens(), strings{a});
    EXPECT_EQ(read(a + "  ").tokens(), strings{a});
    EXPECT_EQ(read(a + " # com").tokens(), strings{a});
    EXPECT_EQ(read(a + "#").tokens(), strings{a});
}

TEST(JobReaderText, CutLineThatIsNotInFullIsInvalid)
{
    EXPECT_EQ(read(a + "\n" + b.substr(0, 31)).lines(), "1 2!");
    EXPECT_EQ(read(a + "\n" + b + "0").lines(), "1 2!");
    EXPECT_EQ(read(a + "\n" + b + " x").lines(), "1 2!");
}

TEST(JobReaderText, CutLineWithoutFixedShapeIsInvalid)
{
    EXPECT_EQ(read("abc\ndef", any_rule()).lines(), "1 2!");
    EXPECT_EQ(read("abc\ndef # c", any_rule()).lines(), "1 2!");
    EXPECT_EQ(read("abc\ndef\r", any_rule()).lines(), "1 2!");
    EXPECT_EQ(read("abc\n" + a, pattern_rule("[0-9a-f]+")).lines(), "1 2!");
    EXPECT_EQ(read("abc\n# def", any_rule()).lines(), "1");
}

TEST(JobReaderText, WithoutARuleTheFormOfATokenIsEnough)
{
    const reading r = read_file(job_format::text, "abc\n" + a + "\na.b\ndef", nullptr);
    EXPECT_EQ(r.lines(), "1 2 3! 4");
}

TEST(JobReaderText, DangerousTextIsInvalid)
{
    const reading r = read(
        "/../delete\n..%2f..%2fx\na b\nab?c=d\nab&c\nab:c\n" + std::string(129, 'x') +
            "\n\xC3\xA9\n\"" + a + "\"\n" + a + ",\n*\n\x7f\n\x1b[0m\nok\n",
        any_rule()
    );
    EXPECT_EQ(r.lines(), "1! 2! 3! 4! 5! 6! 7! 8! 9! 10! 11! 12! 13! 14");
}

TEST(JobReaderText, NoTokenAtAllRejects)
{
    for (const std::string_view bytes :
         {"", "\n\n", "# only\n# comments", "\r\n", "  \t", "\xEF\xBB\xBF"}) {
        const reading r = read(bytes);
        EXPECT_EQ(r.failure, "the file names no token") << bytes;
        EXPECT_EQ(r.failure_line, 0u);
        EXPECT_FALSE(r.at_end);
    }
}

TEST(JobReaderText, LineOfAMebibyteIsOneInvalidLine)
{
    const reading r = read(std::string(1 << 20, 'a') + "\n" + a + "\n");
    EXPECT_EQ(r.lines(), "1! 2");
}

TEST(JobReaderText, DashesAfterTheFirstLineAreALineLikeAnyOther)
{
    EXPECT_EQ(read("\n---\n" + a + "\n").lines(), "2! 3");
    EXPECT_EQ(read("--\n" + a + "\n").lines(), "1! 2");
    EXPECT_EQ(read("---- \n" + a + "\n").lines(), "1! 2");
    EXPECT_EQ(read(" ---\n" + a + "\n").lines(), "1! 2");
    EXPECT_EQ(read("---\r-\n" + a + "\n").lines(), "1! 2");
}

TEST(JobReaderText, ReaderMayBeMovedBetweenItems)
{
    const token_rule rule = automatic_rule();
    const std::string bytes = a + "\n" + b + "\n";
    job_reader first(job_format::text, &rule);
    first.feed(bytes);
    ASSERT_TRUE(first.next());
    job_reader second = std::move(first);
    const auto item = second.next();
    ASSERT_TRUE(item);
    EXPECT_EQ(item->token, b);
    EXPECT_EQ(second.items(), 2u);
}

}  // namespace
}  // namespace reaper::test
