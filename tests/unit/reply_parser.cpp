#include "reaper/core/reply_parser.hpp"

#include "support/reply_feeder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace reaper {
namespace {

using namespace std::chrono_literals;
using namespace test;

TEST(ReplyParser, ReadsAnAnswer)
{
    const parsed found = parse(ok);
    ASSERT_EQ(found.answers.size(), 1u);
    EXPECT_EQ(found.answers[0], answer{.status = 200});
    EXPECT_EQ(found.bodies[0], "{}");
    EXPECT_TRUE(found.idle);
    EXPECT_EQ(found.failure, "");
}

TEST(ReplyParser, ReadsTheErrorOfTheApi)
{
    const parsed found = parse(reply("400 Bad Request", R"({"code":31,"message":"MALFORMED"})"));
    ASSERT_EQ(found.answers.size(), 1u);
    EXPECT_EQ(found.answers[0].code, "31");
    EXPECT_EQ(found.answers[0].message, "MALFORMED");
}

TEST(ReplyParser, SurvivesAnErrorThatIsNoJson)
{
    const parsed found = parse(reply("502 Bad Gateway", "<html>upstream</html>") + ok);
    ASSERT_EQ(found.answers.size(), 2u);
    EXPECT_EQ(found.answers[0].status, 502);
    EXPECT_EQ(found.answers[0].code, "");
    EXPECT_EQ(found.answers[0].message, "");
}

TEST(ReplyParser, ReadsNoCodeFromASuccess)
{
    const parsed found = parse(reply("201 Ok", R"({"code":31,"message":"x"})"));
    ASSERT_EQ(found.answers.size(), 1u);
    EXPECT_EQ(found.answers[0].code, "");
}

TEST(ReplyParser, AnswersDoNotInheritFromEachOther)
{
    const parsed found = parse(
        reply(
            "429 Slow", R"({"code":60,"message":"m"})", "Retry-After: 9\r\nConnection: close\r\n"
        ) +
        reply("400 Bad", "")
    );
    ASSERT_EQ(found.answers.size(), 2u);
    EXPECT_EQ(
        found.answers[0],
        (answer{.status = 429, .code = "60", .message = "m", .retry_after = 9s, .close = true})
    );
    EXPECT_EQ(found.answers[1], answer{.status = 400});
}

TEST(ReplyParser, ReadsRetryAfterAsADate)
{
    const parsed found =
        parse(reply("429 Slow", "", "retry-after: Sun, 22 Nov 2026 20:30:25 GMT\r\n"));
    ASSERT_EQ(found.answers.size(), 1u);
    EXPECT_EQ(found.answers[0].retry_after, 10s);
}

TEST(ReplyParser, AcceptsTheOneRealCapture)
{
    const parsed found = parse(
        "HTTP/1.1 201 Ok\r\nServer: nginx\r\nContent-Type: text/html\r\n"
        "Content-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"
    );
    ASSERT_EQ(found.answers.size(), 1u);
    EXPECT_EQ(found.answers[0].status, 201);
    EXPECT_FALSE(found.answers[0].close);
}

TEST(ReplyParser, AcceptsOddReasonPhrases)
{
    for (const std::string status :
         {"200 ",
          "200",
          "200 Alles klar (\xc3\xa9t\xc3\xa9 \xff)",
          "200  two  spaces ",
          "200 \t"}) {
        const parsed found = parse(reply(status, "x") + reply(status, "") + ok);
        EXPECT_EQ(found.answers.size(), 3u) << status << ": " << found.failure;
    }
}

TEST(ReplyParser, ReadsChunkedBodiesWithExtensionsAndTrailers)
{
    const parsed found = parse(
        "HTTP/1.1 400 Bad\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
        "5;name=value\r\n{\"cod\r\n1A\r\ne\":31,\"message\":\"in parts\"\r\n1\r\n}\r\n"
        "0\r\nRetry-After: 99\r\nX-Trailer: 1\r\n\r\n" +
        ok
    );
    ASSERT_EQ(found.answers.size(), 2u) << found.failure;
    EXPECT_EQ(found.answers[0].code, "31");
    EXPECT_EQ(found.answers[0].message, "in parts");
    EXPECT_EQ(found.answers[0].retry_after, std::nullopt) << "a trailer is no header";
    EXPECT_TRUE(found.idle);
}

TEST(ReplyParser, AnAnswerWithoutLengthEndsWithTheConnection)
{
    reply_feeder feed;
    feed.feed("HTTP/1.1 400 Bad\r\n\r\n{\"code\":31");
    EXPECT_TRUE(feed.so_far().answers.empty());
    EXPECT_FALSE(feed.so_far().idle);
    feed.feed(",\"message\":\"m\"}");
    EXPECT_TRUE(feed.so_far().answers.empty());
    const parsed found = feed.end();
    ASSERT_EQ(found.answers.size(), 1u);
    EXPECT_EQ(found.answers[0].code, "31");
    EXPECT_TRUE(found.answers[0].close);
    EXPECT_EQ(found.failure, "");
}

TEST(ReplyParser, AnAnswerWithoutLengthMayHaveNoBody)
{
    reply_feeder feed;
    feed.feed("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_EQ(feed.end().answers.size(), 1u);
}

TEST(ReplyParser, Statuses204And304HaveNoBodyWhateverTheySay)
{
    const parsed found = parse(
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n" +
        ok
    );
    EXPECT_EQ(found.answers.size(), 4u) << found.failure;
    EXPECT_TRUE(found.idle);
}

TEST(ReplyParser, SkipsInterimAnswers)
{
    const parsed found = parse(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nRetry-After: "
        "3\r\n\r\n" +
        ok
    );
    ASSERT_EQ(found.answers.size(), 1u);
    EXPECT_EQ(found.answers[0].status, 200);
    EXPECT_EQ(found.answers[0].retry_after, std::nullopt);
}

// While nothing is owed it is a surplus like any other byte, whether it comes whole or in pieces.
TEST(ReplyParser, AnInterimAnswerIsTheBeginningOfAnAnswer)
{
    const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    for (std::size_t cut = 1; cut <= interim.size(); ++cut)
        EXPECT_FALSE(parse(interim.substr(0, cut)).idle) << cut;
    EXPECT_TRUE(parse(interim + ok).idle);
    EXPECT_FALSE(parse(interim + ok + interim).idle);
    reply_feeder feed;
    feed.feed(interim);
    const parsed ended = feed.end();
    EXPECT_EQ(ended.failure, "the answer cannot be read: the connection ended inside an answer");
    EXPECT_TRUE(ended.answers.empty());
}

TEST(ReplyParser, BoundsInterimAnswersInARow)
{
    std::string sixteen;
    for (int i = 0; i < 16; ++i)
        sixteen += "HTTP/1.1 102 Processing\r\n\r\n";
    EXPECT_EQ(parse(sixteen + ok + sixteen + ok).answers.size(), 2u) << "the count starts afresh";
    EXPECT_EQ(
        failure_of(sixteen + "HTTP/1.1 102 Processing\r\n\r\n"),
        "the answer cannot be read: too many interim answers"
    );
}

TEST(ReplyParser, ASwitchOfProtocolsIsAFailure)
{
    EXPECT_NE(failure_of("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n"), "");
}

TEST(ReplyParser, SaysWhenTheConnectionCloses)
{
    const std::pair<std::string, bool> cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: "
         "0\r\n\r\n",
         true},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", false},
    };
    for (const auto& [bytes, close] : cases) {
        const parsed found = parse(bytes);
        ASSERT_EQ(found.answers.size(), 1u) << bytes;
        EXPECT_EQ(found.answers[0].close, close) << bytes;
    }
}

TEST(ReplyParser, GivesSeveralAnswersOfOneBufferInOrder)
{
    std::string bytes;
    for (int status = 200; status < 300; ++status)
        bytes += reply(std::to_string(status) + " x", status == 204 ? "" : "body");
    const parsed found = parse(bytes);
    ASSERT_EQ(found.answers.size(), 100u);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(found.answers[static_cast<std::size_t>(i)].status, 200 + i);
}

TEST(ReplyParser, ASurplusByteIsSeen)
{
    for (const std::string surplus : {"H", "\r", "\n", "x"}) {
        const parsed found = parse(ok + surplus);
        EXPECT_EQ(found.answers.size(), 1u);
        EXPECT_TRUE(!found.idle || !found.failure.empty());
    }
}

}  // namespace
}  // namespace reaper
