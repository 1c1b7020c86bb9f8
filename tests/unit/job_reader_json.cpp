// .json and .jsonl (SPEC 4).

#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

using strings = std::vector<std::string>;

const std::string a = hex_token(0xa);
const std::string b = hex_token(0xb);

std::string q(const std::string& text)
{
    return '"' + text + '"';
}

reading json(std::string_view bytes, const token_rule& rule = automatic_rule())
{
    return read_file(job_format::json, bytes, &rule);
}

reading jsonl(std::string_view bytes, const token_rule& rule = automatic_rule())
{
    return read_file(job_format::jsonl, bytes, &rule);
}

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

TEST(JobReaderJson, ReadsAnArrayOfStringsAndObjects)
{
    const reading r = json(
        "[\n" + q(a) + ",\n{\"campaign_token\": " + q(b) +
        ", \"name\": \"x\"}, {\"token\":" + q(a) + "}]"
    );
    EXPECT_EQ(r.tokens(), (strings{a, b, a}));
    EXPECT_EQ(r.lines(), "1 2 3");
    EXPECT_TRUE(r.at_end);
}

TEST(JobReaderJson, ReadsAnObjectWhoseOptionsStandBeforeOrBehindTheTokens)
{
    const reading r = json("{\"max_deletes\":5,\"tokens\":[" + q(a) + "],\"label\":\"x\"}\n");
    EXPECT_EQ(r.tokens(), strings{a});
    EXPECT_EQ(r.options.max_deletes, 5u);
    EXPECT_EQ(r.options.label, "x");
}

TEST(JobReaderJson, ApisOwnListIsAJobFile)
{
    const reading r = json(
        "[{\"campaign_token\":" + q(a) +
        ",\"from_api\":true,\"dev_only\":false,\"created_date\":\"2026-01-01T00:00:00\",\"name\":"
        "\"token\",\"live\":true,\"push_time\":null,\"targeting\":{\"token\":\"inner\",\"l\":[1,[]]"
        "}}]"
    );
    EXPECT_EQ(r.tokens(), strings{a});
    EXPECT_EQ(r.invalid, 0u);
}

TEST(JobReaderJson, OtherElementsAreInvalidItems)
{
    const reading r = json(
        "[1, -1, 2.5, 1e999, true, null, [" + q(a) + ",[" + q(a) + "]], {}, {\"name\":" + q(a) +
        "}, \"x\", \"\", " + q(a) + "]"
    );
    EXPECT_EQ(r.lines(), "1! 2! 3! 4! 5! 6! 7! 8! 9! 10! 11! 12");
}

TEST(JobReaderJson, TokenMemberThatIsNoStringIsInvalid)
{
    for (const char* value : {"1", "true", "null", "[]", "{}", "{\"token\":\"x\"}", "1.5"}) {
        const reading r =
            json("[{\"token\":" + std::string(value) + ",\"campaign_token\":" + q(a) + "}]");
        EXPECT_EQ(r.lines(), "1!") << value;
    }
}

TEST(JobReaderJson, BothNamesMustSayTheSame)
{
    EXPECT_EQ(json("[{\"token\":" + q(a) + ",\"campaign_token\":" + q(a) + "}]").lines(), "1");
    EXPECT_EQ(json("[{\"token\":" + q(a) + ",\"campaign_token\":" + q(b) + "}]").lines(), "1!");
    EXPECT_EQ(json("[{\"token\":" + q(a) + ",\"token\":" + q(b) + "}]").lines(), "1!");
}

TEST(JobReaderJson, EscapesAreDecodedAndWhatTheyHideIsJudged)
{
    EXPECT_EQ(json("[\"\\u0061bc\"]", any_rule()).tokens(), strings{"abc"});
    EXPECT_EQ(
        json(R"(["a\u0000b","a\/..\/b","a\u002fb","%2f","\ud83d\ude00"," a"])", any_rule()).lines(),
        "1! 2! 3! 4! 5! 6!"
    );
}

TEST(JobReaderJson, LongStringIsOneInvalidItem)
{
    EXPECT_EQ(
        json("[\"" + std::string(1 << 20, 'a') + "\"," + q(a) + "]", any_rule()).lines(), "1! 2"
    );
    EXPECT_EQ(
        json("[" + q(std::string(128, 'a')) + "," + q(std::string(129, 'a')) + "]", any_rule())
            .lines(),
        "1 2!"
    );
}

