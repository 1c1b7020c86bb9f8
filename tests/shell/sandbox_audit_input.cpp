// The audit's own reader of job files.

#include "sandbox/audit_input.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

const std::string a(32, 'a');
const std::string b(32, 'b');

// "line:first letter of the token", "line:!" for an invalid one; "failed" where reading fails.
std::string items(std::string_view format, const std::string& content, bool any_shape = false)
{
    const reaper::test::temp_dir dir;
    reaper::test::put_content(dir / "input", content);
    std::string seen;
    const auto read = sandbox::read_job_input(
        dir / "input",
        format,
        any_shape,
        [&](const sandbox::input_item& item) {
            seen += (seen.empty() ? "" : " ") + std::to_string(item.line) + ':' +
                    (item.valid ? std::string(item.token.substr(0, 1)) : "!");
        }
    );
    return read ? seen : "failed";
}

}  // namespace

TEST(SandboxAuditInput, TextHasCommentsBlankLinesAndFrontMatter)
{
    EXPECT_EQ(items("text", "# x\n" + a + " # why\r\n\n  " + b + "\t\nfoo bar\n"), "2:a 4:b 5:!");
    EXPECT_EQ(items("text", "\xEF\xBB\xBF---\nlabel: x\n---\n" + a + "\n"), "4:a");
    EXPECT_EQ(items("text", "\xEF\xBB\xBF" + a + "\n"), "1:a");
    EXPECT_EQ(items("text", ""), "");
}

TEST(SandboxAuditInput, LastLineWithoutItsEndNeedsAKnownLength)
{
    EXPECT_EQ(items("text", a), "1:a");
    EXPECT_EQ(items("text", a.substr(1)), "1:!");
    EXPECT_EQ(items("text", "token-x\ntoken-y", true), "1:t 2:!");
}

TEST(SandboxAuditInput, CsvFindsTheTokenColumn)
{
    EXPECT_EQ(items("csv", "name,token\nx," + a + "\n\"y, z\"," + b + "\n"), "2:a 3:b");
    EXPECT_EQ(items("csv", "name;campaign_token\nx;" + a + "\n"), "2:a");
    EXPECT_EQ(items("csv", "name\ttoken\nx\t" + a + "\nx\n"), "2:a 3:!");
    EXPECT_EQ(items("csv", "whatever\n" + a + "\n\n\"" + b + "\"\n"), "2:a 4:b");
    EXPECT_EQ(items("csv", "one,two\nx," + a + "\n"), "failed");
    EXPECT_EQ(items("csv", "---\nlabel: x\n---\ntoken\n" + a + "\n"), "5:a");
}

TEST(SandboxAuditInput, CsvQuotesMayHoldQuotesAndLineEnds)
{
    EXPECT_EQ(
        items("csv", "name,token\n\"two\nlines\"," + a + "\n\"a \"\"b\"\"\"," + b + "\n"), "0:a 4:b"
    );
    EXPECT_EQ(items("csv", "name,token\n\"open," + a + "\n"), "failed");
}

TEST(SandboxAuditInput, JsonIsAnArrayOrAnObjectWithTokens)
{
    EXPECT_EQ(items("json", "[\"" + a + "\",\"" + b + "\"]"), "1:a 2:b");
    EXPECT_EQ(
        items("json", R"({"label":"[x]","tokens":[")" + a + R"("],"list":[")" + b + "\"]}"), "1:a"
    );
    EXPECT_EQ(items("json", "\xEF\xBB\xBF[]"), "");
    EXPECT_EQ(items("json", "[\"" + a + "\""), "failed");
    EXPECT_EQ(items("json", "[\"" + a + "\"] x"), "failed");
}

TEST(SandboxAuditInput, JsonElementsAreStringsOrObjectsThatNameAToken)
{
    EXPECT_EQ(
        items(
            "json",
            R"([{"name":"x","campaign_token":")" + a + R"(","more":{"token":"n"}},{"token":")" + b +
                R"("},{"name":"y"},17,null,[")" + a + R"("],["token"],true])"
        ),
        "1:a 2:b 3:! 4:! 5:! 6:! 7:! 8:!"
    );
}

TEST(SandboxAuditInput, JsonStringsMayBeLongerThanAChunk)
{
    const std::string filler(200'000, 'x');
    EXPECT_EQ(items("json", "[\"" + filler + "\",\"" + a + "\"]"), "1:! 2:a");
}

TEST(SandboxAuditInput, JsonLinesMayBeginWithOptions)
{
    EXPECT_EQ(
        items("jsonl", "{\"job\":{\"label\":\"x\"}}\n\"" + a + "\"\n\n{\"token\":\"" + b + "\"}\n"),
        "2:a 4:b"
    );
    EXPECT_EQ(items("jsonl", "\"" + a + "\"\n{\"job\":{}}\n17"), "1:a 2:! 3:!");
    EXPECT_EQ(items("jsonl", "\"" + a + "\"\n{broken\n"), "failed");
}

TEST(SandboxAuditInput, UnknownFormatFails)
{
    EXPECT_EQ(items("xml", ""), "failed");
}
