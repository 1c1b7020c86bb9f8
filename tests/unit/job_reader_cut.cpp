// A file that is cut anywhere (SPEC P4, 4), and bytes that arrive in any pieces. What may be left
// of a cut file is worked out here a second time, from whole texts and without the reader's code.

// g++ 12 with sanitizers takes a member of std::regex's automaton for uninitialised (GCC bug
// 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "support/job_reading.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <regex>

namespace reaper::test {
namespace {

using strings = std::vector<std::string>;

// nullopt: the file must be rejected.
using expectation = std::optional<std::vector<std::pair<std::uint64_t, std::string>>>;

const std::string a = hex_token(0xa);
const std::string b = "ABCDEF0123456789abcdefABCDEF0123";
const std::string c = hex_token(0xc);

enum class shape
{
    automatic,
    any,
};

token_rule rule_of(shape s)
{
    return s == shape::automatic ? automatic_rule() : any_rule();
}

bool is_token(const std::string& text, shape s)
{
    static const std::regex hex("[0-9a-fA-F]{32}");
    static const std::regex any("[A-Za-z0-9_-]{1,128}");
    return std::regex_match(text, s == shape::automatic ? hex : any);
}

expectation expected_or_rejected(std::vector<std::pair<std::uint64_t, std::string>> found)
{
    return found.empty() ? std::nullopt : expectation(std::move(found));
}

// The lines of `text`; the last one has no line end, and may be empty.
strings split_lines(const std::string& text)
{
    strings lines(1);
    for (const char byte : text) {
        if (byte == '\n')
            lines.emplace_back();
        else
            lines.back() += byte;
    }
    return lines;
}

// Removes front matter and counts its lines; nullopt if it is not closed.
std::optional<std::uint64_t> drop_front_matter(std::string& text)
{
    static const std::regex closed("^---\r?\n(?:[^\n]*\n)*?---\r?(?:\n|$)");
    if (!std::regex_search(text, std::regex("^---\r?(\n|$)")))
        return 0;
    std::smatch match;
    if (!std::regex_search(text, match, closed, std::regex_constants::match_continuous))
        return std::nullopt;
    const auto lines =
        static_cast<std::uint64_t>(std::count(match[0].first, match[0].second, '\n'));
    text = match.suffix().str();
    return lines;
}

expectation expected_text(std::string text, shape s)
{
    const auto skipped = drop_front_matter(text);
    if (!skipped)
        return std::nullopt;
    const strings lines = split_lines(text);
    std::vector<std::pair<std::uint64_t, std::string>> found;
    static const std::regex form("[ \t]*([^# \t][^#]*?)?[ \t]*(#.*)?\r?");
    for (std::size_t at = 0; at < lines.size(); ++at) {
        std::smatch match;
        if (!std::regex_match(lines[at], match, form))
            continue;
        std::string word = match[1].str();
        if (word.empty())
            continue;
        const bool whole = at + 1 < lines.size() || s == shape::automatic;
        if (!whole || !is_token(word, s))
            word.clear();
        found.emplace_back(*skipped + at + 1, word);
    }
    return expected_or_rejected(found);
}

struct csv_record
{
    strings fields = strings(1);
    std::uint64_t line = 1;
    bool ended = false;
};

// RFC 4180 for well-formed text with `;`. nullopt if a quote is open at the end.
std::optional<std::vector<csv_record>> csv_records(const std::string& text)
{
    std::vector<csv_record> records(1);
    bool quoted = false;
    std::uint64_t line = 1;
    for (const char byte : text) {
        line += byte == '\n';
        if (byte == '"') {
            quoted = !quoted;
        } else if (byte == '\n' && !quoted) {
            records.back().ended = true;
            records.push_back({strings(1), line, false});
        } else if (byte == ';' && !quoted) {
            records.back().fields.emplace_back();
        } else if (byte != '\r') {
            records.back().fields.back() += byte;
        }
    }
    return quoted ? std::nullopt : std::optional(records);
}

// The token column is the second of three.
expectation expected_csv(std::string text, shape s)
{
    const auto skipped = drop_front_matter(text);
    const auto records = csv_records(text);
    if (!skipped || !records || !records->front().ended)
        return std::nullopt;
    std::vector<std::pair<std::uint64_t, std::string>> found;
    for (std::size_t at = 1; at < records->size(); ++at) {
        const csv_record& record = (*records)[at];
        if (record.fields == strings{""})
            continue;
        std::string token = record.fields.size() > 1 ? record.fields[1] : "";
        const bool whole = record.ended || record.fields.size() > 2 || s == shape::automatic;
        if (!whole || !is_token(token, s))
            token.clear();
        found.emplace_back(*skipped + record.line, token);
    }
    return expected_or_rejected(found);
}

std::optional<std::string> token_of(const boost::json::value& value, shape s)
{
    const boost::json::value* token = &value;
    if (value.is_object()) {
        if (value.as_object().contains("job"))
            return std::nullopt;
        token = value.as_object().if_contains("token");
    }
    if (token == nullptr || !token->is_string())
        return "";
    const std::string text(token->as_string());
    return is_token(text, s) ? text : "";
}

expectation expected_json(const std::string& text, shape s)
{
    boost::json::error_code ec;
    const boost::json::value root = boost::json::parse(text, ec);
    if (ec)
        return std::nullopt;
    std::vector<std::pair<std::uint64_t, std::string>> found;
    for (const auto& value : root.as_object().at("tokens").as_array())
        found.emplace_back(found.size() + 1, token_of(value, s).value());
    return expected_or_rejected(found);
}

expectation expected_jsonl(const std::string& text, shape s)
{
    std::vector<std::pair<std::uint64_t, std::string>> found;
    const strings lines = split_lines(text);
    for (std::size_t at = 0; at < lines.size(); ++at) {
        if (lines[at].find_first_not_of(" \t\r") == std::string::npos)
            continue;
        boost::json::error_code ec;
        const boost::json::value value = boost::json::parse(lines[at], ec);
        if (ec)
            return std::nullopt;
        if (const auto token = token_of(value, s))
            found.emplace_back(at + 1, *token);
    }
    return expected_or_rejected(found);
}

struct sample
{
    const char* name;
    job_format format;
    std::string bytes;
    expectation (*expected)(std::string, shape);
};

std::vector<sample> samples()
{
    const auto as_copy = [](auto function) { return function; };
    return {
        {"text",
         job_format::text,
         "---\nlabel: spring\ncount: 3\n---\n# two lines\n" + a + "\n\n  " + b +
             " # caf\xC3\xA9 \t#\nnot one\r\n" + c + "\t\r\nx" + a + "\n#end\n" + b,
         as_copy(expected_text)},
        {"text with CRLF front matter",
         job_format::text,
         "---\r\nhold: true\r\n---\r\nabc\r\n" + b + "\r\n",
         as_copy(expected_text)},
        {"csv",
         job_format::csv,
         "---\nlabel: x\n---\n\"na;me\";Token;live\nx;" + a +
             ";true\n\"two\nlines; \"\"q\"\"\";\"" + b + "\";\n\r\nshort\ny;bad!;\nz;" + c +
             "\r\nw;" + a + ";\"\"\r\nv;" + b,
         as_copy(expected_csv)},
        {"json",
         job_format::json,
         "{\"label\": \"x\", \"tokens\": [\"" + a + "\",\n {\"token\": \"" + b +
             "\", \"x\": [1, {\"token\": 2}]}, 7, true, \"\\u0061bc\"\n], \"count\": 5}\n \n",
         [](std::string text, shape s) { return expected_json(text, s); }},
        {"jsonl",
         job_format::jsonl,
         "{\"job\": {\"label\": \"x\"}}\n\"" + a + "\"\n{\"token\":\"" + b +
             "\"}\r\n\n12\nnull\n \"abc\" \n\"" + c + "\"",
         [](std::string text, shape s) { return expected_jsonl(text, s); }},
    };
}

void expect_as_cut(const sample& from, std::size_t bytes, shape s)
{
    const token_rule rule = rule_of(s);
    const std::string cut = from.bytes.substr(0, bytes);
    const reading r = read_file(from.format, cut, &rule);
    const expectation expected = from.expected(cut, s);
    SCOPED_TRACE(std::string(from.name) + " cut at " + std::to_string(bytes) + ": " + r.failure);
    ASSERT_EQ(r.failure.empty(), expected.has_value());
    EXPECT_EQ(r.at_end, expected.has_value());
    if (!expected)
        return;
    ASSERT_EQ(r.items.size(), expected->size());
    for (std::size_t at = 0; at < r.items.size(); ++at) {
        const auto& [line, token] = (*expected)[at];
        EXPECT_EQ(r.items[at], (read_item{at + 1, line, !token.empty(), token}));
    }
}

TEST(JobReaderCut, AtEveryByteLeavesExactlyWhatTheRulesSay)
{
    for (const sample& from : samples()) {
        for (std::size_t bytes = 0; bytes <= from.bytes.size(); ++bytes) {
            // A character is cut in two: rejected, and no matter of the formats.
            if (bytes < from.bytes.size() && (from.bytes[bytes] & 0xC0) == 0x80)
                continue;
            expect_as_cut(from, bytes, shape::automatic);
            expect_as_cut(from, bytes, shape::any);
        }
    }
}

// P4: whatever is left of a file, every token that comes out stands in the whole file too.
TEST(JobReaderCut, NeverInventsAToken)
{
    for (const sample& from : samples()) {
        for (const shape s : {shape::automatic, shape::any}) {
            const token_rule rule = rule_of(s);
            const strings whole = read_file(from.format, from.bytes + "\n", &rule).tokens();
            ASSERT_FALSE(whole.empty()) << from.name;
            for (std::size_t bytes = 0; bytes < from.bytes.size(); ++bytes) {
                const reading r = read_file(from.format, from.bytes.substr(0, bytes), &rule);
                const strings left = r.tokens();
                ASSERT_LE(left.size(), whole.size());
                EXPECT_TRUE(std::equal(left.begin(), left.end(), whole.begin()))
                    << from.name << bytes;
                if (from.format == job_format::json && bytes + 4 < from.bytes.size()) {
                    EXPECT_FALSE(r.failure.empty()) << bytes;
                }
            }
        }
    }
}

TEST(JobReaderChunks, OfEverySizeGiveTheSameItems)
{
    for (const sample& from : samples()) {
        const token_rule rule = automatic_rule();
        const reading whole = read_file(from.format, from.bytes, &rule);
        for (std::size_t size = 1; size <= 64; ++size)
            EXPECT_EQ(read_file(from.format, from.bytes, &rule, size), whole) << from.name << size;
    }
}

TEST(JobReaderChunks, SplitAnywhereGiveTheSameItems)
{
    for (const sample& from : samples()) {
        const token_rule rule = any_rule();
        const std::string_view bytes = from.bytes;
        const reading whole = read_file(from.format, bytes, &rule);
        for (std::size_t at = 0; at <= bytes.size(); ++at)
            EXPECT_EQ(
                read_chunks(from.format, {bytes.substr(0, at), bytes.substr(at)}, &rule), whole
            ) << from.name
              << at;
    }
}

// Bytes changed, left out and put in at random: the items, the failure and its line must not depend
// on the pieces in which the file came.
TEST(JobReaderChunks, DamagedFilesGiveTheSameInAnyPieces)
{
    static const std::string spice = "\n\r\t #\"',;:{}[]-\\a0.e\xEF\xBB\xBF\xC3";
    std::mt19937 random(4711);
    const auto below = [&random](std::size_t end) { return random() % end; };
    for (const sample& from : samples()) {
        for (int round = 0; round < 3000; ++round) {
            std::string bytes = from.bytes;
            for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
                const std::size_t at = below(bytes.size());
                const char other = below(50) == 0 ? '\0' : spice[below(spice.size())];
                switch (below(3)) {
                    case 0:
                        bytes[at] = other;
                        break;
                    case 1:
                        bytes.erase(at, 1);
                        break;
                    default:
                        bytes.insert(at, 1, other);
                }
            }
            const token_rule rule = rule_of(round % 2 == 0 ? shape::automatic : shape::any);
            const reading whole = read_file(from.format, bytes, &rule);
            ASSERT_EQ(read_file(from.format, bytes, &rule, 1 + below(9)), whole)
                << from.name << " round " << round << '\n'
                << bytes;
        }
    }
}

}  // namespace
}  // namespace reaper::test
