// Where an answer ends: what is refused because it would leave that in doubt, the limits, and bytes
// that arrive in any pieces.

#include "support/reply_feeder.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace reaper {
namespace {

using namespace test;

TEST(ReplyFraming, WhatLeavesTheBorderInDoubtIsAFailure)
{
    const std::string status = "HTTP/1.1 200 OK\r\n";
    for (const std::string& bytes : {
             status + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
             status + "Content-Length: 2, 3\r\n\r\n{}",
             status + "Content-Length: -2\r\n\r\n{}",
             status + "Content-Length: +2\r\n\r\n{}",
             status + "Content-Length: 0x2\r\n\r\n{}",
             status + "Content-Length: \r\n\r\n{}",
             status + "Content-Length: 99999999999999999999999\r\n\r\n{}",
             status + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             status + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
             status + "Transfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
             status + "Content-Length: 2\r\nTransfer-Encoding: gzip\r\n\r\n{}",
             status + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
             status + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
             status + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             status + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             status + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
             status + "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
             status + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
             status + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
             status + "no colon\r\n\r\n",
             status + "Content-Length : 2\r\n\r\n{}",
             status + "A: b\nContent-Length: 2\r\n\r\n{}",
             std::string("HTTP/2 200\r\nContent-Length: 0\r\n\r\n"),
             std::string("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
             std::string("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
             std::string("\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
             std::string("garbage that is no HTTP at all\r\n\r\n"),
             std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\x00", 14),
         }) {
        EXPECT_TRUE(failure_of(bytes).starts_with("the answer cannot be read: ")) << bytes;
    }
}

TEST(ReplyFraming, NothingComesAfterAFailure)
{
    reply_feeder feed;
    feed.feed(ok + "garbage that is no HTTP at all\r\n\r\n" + ok);
    feed.feed(ok);
    const parsed found = feed.end();
    EXPECT_EQ(found.answers.size(), 1u);
    EXPECT_NE(found.failure, "");
}

TEST(ReplyFraming, EqualLengthsMayRepeat)
{
    EXPECT_EQ(
        parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}").answers.size(),
        1u
    );
}

TEST(ReplyFraming, AnEndInsideAnAnswerIsAFailure)
{
    const std::string chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    for (const std::string& whole : {ok, chunked}) {
        for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
            reply_feeder feed;
            feed.feed(whole.substr(0, cut));
            const parsed found = feed.end();
            const bool inside = cut > 0 && cut < whole.size();
            EXPECT_EQ(!found.failure.empty(), inside) << cut;
            EXPECT_EQ(found.answers.size(), cut == whole.size() ? 1u : 0u) << cut;
        }
    }
}

// Beast 1.81 asserts that it sees five bytes or none of a last chunk that no other came before.
TEST(ReplyFraming, AnEmptyChunkedBodyMayBeCutAnywhere)
{
    for (const std::string ending : {"0\r\n\r\n", "0\r\nX: y\r\n\r\n", "000;a=b\r\n\r\n"}) {
        const std::string empty =
            "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n" + ending;
        const std::string bytes = empty + ok;
        for (std::size_t first = 0; first <= empty.size(); ++first) {
            for (std::size_t second = first; second <= empty.size(); ++second) {
                reply_feeder feed;
                feed.feed(bytes.substr(0, first));
                feed.feed(bytes.substr(first, second - first));
                EXPECT_EQ(feed.so_far().answers.size(), second == empty.size() ? 1u : 0u);
                feed.feed(bytes.substr(second));
                EXPECT_EQ(feed.so_far(), parse(bytes)) << first << ' ' << second;
            }
        }
        EXPECT_EQ(parse(bytes).answers.size(), 2u);
    }
}

TEST(ReplyFraming, BoundsHeaders)
{
    const std::string name_and_ends = "X: \r\n";
    for (const std::size_t padding : {15'000u, 17'000u, 200'000u}) {
        const std::string field = "X: " + std::string(padding, 'x') + "\r\n";
        const std::string bytes = reply("200 OK", "{}", field);
        for (const std::size_t chunk : {std::size_t{1000}, bytes.size()}) {
            reply_feeder feed;
            for (std::size_t at = 0; at < bytes.size(); at += chunk)
                feed.feed(std::string_view(bytes).substr(at, chunk));
            EXPECT_EQ(feed.so_far().answers.size(), padding < 16'000 ? 1u : 0u);
            EXPECT_EQ(feed.so_far().failure.empty(), padding < 16'000);
        }
    }
}

TEST(ReplyFraming, BoundsHeadersOfManyFieldsChunkHeadersAndTrailers)
{
    std::string fields;
    for (int i = 0; i < 5000; ++i)
        fields += "X-Field: value\r\n";
    EXPECT_NE(failure_of(reply("200 OK", "{}", fields)), "");
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_NE(failure_of(chunked + "1;" + std::string(20'000, 'x')), "");
    EXPECT_NE(failure_of(chunked + "0\r\n" + fields + "\r\n"), "");
    EXPECT_NE(failure_of(chunked + "0\r\nX: " + std::string(20'000, 'x')), "");
}

TEST(ReplyFraming, KeepsTheStartOfALongBodyAndSkipsTheRest)
{
    const reply_limits limits{.body_bytes_max = 100, .body_kept_max = 10};
    const std::string body(100, 'b');
    const parsed found = parse(reply("400 Bad", body) + ok, limits);
    ASSERT_EQ(found.answers.size(), 2u);
    EXPECT_EQ(found.bodies[0], std::string(10, 'b'));
    EXPECT_EQ(found.bodies[1], "{}");
}

TEST(ReplyFraming, ABodyBeyondTheLimitIsAFailure)
{
    const reply_limits limits{.body_bytes_max = 100, .body_kept_max = 10};
    const std::string body(101, 'b');
    for (const std::string& bytes :
         {reply("200 OK", body),
          "HTTP/1.1 200 OK\r\n\r\n" + body,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + body + "\r\n0\r\n\r\n"}) {
        const parsed found = parse(bytes, limits);
        EXPECT_TRUE(found.answers.empty());
        EXPECT_EQ(found.failure, "the answer cannot be read: a body beyond the limit");
    }
}

const std::string every_kind =
    "HTTP/1.1 100 Continue\r\n\r\n" + ok +
    reply("429 Slow", R"({"code":60,"message":"m"})", "Retry-After: 9\r\n") +
    "HTTP/1.1 400\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"code\":7\r\n1;x=y\r\n}\r\n0\r\nT: "
    "1\r\n\r\n" +
    "HTTP/1.1 204 No Content\r\n\r\n" + reply("200 OK", "", "Connection: close\r\n") +
    "HTTP/1.1 500 Oops\r\n\r\nuntil the end";

parsed parsed_in_pieces(std::string_view bytes, const std::vector<std::size_t>& cuts)
{
    reply_feeder feed;
    std::size_t from = 0;
    for (const std::size_t cut : cuts) {
        feed.feed(bytes.substr(from, cut - from));
        from = cut;
    }
    feed.feed(bytes.substr(from));
    return feed.end();
}

TEST(ReplyFraming, AnySplitGivesTheSameAnswers)
{
    const parsed whole = parsed_in_pieces(every_kind, {});
    ASSERT_EQ(whole.answers.size(), 6u) << whole.failure;
    ASSERT_EQ(whole.failure, "");
    for (std::size_t cut = 0; cut <= every_kind.size(); ++cut)
        EXPECT_TRUE(parsed_in_pieces(every_kind, {cut}) == whole) << cut;
    std::vector<std::size_t> every_byte;
    for (std::size_t at = 1; at < every_kind.size(); ++at)
        every_byte.push_back(at);
    EXPECT_TRUE(parsed_in_pieces(every_kind, every_byte) == whole);
}

TEST(ReplyFraming, AnyRandomSplitGivesTheSameAnswers)
{
    const parsed whole = parsed_in_pieces(every_kind, {});
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::size_t> cuts;
        for (std::size_t at = 0; at < every_kind.size(); at += random() % 40)
            cuts.push_back(at);
        ASSERT_TRUE(parsed_in_pieces(every_kind, cuts) == whole) << "round " << round;
    }
}

TEST(ReplyFraming, AnyDamageIsSurvivedAndReadTheSameInAnySplit)
{
    std::mt19937 random(11);
    for (int round = 0; round < 3000; ++round) {
        std::string bytes = every_kind;
        for (auto hits = 1 + random() % 3; hits > 0; --hits)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        const parsed whole = parsed_in_pieces(bytes, {});
        const parsed split = parsed_in_pieces(bytes, {random() % bytes.size()});
        ASSERT_EQ(split.answers, whole.answers) << "round " << round;
        ASSERT_EQ(split.failure.empty(), whole.failure.empty()) << "round " << round;
    }
}

}  // namespace
}  // namespace reaper
