// Front matter: where it stands, how it ends, and that it is a mapping and no more (SPEC 4).

#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

const std::string a = hex_token(0xa);

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

reading front(const std::string& yaml)
{
    const token_rule rule = automatic_rule();
    return read_file(job_format::text, "---\n" + yaml + "---\n" + a + "\n", &rule);
}

TEST(FrontMatter, OpensOnlyOnTheFirstLineExactly)
{
    const token_rule rule = automatic_rule();
    for (const std::string head : {"---\n", "---\r\n", "\xEF\xBB\xBF---\n"}) {
        const reading r = read_file(job_format::text, head + "count: 1\n---\n" + a + "\n", &rule);
        EXPECT_EQ(r.options.count, 1u) << head;
        EXPECT_EQ(r.lines(), "4");
    }
    for (const std::string head : {"--- \n", "\n---\n", "# c\n---\n", "----\n"}) {
        const reading r = read_file(job_format::text, head + "count: 1\n---\n" + a + "\n", &rule);
        EXPECT_FALSE(r.options.count) << head;
        EXPECT_GE(r.invalid, 2u) << head;
    }
}

TEST(FrontMatter, MayBeEmptyOrHaveComments)
{
    EXPECT_EQ(front("").options, job_options{});
    EXPECT_EQ(front("").lines(), "3");
    EXPECT_EQ(front("# nothing\n\n").lines(), "5");
    EXPECT_EQ(front("count: 1 # one\r\n").options.count, 1u);
}

TEST(FrontMatter, UnclosedRejects)
{
    const token_rule rule = automatic_rule();
    for (const std::string bytes :
         {"---", "---\n", "---\ncount: 1\n", "---\ncount: 1\n--", "---\n --- \n", "---\n----\n"}) {
        for (const auto format : {job_format::text, job_format::csv}) {
            const reading r = read_file(format, bytes, &rule);
            EXPECT_TRUE(contains(r.failure, "never closed")) << bytes << r.failure;
            EXPECT_EQ(r.failure_line, 1u);
        }
    }
}

TEST(FrontMatter, ClosedByTheEndOfTheFileNamesNoToken)
{
    const token_rule rule = automatic_rule();
    EXPECT_EQ(
        read_file(job_format::text, "---\ncount: 1\n---", &rule).failure, "the file names no token"
    );
}

TEST(FrontMatter, IsBounded)
{
    EXPECT_TRUE(contains(front(std::string(70'000, '#') + "\n").failure, "64 KiB"));
    EXPECT_EQ(front(std::string(60'000, '#') + "\n").failure, "");
}

TEST(FrontMatter, MustBeAMapping)
{
    for (const std::string yaml :
         {"- count\n",
          "count\n",
          "[1, 2]\n",
          "? [a]\n: 1\n",
          "count: 1\n...\nhold: true\n",
          "a: b: c\n",
          ",count: 1\n",
          "\t x\n",
          "{\n",
          "count: *x\n",
          "\"\n"}) {
        const reading r = front(yaml);
        EXPECT_TRUE(contains(r.failure, "line ")) << yaml;
        EXPECT_TRUE(r.items.empty()) << yaml;
    }
    EXPECT_TRUE(contains(front("count: 1\na: b: c\n").failure, "line 3"))
        << front("count: 1\na: b: c\n").failure;
}

TEST(FrontMatter, DeepOrAliasedYamlIsOnlyRefused)
{
    EXPECT_FALSE(front(std::string(30'000, '[') + "\n").failure.empty());
    EXPECT_FALSE(front(std::string(30'000, '{') + "\n").failure.empty());
    EXPECT_FALSE(front("label: &a [*a]\n").failure.empty());
    EXPECT_FALSE(front("count: &n 5\nmax_deletes: *n\n").failure.empty());
}

TEST(FrontMatter, HasNoPlaceInJson)
{
    const token_rule rule = automatic_rule();
    for (const auto format : {job_format::json, job_format::jsonl}) {
        const reading r = read_file(format, "---\ncount: 1\n---\n\"" + a + "\"\n", &rule);
        EXPECT_FALSE(r.failure.empty());
        EXPECT_EQ(r.options, job_options{});
    }
}

}  // namespace
}  // namespace reaper::test
