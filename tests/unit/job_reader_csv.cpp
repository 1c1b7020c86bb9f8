// .csv: RFC 4180 with a header (SPEC 4).

#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

using strings = std::vector<std::string>;

const std::string a = hex_token(0xa);
const std::string b = hex_token(0xb);

reading read(std::string_view bytes, const token_rule& rule = automatic_rule())
{
    return read_file(job_format::csv, bytes, &rule);
}

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

TEST(JobReaderCsv, ReadsTheTokenColumnWithTheHeadersSeparator)
{
    for (const char separator : {',', ';', '\t'}) {
        const std::string s(1, separator);
        const reading r = read("name" + s + "token\nx" + s + a + "\ny" + s + b + "\n");
        EXPECT_EQ(r.tokens(), (strings{a, b})) << r.failure;
        EXPECT_EQ(r.lines(), "2 3");
        EXPECT_TRUE(r.at_end);
    }
}

TEST(JobReaderCsv, KnowsTheColumnByEitherNameInAnyCaseTrimmed)
{
    for (const char* name :
         {"token", "TOKEN", " Campaign_Token ", "\"campaign_token\"", "\" token\""}) {
        const reading r = read(std::string("id,") + name + ",live\n1," + a + ",true\n");
        EXPECT_EQ(r.tokens(), strings{a}) << name << r.failure;
    }
}

TEST(JobReaderCsv, TakesTheOnlyColumnWhateverItsName)
{
    EXPECT_EQ(read("campaigns to go\n" + a + "\n").tokens(), strings{a});
    EXPECT_EQ(read("\"to, go\"\n" + a + "\n").tokens(), strings{a});
}

TEST(JobReaderCsv, RejectsAHeaderWithoutTokenColumn)
{
    const reading r = read("id,name\n1," + a + "\n");
    EXPECT_EQ(r.failure, "line 1: no column of the header is named token or campaign_token");
    EXPECT_EQ(r.failure_line, 1u);
    EXPECT_TRUE(r.items.empty());
}

TEST(JobReaderCsv, RejectsTwoTokenColumns)
{
    EXPECT_TRUE(contains(read("token,campaign_token\n" + a + "," + a + "\n").failure, "two columns")
    );
    EXPECT_TRUE(contains(read("token;x;Token\n").failure, "two columns"));
}

TEST(JobReaderCsv, RejectsAHeaderThatIsItselfAToken)
{
    EXPECT_TRUE(contains(read(a + "\n" + b + "\n").failure, "itself a token"));
    EXPECT_TRUE(contains(read("\"" + a + "\"\r\n" + b + "\r\n").failure, "itself a token"));
    EXPECT_TRUE(contains(read("\n" + a + "\n" + b + "\n").failure, "line 2"));
    EXPECT_FALSE(contains(read(a + "\n").failure, a));
}

TEST(JobReaderCsv, ColumnNamedTokenIsNoTokenEvenIfTheRuleWouldAcceptIt)
{
    EXPECT_EQ(read("token\nabc\n", any_rule()).tokens(), strings{"abc"});
    EXPECT_TRUE(contains(read("abc\ndef\n", any_rule()).failure, "itself a token"));
}

TEST(JobReaderCsv, SeparatorIsTheOneThatGivesATokenColumn)
{
    EXPECT_EQ(read("token;name, first\n" + a + ";x, y\n").tokens(), strings{a});
    EXPECT_EQ(read("\"a;b\",token\n1," + a + "\n").tokens(), strings{a});
    EXPECT_TRUE(contains(read("token,a;b;token\n").failure, "separator"));
}

TEST(JobReaderCsv, QuotedFieldsMayHoldSeparatorsQuotesAndNewlines)
{
    const reading r =
        read("name,token\n\"a, \"\"b\"\"\nsecond line\"," + a + "\n\"\",\"" + b + "\"\r\n");
    EXPECT_EQ(r.tokens(), (strings{a, b}));
    EXPECT_EQ(r.lines(), "2 4");
}

TEST(JobReaderCsv, LineOfARowIsThePhysicalOneOnWhichItBegins)
{
    const reading r = read("token,\"na\nme\"\n" + a + ",\"1\n2\n3\"\n\n" + b + ",\n");
    EXPECT_EQ(r.lines(), "3 7");
}

TEST(JobReaderCsv, TrimsBlanksAroundATokenInQuotesToo)
{
    EXPECT_EQ(read("x;token\n1; " + a + "\t\n2;\" " + b + " \"\n").tokens(), (strings{a, b}));
}

TEST(JobReaderCsv, SkipsBlankLines)
{
    const reading r = read("\n\r\ntoken\n\n" + a + "\n   \n\r\n" + b + "\n\n");
    EXPECT_EQ(r.lines(), "5 8");
}

TEST(JobReaderCsv, RowsWithoutTheTokenColumnAreInvalid)
{
    const reading r = read("name,live,token\nx\ny,1\nz,1," + a + "\n,,\n\"\"\n");
    EXPECT_EQ(r.lines(), "2! 3! 4 5! 6!");
}

