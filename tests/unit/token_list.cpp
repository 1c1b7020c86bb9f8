// The allow and deny files (SPEC 4).

#include "reaper/core/token_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace reaper {
namespace {

token_list parsed(std::string_view text)
{
    auto list = token_list::parse(text);
    EXPECT_TRUE(list) << list.error().sentence;
    return std::move(list).value();
}

std::string fault_of(std::string_view text)
{
    const auto list = token_list::parse(text);
    return list ? "" : list.error().sentence;
}

TEST(TokenList, ContainsExactlyWhatItNames)
{
    const token_list list = parsed("b\nabc\nABD\n");
    EXPECT_TRUE(list.contains("b"));
    EXPECT_TRUE(list.contains("abc"));
    EXPECT_TRUE(list.contains("ABD"));
    for (const std::string_view other : {"", "a", "ab", "abcd", "ABC", "abd", "bb", "B", "c"})
        EXPECT_FALSE(list.contains(other)) << other;
    EXPECT_EQ(list.size(), 3u);
}

TEST(TokenList, IsWrittenAsATextJob)
{
    const token_list list =
        parsed("\xEF\xBB\xBF# keep\r\n\r\n  a \t# why\n\tb#c\r\n\n#d\n" + std::string(128, 'x'));
    EXPECT_EQ(list.size(), 3u);
    EXPECT_TRUE(list.contains("a"));
    EXPECT_TRUE(list.contains("b"));
    EXPECT_TRUE(list.contains(std::string(128, 'x')));
}

TEST(TokenList, LastLineNeedsNoLineEnd)
{
    EXPECT_TRUE(parsed("a\nb").contains("b"));
    EXPECT_TRUE(parsed("a\nb\r").contains("b"));
}

TEST(TokenList, RepeatedTokensCountOnce)
{
    EXPECT_EQ(parsed("a\nb\na\na\n").size(), 2u);
}

TEST(TokenList, EmptyListIsNoFault)
{
    for (const std::string_view text : {"", "\n", "# none\n", "  \r\n\t"}) {
        EXPECT_TRUE(parsed(text).empty());
        EXPECT_FALSE(parsed(text).contains(""));
    }
    EXPECT_TRUE(token_list().empty());
    EXPECT_FALSE(token_list().contains("a"));
}

TEST(TokenList, LineThatIsNoTokenIsAFaultThatNamesTheLineOnly)
{
    EXPECT_EQ(
        fault_of("a\n\nkey: s3cret\nb\n"),
        "line 3 is no token: write one token a line, comments behind #"
    );
    for (const std::string& line :
         {std::string("a b"),
          std::string("a/b"),
          std::string("a.b"),
          std::string("%2f"),
          std::string("\"a\""),
          std::string("a,"),
          std::string("a\rb"),
          std::string("a\0b", 3),
          std::string("\xC3\xA9"),
          std::string("\xFF"),
          std::string(129, 'x')}) {
        const std::string said = fault_of("ok\n" + line + "\nok\n");
        EXPECT_EQ(said.substr(0, 18), "line 2 is no token") << line;
    }
}

TEST(TokenList, AgreesWithASetOfManyTokens)
{
    std::set<std::string> exact;
    std::string text;
    for (unsigned n = 0; n < 5000; ++n) {
        const std::string token = std::to_string(n * 2654435761u % 1'000'000);
        exact.insert(token);
        text += token + "\n";
    }
    const token_list list = parsed(text);
    EXPECT_EQ(list.size(), exact.size());
    for (unsigned n = 0; n < 1'000'000; n += 7)
        ASSERT_EQ(list.contains(std::to_string(n)), exact.contains(std::to_string(n))) << n;
    EXPECT_TRUE(std::all_of(exact.begin(), exact.end(), [&](const std::string& token) {
        return list.contains(token);
    }));
}

TEST(TokenList, MayBeCopiedAndMoved)
{
    token_list first = parsed("a\n");
    const token_list copy = first;
    const token_list moved = std::move(first);
    EXPECT_TRUE(copy.contains("a"));
    EXPECT_TRUE(moved.contains("a"));
}

}  // namespace
}  // namespace reaper