TEST(JobReaderJson, AClosedStringNeedsNoFixedShape)
{
    EXPECT_EQ(json("[\"abc\"]", any_rule()).tokens(), strings{"abc"});
}

TEST(JobReaderJson, CutFileRejects)
{
    const reading r = json("[" + q(a) + ",\n" + q(b));
    EXPECT_EQ(r.failure, "line 2: the JSON ends too early: the file is cut");
    EXPECT_EQ(r.failure_line, 2u);
    EXPECT_FALSE(r.at_end);
}

TEST(JobReaderJson, UnparsableFileRejectsWithItsLine)
{
    const reading r = json("[" + q(a) + ",\n" + q(b) + "\n" + q(a) + "]");
    EXPECT_TRUE(contains(r.failure, "line 3: this is not valid JSON")) << r.failure;
    for (const std::string& text : strings{
             "[" + q(a) + ",]",
             "['x']",
             "[\"x]",
             "[//c\n\"x\"]",
             "{\"tokens\":[\"x\"]",
             "[\"\t\"]",
             "[\"\\ud800\"]",
             "x",
             "[1 2]"})
        EXPECT_FALSE(json(text).failure.empty()) << text;
}

TEST(JobReaderJson, TrailingTextRejects)
{
    for (const char* tail : {"x", "\n[]", ",", "]", "\n\n \"x\"", "#"}) {
        const reading r = json("[" + q(a) + "]" + tail);
        EXPECT_TRUE(contains(r.failure, "JSON")) << tail;
        EXPECT_FALSE(r.at_end);
    }
    EXPECT_TRUE(json("[" + q(a) + "] \r\n\t\n").at_end);
}

TEST(JobReaderJson, MustBeAnArrayOrAnObjectWithTokens)
{
    for (const char* text : {"\"x\"", "1", "null", "true"})
        EXPECT_TRUE(contains(json(text).failure, "must be an array, or an object")) << text;
    for (const char* text : {"{}", "{\"label\":\"x\"}"})
        EXPECT_TRUE(contains(json(text).failure, "has no \"tokens\"")) << text;
    for (const char* text :
         {"{\"tokens\":\"x\"}", "{\"tokens\":{}}", "{\"tokens\":null}", "{\"tokens\":1}"})
        EXPECT_TRUE(contains(json(text).failure, "must be an array")) << text;
}

TEST(JobReaderJson, TokensTwiceRejects)
{
    const reading r = json("{\"tokens\":[" + q(a) + "],\"tokens\":[" + q(b) + "]}");
    EXPECT_TRUE(contains(r.failure, "twice"));
    EXPECT_EQ(r.tokens(), strings{a});
}

TEST(JobReaderJson, NoElementNamesNoToken)
{
    EXPECT_EQ(json("[]").failure, "the file names no token");
    EXPECT_EQ(json("{\"tokens\":[]}").failure, "the file names no token");
    EXPECT_TRUE(contains(json("").failure, "cut"));
}