TEST(JobReaderCsv, ColumnsBehindTheTokenMayBeMissing)
{
    EXPECT_EQ(read("token,name,live\n" + a + "\n" + b + ",x\n").lines(), "2 3");
}

// A separator that should have been quoted moves all columns behind it.
TEST(JobReaderCsv, RowsWithMoreFieldsThanTheHeaderAreInvalid)
{
    EXPECT_EQ(read("token,name\n" + a + ",x,y\n" + b + ",\"x,y\"\n").lines(), "2! 3");
    EXPECT_EQ(read("name,token,x\ny," + a + "," + b + ",z\n").lines(), "2!");
    EXPECT_EQ(read("token\n" + a + ",x\n").lines(), "2!");
}

TEST(JobReaderCsv, QuotesWhereTheyMayNotBeMakeTheRowInvalid)
{
    const reading r = read(
        "name,token\n5\" pipe," + a + "\n \"x\"," + a + "\n\"x\"y," + a + "\n\"x\" ," + a +
        "\nx,\"" + a + "\"\"\"\nok," + b + "\n"
    );
    EXPECT_EQ(r.lines(), "2! 3! 4! 5! 6! 7");
}

TEST(JobReaderCsv, CarriageReturnWithinARowMakesItInvalid)
{
    EXPECT_EQ(
        read("name,token\nx\r," + a + "\ny," + a + "\r\r\nz," + b + "\r\n").lines(), "2! 3! 4"
    );
}

TEST(JobReaderCsv, TokenIsNeverTakenFromTwoFields)
{
    const reading r =
        read("token,token2\n" + a.substr(0, 16) + "," + a.substr(16) + "\n" + a + ",\n");
    EXPECT_EQ(r.lines(), "2! 3");
}

TEST(JobReaderCsv, UnclosedQuoteRejects)
{
    const reading r = read("name,token\nx," + a + "\n\"y," + b + "\nz," + b + "\n");
    EXPECT_EQ(r.failure, "line 3: a quote opened in the row of line 3 is never closed");
    EXPECT_EQ(r.failure_line, 3u);
    EXPECT_TRUE(contains(read("\"name,token\nx," + a + "\n").failure, "quote"));
}

TEST(JobReaderCsv, HeaderIsBounded)
{
    EXPECT_TRUE(contains(read(std::string(65 * 1024, 'x') + ",token\n" + a).failure, "64 KiB"));
    EXPECT_TRUE(contains(read("\"" + std::string(65 * 1024, '\n')).failure, "64 KiB"));
}

TEST(JobReaderCsv, FileWithoutRowsNamesNoToken)
{
    for (const std::string_view bytes :
         {"", "\n", "token", "token\n", "token\r\n\r\n", "a,token\n  \n"})
        EXPECT_EQ(read(bytes).failure, "the file names no token") << bytes;
}

TEST(JobReaderCsv, CutRowCountsIfTheTokenHasAFixedShapeInFull)
{
    EXPECT_EQ(read("name,token\nx," + a).tokens(), strings{a});
    EXPECT_EQ(read("name,token\nx,\"" + a + "\"").tokens(), strings{a});
    EXPECT_EQ(read("name,token\nx," + a + "\r").tokens(), strings{a});
    EXPECT_EQ(read("name,token\nx," + a.substr(1)).lines(), "2!");
    EXPECT_EQ(read("name,token\nx,").lines(), "2!");
    EXPECT_EQ(read("name,token\nx").lines(), "2!");
}

TEST(JobReaderCsv, CutRowWithoutFixedShapeCountsOnlyIfASeparatorFollowsTheToken)
{
    EXPECT_EQ(read("token,name\nabc,", any_rule()).lines(), "2");
    EXPECT_EQ(read("token,name\nabc,de", any_rule()).lines(), "2");
    EXPECT_EQ(read("token,name\nabc", any_rule()).lines(), "2!");
    EXPECT_EQ(read("token,name\n\"abc\"", any_rule()).lines(), "2!");
    EXPECT_EQ(read("name,token\nx,abc", any_rule()).lines(), "2!");
}

TEST(JobReaderCsv, HashIsNoComment)
{
    EXPECT_EQ(read("token\n# x\n" + a + " # y\n" + b + "\n").lines(), "2! 3! 4");
}

TEST(JobReaderCsv, MayBeginWithFrontMatter)
{
    const reading r = read("---\nmax_deletes: 7\n---\ntoken\n" + a + "\n");
    EXPECT_EQ(r.lines(), "5");
    EXPECT_EQ(r.options.max_deletes, 7u);
}

TEST(JobReaderCsv, WithoutARuleAHeaderIsNotTakenForAToken)
{
    const reading r = read_file(job_format::csv, "ids\nabc\n", nullptr);
    EXPECT_EQ(r.tokens(), strings{"abc"});
}

}  // namespace
}  // namespace reaper::test
