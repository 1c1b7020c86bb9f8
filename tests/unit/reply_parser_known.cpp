// An answer whose head is the same as one before is taken without Beast: it must read as if it were
// not.

#include "support/reply_feeder.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace reaper {
namespace {

using namespace test;

// What each message gives by itself, in a parser that has seen nothing before.
parsed one_by_one(const std::vector<std::string>& messages)
{
    parsed all;
    for (const std::string& each : messages) {
        const parsed found = parse(each);
        EXPECT_EQ(found.answers.size(), 1u) << each;
        all.answers.insert(all.answers.end(), found.answers.begin(), found.answers.end());
        all.bodies.insert(all.bodies.end(), found.bodies.begin(), found.bodies.end());
    }
    all.idle = true;
    return all;
}

std::string joined(const std::vector<std::string>& messages)
{
    std::string bytes;
    for (const std::string& each : messages)
        bytes += each;
    return bytes;
}

const std::vector<std::string> kinds = {
    reply("200 OK", "{}"),
    reply("200 OK", "[]"),
    reply("200 OK", "{}", "Server: nginx\r\n"),
    reply("200 OK", "", "Retry-After: 7\r\n"),
    reply("404 Not Found", R"({"code":20,"message":"one"})"),
    reply("404 Not Found", R"({"code":21,"message":"two"})"),
    reply("429 Too Many Requests", R"({"code":60})", "Retry-After: 9\r\n"),
    reply("200 OK", "{}", "Connection: close\r\n"),
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
};

TEST(ReplyParserKnown, AnswersAreTheSameInWhateverOrderTheyCome)
{
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        // Mostly one kind after itself.
        std::vector<std::string> messages;
        while (messages.size() < 12) {
            const std::string& kind = kinds[random() % kinds.size()];
            for (auto times = 1 + random() % 4; times > 0; --times)
                messages.push_back(kind);
        }
        const std::string bytes = joined(messages);
        const parsed expected = one_by_one(messages);
        for (const std::size_t piece : {bytes.size(), std::size_t{1}, 1 + random() % 200}) {
            reply_feeder feed;
            for (std::size_t at = 0; at < bytes.size(); at += piece)
                feed.feed(std::string_view(bytes).substr(at, piece));
            ASSERT_EQ(feed.so_far(), expected) << "round " << round << ", pieces of " << piece;
        }
    }
}

TEST(ReplyParserKnown, OneThatIsCutAnywhereWaitsForItsRest)
{
    const std::string body = R"({"code":31,"message":"x"})";
    const std::string known = reply("400 Bad Request", body);
    for (std::size_t cut = 0; cut < known.size(); ++cut) {
        reply_feeder feed;
        feed.feed(known + known + known.substr(0, cut));
        EXPECT_EQ(feed.so_far().answers.size(), 2u) << cut;
        EXPECT_EQ(feed.so_far().idle, cut == 0) << cut;
        feed.feed(known.substr(cut));
        const parsed found = feed.so_far();
        ASSERT_EQ(found.answers.size(), 3u) << cut;
        EXPECT_EQ(found.answers[2], found.answers[0]) << cut;
        EXPECT_EQ(found.bodies[2], body) << cut;
        EXPECT_TRUE(found.idle) << cut;
    }
}

TEST(ReplyParserKnown, AnyOtherByteInItsHeadIsSeen)
{
    const std::string known = reply("200 OK", "{}", "X: abc\r\n");
    const std::size_t head = known.size() - 2;
    for (std::size_t bit = 0; bit < head * 8; ++bit) {
        std::string flipped = known;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        const parsed alone = parse(flipped);
        const parsed behind = parse(known + known + flipped);
        EXPECT_EQ(behind.failure, alone.failure) << bit;
        EXPECT_EQ(behind.idle, alone.idle) << bit;
        ASSERT_EQ(behind.answers.size(), 2 + alone.answers.size()) << bit;
        for (std::size_t i = 0; i < alone.answers.size(); ++i)
            EXPECT_EQ(behind.answers[2 + i], alone.answers[i]) << bit;
    }
}

TEST(ReplyParserKnown, ASurplusByteBehindItIsSeen)
{
    const parsed found = parse(ok + ok + ok + "x");
    EXPECT_EQ(found.answers.size(), 3u);
    EXPECT_FALSE(found.idle);
}

TEST(ReplyParserKnown, InterimAnswersBeforeItAreCounted)
{
    const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
    const reply_limits limits{.interim_max = 2};
    EXPECT_EQ(
        parse(ok + interim + interim + ok + interim + interim + ok, limits).answers.size(), 3u
    );
    const parsed found = parse(ok + interim + interim + interim + ok, limits);
    EXPECT_EQ(found.answers.size(), 1u);
    EXPECT_NE(found.failure, "");
}

TEST(ReplyParserKnown, ItsBodyIsKeptWithinTheBound)
{
    const reply_limits limits{.body_kept_max = 4};
    const parsed found = parse(reply("200 OK", "123456") + reply("200 OK", "abcdef"), limits);
    EXPECT_EQ(found.bodies, (std::vector<std::string>{"1234", "abcd"}));
    EXPECT_TRUE(found.idle);
}

}  // namespace
}  // namespace reaper