TEST(JobReaderJson, DepthIsBounded)
{
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_EQ(json(nested(32)).lines(), "1!");
    EXPECT_TRUE(contains(json(nested(33)).failure, "32 deep"));
    EXPECT_TRUE(contains(json(std::string(1 << 20, '[')).failure, "32 deep"));
    std::string objects;
    for (int depth = 0; depth < 100'000; ++depth)
        objects += "{\"a\":";
    EXPECT_FALSE(json("[" + objects).failure.empty());
}

TEST(JobReaderJson, JobIsAMemberLikeAnyOther)
{
    EXPECT_EQ(json("[{\"job\":1,\"token\":" + q(a) + "}]").tokens(), strings{a});
}

TEST(JobReaderJsonl, ReadsStringsAndObjects)
{
    const reading r = jsonl(
        q(a) + "\n\n{\"token\":" + q(b) + ",\"name\":\"x\"}\r\n  {\"campaign_token\" : " + q(a) +
        " }\n"
    );
    EXPECT_EQ(r.tokens(), (strings{a, b, a}));
    EXPECT_EQ(r.lines(), "1 3 4");
    EXPECT_TRUE(r.at_end);
}

TEST(JobReaderJsonl, FirstLineMayHoldTheOptions)
{
    const reading r = jsonl("{\"job\": {\"count\": 1, \"dry_run\": true}}\n" + q(a) + "\n");
    EXPECT_EQ(r.lines(), "2");
    EXPECT_EQ(r.items[0].n, 1u);
    EXPECT_EQ(r.options.count, 1u);
    EXPECT_EQ(r.options.dry_run, true);
    EXPECT_EQ(jsonl("\n\r\n{\"job\":{}}\n" + q(a)).lines(), "4");
}

TEST(JobReaderJsonl, OptionsLaterThanTheFirstLineReject)
{
    const reading r = jsonl(q(a) + "\n{\"job\":{\"count\":1}}\n");
    EXPECT_TRUE(contains(r.failure, "line 2: \"job\" must stand alone")) << r.failure;
    EXPECT_FALSE(jsonl("{\"job\":{}}\n{\"job\":{}}\n" + q(a)).failure.empty());
    EXPECT_FALSE(jsonl("5\n{\"token\":" + q(a) + ",\"job\":{}}\n").failure.empty());
}

TEST(JobReaderJsonl, OptionsStandAlone)
{
    EXPECT_FALSE(jsonl("{\"job\":{},\"token\":" + q(a) + "}\n").failure.empty());
    EXPECT_FALSE(jsonl("{\"token\":" + q(a) + ",\"job\":{}}\n").failure.empty());
    EXPECT_FALSE(jsonl("{\"job\":{},\"job\":{}}\n" + q(a)).failure.empty());
    for (const char* value : {"1", "\"x\"", "[]", "null"})
        EXPECT_TRUE(
            contains(jsonl("{\"job\":" + std::string(value) + "}\n" + q(a)).failure, "object")
        );
}

TEST(JobReaderJsonl, JobDeeperInAnElementIsNoOption)
{
    EXPECT_EQ(jsonl("{\"x\":{\"job\":{}},\"token\":" + q(a) + "}\n").lines(), "1");
}

TEST(JobReaderJsonl, OtherValuesAreInvalidItems)
{
    const reading r =
        jsonl("1\n[\"x\"]\nnull\n{}\n\"x y\"\n" + q(a) + "\n{\"token\":" + q(b) + "}\n");
    EXPECT_EQ(r.lines(), "1! 2! 3! 4! 5! 6 7");
}

TEST(JobReaderJsonl, LineThatDoesNotParseRejectsWithItsNumber)
{
    for (const std::string& line :
         {a, q(a) + " " + q(b), q(a) + ",", std::string("{"), std::string("{\"token\":")}) {
        const reading r = jsonl(q(a) + "\n" + line + "\n" + q(b) + "\n");
        EXPECT_EQ(r.failure_line, 2u) << line;
        EXPECT_EQ(r.lines(), "1");
        EXPECT_FALSE(contains(r.failure, a));
    }
}

TEST(JobReaderJsonl, ClosedValueOnTheLastLineIsWhole)
{
    EXPECT_EQ(jsonl("\"abc\"", any_rule()).tokens(), strings{"abc"});
    EXPECT_EQ(jsonl("\"abc\"\n{\"token\":\"def\"}", any_rule()).lines(), "1 2");
    EXPECT_FALSE(jsonl("\"abc\"\n\"def", any_rule()).failure.empty());
}

TEST(JobReaderJsonl, LineIsBounded)
{
    const std::string fits =
        "{\"x\":\"" + std::string(65'000, 'x') + "\",\"token\":" + q(a) + "}\n";
    EXPECT_EQ(jsonl(fits).lines(), "1");
    const reading r = jsonl(q(a) + "\n\"" + std::string(70'000, 'x') + "\"\n");
    EXPECT_EQ(r.failure, "line 2: this line is longer than 64 KiB");
}

TEST(JobReaderJsonl, NoLineNamesNoToken)
{
    for (const std::string_view bytes :
         {"", "\n\n", "{\"job\":{}}", "{\"job\":{\"count\":0}}\n \n"})
        EXPECT_EQ(jsonl(bytes).failure, "the file names no token") << bytes;
}

}  // namespace
}  // namespace reaper::test
