// An answer whose head differs from one before only where nobody reads is taken without Beast:
// which ones are, and that all are read as by Beast.

#include "support/reply_alike.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace reaper {
namespace {

using namespace test;

// True if the answer was read where it lay: so without Beast, which reads from a copy.
bool is_known(const std::string& first, const std::string& bytes, const reply_limits& limits = {})
{
    reply_parser parser(limits);
    parser.feed(first);
    while (parser.next(reply_now) != nullptr) {
    }
    parser.feed(bytes);
    EXPECT_NE(parser.next(reply_now), nullptr) << bytes;
    const char* const body = parser.body().data();
    const std::less<const char*> before;
    return !parser.body().empty() && !before(body, bytes.data()) &&
           before(body, bytes.data() + bytes.size());
}

// Heads that are like the known one.
const std::vector<std::string> alike = {
    replaced(known, "0f3a", "ffff"),
    replaced(known, "0f3a", ""),
    replaced(known, "0f3a", "a longer one, with \"signs\" and \xc3\xa9 \xff"),
    replaced(known, ": 0f3a", ":0f3a"),
    replaced(known, ": 0f3a", ":   0f3a  "),
    replaced(replaced(known, "0f3a", "Content-Length: 7"), "nginx", "apache"),
    replaced(known, "200 OK", "503 Slow"),
    replaced(known, "200 OK", "404 "),
    replaced(replaced(known, "200 OK", "400 Bad"), "2\r\nC", "00002\r\nC"),
    replaced(
        replaced(known, "200 OK", "400 Bad"),
        "2\r\n" + connection + "\r\n{}",
        "25\r\n" + connection + "\r\n{\"code\":31,\"message\":\"x\"}"
    ),
};

// Heads that look like it, and of which Beast must decide.
const std::vector<std::string> unlike = {
    // Framing (RFC 9112 6.3).
    replaced(known, "Length: 2", "Length: 2, 2"),
    replaced(known, "Length: 2", "Length: +2"),
    replaced(known, "Length: 2", "Length:  2"),
    replaced(known, "Length: 2", "Length: 2 "),
    replaced(known, "Length: 2", "Length: "),
    replaced(known, "Length: 2", "Length: 0x2"),
    replaced(known, "Length: 2", "Length: 0000000002"),
    replaced(known, "Length: 2", "Length: 18446744073709551618"),
    replaced(known, length, length + length),
    replaced(known, length, length + "Content-Length: 3\r\n"),
    replaced(known, id, "Content-Length: 3\r\n"),
    replaced(known, id, "Transfer-Encoding: chunked\r\n"),
    replaced(known, length, "Transfer-Encoding: chunked\r\n"),
    replaced(known, length, ""),
    replaced(known, length, "content-length: 2\r\n"),
    replaced(known, "200 OK", "204 OK"),
    replaced(known, "200 OK", "304 OK"),
    // Status (RFC 9112 4).
    replaced(known, "200 OK", "100 OK"),
    replaced(known, "200 OK", "101 OK"),
    replaced(known, "200 OK", "099 OK"),
    replaced(known, "200 OK", "600 OK"),
    replaced(known, "200 OK", "2000 OK"),
    replaced(known, "200 OK", "20 OK"),
    replaced(known, "200 OK", "404"),
    replaced(known, "200 OK", "404\t"),
    replaced(known, "200 OK", "+40 OK"),
    replaced(known, "HTTP/1.1", "HTTP/1.0"),
    replaced(known, "HTTP/1.1", "HTTP/1.2"),
    // Lines (RFC 9112 2.2, 5.1, 5.2).
    replaced(known, "0f3a\r\n", "0f3a\n"),
    replaced(known, "0f3a\r\n", "0f3a\r"),
    replaced(known, "0f3a\r\n", "0f3a\r\r\n"),
    replaced(known, "0f3a\r\n", "0f3a\r\n folded\r\n"),
    replaced(known, "0f3a\r\n", "0f3a\r\n\tfolded\r\n"),
    replaced(known, "0f3a\r\n", "\r\n \r\n"),
    replaced(known, length, " " + length),
    replaced(known, ": 0f3a", " : 0f3a"),
    replaced(known, "0f3a", "a\tb"),
    replaced(known, "0f3a", std::string("a\0b", 3)),
    replaced(known, "0f3a", "a\x7f"),
    replaced(known, "0f3a\r\n", "0f3a\r\n\r\n"),
    // What Beast and an answer read (RFC 9112 9.3, RFC 9110 7.8, 10.2.3).
    replaced(known, "keep-alive", "close"),
    replaced(known, "keep-alive", "Close, x"),
    replaced(known, "keep-alive", "keep-alive "),
    replaced(known, "keep-alive", "upgrade"),
    replaced(known, id, "Proxy-Connection: close\r\n"),
    replaced(known, id, "Retry-After: 7\r\n"),
    replaced(known, id, "Upgrade: h2c\r\n"),
    replaced(known, id, id + "Connection: close\r\n"),
    replaced(known, id, ""),
    replaced(known, id, id + id),
};

TEST(ReplyParserAlike, HeadsThatDifferWhereNobodyReadsAreKnown)
{
    for (const std::string& each : alike) {
        EXPECT_TRUE(is_known(known, each)) << each;
        EXPECT_TRUE(is_known(lesson, each)) << each;
        expect_read_as_by_beast(each + behind);
        expect_read_as_by_beast(each + each + known);
    }
}

TEST(ReplyParserAlike, HeadsThatDifferElsewhereAreForBeast)
{
    for (const std::string& each : unlike) {
        expect_read_as_by_beast(each + behind);
        if (parse(each).answers.size() == 1) {
            EXPECT_FALSE(is_known(known, each)) << each;
            EXPECT_FALSE(is_known(lesson, each)) << each;
        }
    }
}

// What the known head says decides what may differ from it.
TEST(ReplyParserAlike, HeadsBehindAnUnusualOneAreForBeastWhereTheyDiffer)
{
    const std::string end = length + "\r\n{}";
    const std::pair<std::string, std::string> pairs[] = {
        {status_line + "Content-Length: 2\r\n , 2\r\n\r\n{}",
         status_line + "Content-Length: 3\r\n , 2\r\n\r\n{}"},
        {status_line + "X: a\r\n b: c\r\n" + end, status_line + "X: a\r\n b: d\r\n" + end},
        {status_line + "X: a\r\n b: c\r\n" + end, status_line + "X: b\r\n b: c\r\n" + end},
        {status_line + length + end, status_line + "Content-Length: 3\r\n" + end},
        {status_line + "Content-Length: 2, 2\r\n\r\n{}",
         status_line + "Content-Length: 2\r\n\r\n{}"},
        {status_line + "Content-Length:10\r\n\r\n0123456789",
         status_line + "Content-Length:11\r\n\r\n0123456789a"},
        {status_line + "Proxy-Connection: keep-alive\r\n" + end,
         status_line + "Proxy-Connection: close\r\n" + end},
        {status_line + "CONNECTION: keep-alive\r\n" + end,
         status_line + "CONNECTION: close\r\n" + end},
        {status_line + "Upgrade: a\r\n" + end, status_line + "Upgrade: b\r\n" + end},
        {status_line + "Retry-After: \r\n" + end, status_line + "Retry-After: 5\r\n" + end},
        {"HTTP/1.0 200 OK\r\n" + connection + id + end,
         "HTTP/1.0 200 OK\r\n" + connection + "X-Request-Id: 1\r\n" + end},
        {"HTTP/1.1 204 No\r\nX: a\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 200 OK\r\nX: a\r\n" + end},
        {"HTTP/1.1 204 No\r\nX: a\r\nContent-Length: 0\r\n\r\n",
         "HTTP/1.1 204 No\r\nX: b\r\n" + end},
    };
    for (const auto& [first, second] : pairs) {
        EXPECT_EQ(parse_behind(first, 1, second + behind), parse(second + behind)) << second;
        if (!parse(second).answers.empty()) {
            EXPECT_FALSE(is_known(first, second)) << second;
        }
    }
}

TEST(ReplyParserAlike, OneThatIsCutAnywhereWaitsForItsRest)
{
    for (const auto* heads : {&alike, &unlike}) {
        for (const std::string& each : *heads) {
            for (std::size_t cut = 0; cut <= each.size(); ++cut)
                expect_cut_to_make_no_difference(each + behind, cut);
        }
    }
    for (const std::string& each : alike) {
        for (std::size_t cut = 1; cut < each.size(); ++cut) {
            const parsed found = parse_behind(lesson, 2, each.substr(0, cut));
            EXPECT_TRUE(found.answers.empty() && !found.idle) << each << " cut at " << cut;
        }
    }
}

TEST(ReplyParserAlike, LimitsHoldForIt)
{
    const std::string longer = replaced(known, "0f3a", std::string(200, 'x'));
    const std::size_t head = longer.size() - 2;
    // Beast does not count separators.
    for (const std::size_t limit : {head, head - 1}) {
        const reply_limits limits{.header_bytes_max = limit};
        EXPECT_EQ(is_known(known, longer, limits), limit == head);
        EXPECT_EQ(parse(known + longer, limits), parse(known + longer));
    }
    const std::string body = replaced(known, "2\r\n", "7\r\n");
    const reply_limits limits{.body_bytes_max = 6};
    reply_feeder feed(limits);
    feed.feed(known);
    feed.feed(body);
    EXPECT_EQ(feed.so_far().failure, "the answer cannot be read: a body beyond the limit");
}

TEST(ReplyParserAlike, FourFormsOfHeadsAreKnownAtOnce)
{
    const std::string fifth = "HTTP/1.1 200 OK\r\nX-Fifth: a\r\nContent-Length: 0\r\n\r\n";
    const std::string again = replaced(known, "0f3a", "0f3b");
    EXPECT_TRUE(is_known(known + other_forms, again));
    EXPECT_TRUE(is_known(known + other_forms + known, again));
    EXPECT_FALSE(is_known(known + other_forms + fifth, again)) << "it was met the longest ago";
    EXPECT_TRUE(is_known(known + other_forms + again + fifth, known)) << "it was met again";
    EXPECT_FALSE(is_known(
        known + other_forms + again + fifth,
        "HTTP/1.1 200 OK\r\nX-Cache: hit\r\nContent-Length: 1\r\n\r\n1"
    ));
}

TEST(ReplyParserAlike, AHeadIsComparedWithTheLastThatWasReadToo)
{
    // A date, which is new each second, and then the same for a while.
    const std::string next = replaced(known, "0f3a", "0f3b");
    for (const std::string& each : {next, known, next}) {
        EXPECT_TRUE(is_known(known + next, each));
        expect_read_as_by_beast(next + each + each + behind);
    }
}

}  // namespace
}  // namespace reaper
