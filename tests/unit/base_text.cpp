#include "reaper/base/text.hpp"

#include <gtest/gtest.h>

namespace reaper {
namespace {

using namespace std::literals;

TEST(JsonEscape, EscapesQuotesBackslashesAndControls)
{
    EXPECT_EQ(json_quoted("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(json_quoted("\n\r\t"), R"("\n\r\t")");
    EXPECT_EQ(json_quoted("\x01\x1f\x7f"), R"("\u0001\u001f\u007f")");
    EXPECT_EQ(json_quoted("\0"sv), R"("\u0000")");
    EXPECT_EQ(json_quoted(""), R"("")");
}

TEST(JsonEscape, KeepsUtf8AndReplacesOtherBytes)
{
    EXPECT_EQ(json_quoted("é€😀"), "\"é€😀\"");
    EXPECT_EQ(json_quoted("a\xFF\xC3"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonEscape, AppendsToWhatIsThere)
{
    std::string out = "x";
    append_json_escaped(out, "\"");
    EXPECT_EQ(out, "x\\\"");
}

TEST(Utf8, AcceptsTheFirstAndLastCharacterOfEachLength)
{
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("\0"sv));
    EXPECT_TRUE(is_utf8("\x7F"));
    EXPECT_TRUE(is_utf8("\xC2\x80"));
    EXPECT_TRUE(is_utf8("\xDF\xBF"));
    EXPECT_TRUE(is_utf8("\xE0\xA0\x80"));
    EXPECT_TRUE(is_utf8("\xED\x9F\xBF"));
    EXPECT_TRUE(is_utf8("\xEE\x80\x80"));
    EXPECT_TRUE(is_utf8("\xEF\xBF\xBF"));
    EXPECT_TRUE(is_utf8("\xF0\x90\x80\x80"));
    EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, RefusesOverlongForms)
{
    EXPECT_FALSE(is_utf8("\xC0\x80"));
    EXPECT_FALSE(is_utf8("\xC1\xBF"));
    EXPECT_FALSE(is_utf8("\xE0\x80\x80"));
    EXPECT_FALSE(is_utf8("\xE0\x9F\xBF"));
    EXPECT_FALSE(is_utf8("\xF0\x80\x80\x80"));
    EXPECT_FALSE(is_utf8("\xF0\x8F\xBF\xBF"));
}

TEST(Utf8, RefusesSurrogatesAndWhatIsBeyondUnicode)
{
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
    EXPECT_FALSE(is_utf8("\xED\xBF\xBF"));
    EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));
    EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));
    EXPECT_FALSE(is_utf8("\xFE"));
    EXPECT_FALSE(is_utf8("\xFF"));
}

TEST(Utf8, RefusesCutAndStrayBytes)
{
    EXPECT_FALSE(is_utf8("\x80"));
    EXPECT_FALSE(is_utf8("a\xBF"));
    EXPECT_FALSE(is_utf8("\xC3"));
    EXPECT_FALSE(is_utf8("\xE2\x82"));
    EXPECT_FALSE(is_utf8("\xF0\x9F\x98"));
    EXPECT_FALSE(is_utf8("\xC3("));
    EXPECT_FALSE(is_utf8("\xE2\x82("));
    EXPECT_FALSE(is_utf8("\xE2(\xAC"));
    EXPECT_FALSE(is_utf8("\xF0\x9F\x98("));
    EXPECT_FALSE(is_utf8("\xC3\xC3\xA9"));
}

TEST(Presentable, ReplacesEverySecret)
{
    EXPECT_EQ(
        presentable("key=ABCDEF, again ABCDEF; rest=0123", {"ABCDEF", "0123"}),
        "key=[redacted], again [redacted]; rest=[redacted]"
    );
}

TEST(Presentable, LeavesNoPartOfOverlappingSecrets)
{
    EXPECT_EQ(presentable("<abcdefgh>", {"abcdef", "cdefgh"}), "<[redacted]>");
    EXPECT_EQ(presentable("<abcdefgh>", {"abcd", "abcdefgh"}), "<[redacted]>");
    EXPECT_EQ(presentable("<ababababa>", {"abab"}), "<[redacted]a>");
}

TEST(Presentable, IgnoresSecretsThatAreTooShort)
{
    EXPECT_EQ(presentable("a banana", {"", "a", "ana"}), "a banana");
    EXPECT_EQ(presentable("a banana", {"anan"}), "a b[redacted]a");
}

TEST(Presentable, RedactsASecretThatStraddlesTheCut)
{
    const std::string secret = "SECRET-KEY-0123456789";
    for (std::size_t before = 0; before < 60; ++before) {
        const std::string shown = presentable(std::string(before, '.') + secret, {secret}, 40);
        EXPECT_LE(shown.size(), 40u);
        EXPECT_EQ(shown.find("SECR"), shown.npos) << shown;
    }
}

TEST(Presentable, ReplacesControlsAndWhatSteersATerminal)
{
    EXPECT_EQ(presentable("a\nb\x1b[31m\x7f", {}), "a?b?[31m?");
    EXPECT_EQ(presentable("\xC2\x9B", {}), "?");          // C1: CSI in one character
    EXPECT_EQ(presentable("\xE2\x80\xA8", {}), "?");      // line separator
    EXPECT_EQ(presentable("x\xE2\x80\xAEy", {}), "x?y");  // right-to-left override
    EXPECT_EQ(presentable("\xC2\xA0é", {}), "\xC2\xA0é");
}

TEST(Presentable, ReplacesBytesThatAreNotUtf8)
{
    EXPECT_EQ(presentable("a\xFFz", {}), "a\xEF\xBF\xBDz");
}

TEST(Presentable, CountsTheMarkOfTheCutInTheLimit)
{
    EXPECT_EQ(presentable("0123456789", {}, 10), "0123456789");
    EXPECT_EQ(presentable("0123456789A", {}, 10), "0123456...");
    EXPECT_EQ(presentable(std::string(500, 'x'), {}).size(), 200u);
    EXPECT_EQ(presentable("0123456789", {}, 3), "...");
    EXPECT_EQ(presentable("0123456789", {}, 2), "..");
    EXPECT_EQ(presentable("0123456789", {}, 0), "");
}

TEST(Presentable, CutsOnACharacterBoundary)
{
    for (std::size_t bytes_max = 0; bytes_max < 24; ++bytes_max) {
        const std::string shown = presentable("aé€😀aé€😀\xFF", {}, bytes_max);
        EXPECT_LE(shown.size(), bytes_max);
        EXPECT_TRUE(is_utf8(shown)) << bytes_max;
    }
    EXPECT_EQ(presentable("aaaé€", {}, 7), "aaa...");
    EXPECT_EQ(presentable("aaaéé", {}, 7), "aaaéé");
}

TEST(Nearest, CountsASwapAsOneEdit)
{
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("abc", ""), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
    EXPECT_EQ(edit_distance("pcae", "pace"), 1u);
    EXPECT_EQ(edit_distance("endpoint", "endpoint"), 0u);
}

TEST(Nearest, FindsTheNearestWithinAThirdOfTheWord)
{
    const std::vector<std::string_view> keys = {"spool", "accounts", "guards", "http"};
    EXPECT_EQ(nearest("acount", keys), "accounts");
    EXPECT_EQ(nearest("gaurds", keys), "guards");
    EXPECT_EQ(nearest("http", keys), "http");
    EXPECT_EQ(nearest("banana", keys), "");
    EXPECT_EQ(nearest("xy", keys), "");
    EXPECT_EQ(nearest("", keys), "");
    EXPECT_EQ(nearest(std::string(100'000, 'x'), keys), "");
}

TEST(Glob, MatchesTheWholeText)
{
    EXPECT_TRUE(glob_match("", ""));
    EXPECT_FALSE(glob_match("", "a"));
    EXPECT_TRUE(glob_match("*", ""));
    EXPECT_TRUE(glob_match("summer*", "summer sale"));
    EXPECT_FALSE(glob_match("summer", "summer sale"));
    EXPECT_TRUE(glob_match("*sale", "summer sale"));
    EXPECT_TRUE(glob_match("s?mmer*sa*e", "summer sale"));
    EXPECT_FALSE(glob_match("?", ""));
    EXPECT_FALSE(glob_match("a*b*c", "aXbXd"));
    EXPECT_TRUE(glob_match("a*b**c", "aXbXbXc"));
    EXPECT_TRUE(glob_match("*ab", "aab"));
}

TEST(Glob, IsNotExponential)
{
    const std::string text(5'000, 'a');
    EXPECT_FALSE(glob_match("*a*a*a*a*a*a*a*a*a*a*b", text));
}

TEST(Hex, IsLowerCase)
{
    EXPECT_EQ(to_hex(""), "");
    EXPECT_EQ(to_hex("\x00\x0f\xff"sv), "000fff");
}

}  // namespace
}  // namespace reaper
