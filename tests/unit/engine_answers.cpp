// What an answer means: the table of SPEC 6, but for what stops an account or a limit.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

// A job of tokens 1.. whose first requests are answered as scripted, all others honestly.
struct scripted_job
{
    explicit scripted_job(std::size_t tokens, api_script script)
    {
        world.api = std::move(script);
        world.start();
        world.add(tokens);
    }

    [[nodiscard]] outcome_counts finished()
    {
        EXPECT_TRUE(world.run_to_end());
        return world.outcomes();
    }

    fake_world world;
};

const std::string poor = hex_token(1);

TEST(EngineAnswers, Any2xxWithAnyBodyOrNoneIsDeleted)
{
    scripted_job job(4, [](const api_request& asked) {
        switch (asked.number) {
            case 1:
                return api_reply{.status = 201, .body = ""};
            case 2:
                return api_reply{.status = 202, .body = "<html>what?</html>"};
            case 3:
                return api_reply{.status = 204, .raw = "HTTP/1.1 204 No Content\r\n\r\n"};
            default:
                return api_reply{.status = 299, .body = R"({"code":60})"};
        }
    });
    EXPECT_EQ(job.finished()[outcome::deleted], 4U);
    EXPECT_EQ(job.world.records().at(3).status, 204);
}

TEST(EngineAnswers, A404ToACleanFirstRequestIsNotFound)
{
    scripted_job job(3, honest);
    job.world.campaigns.erase(poor);
    const outcome_counts counts = job.finished();
    EXPECT_EQ(counts[outcome::not_found], 1U);
    EXPECT_EQ(counts[outcome::deleted], 2U);
    const result_record record = job.world.records().at(1);
    EXPECT_EQ(record.result, outcome::not_found);
    EXPECT_EQ(record.status, 404);
    EXPECT_EQ(record.code, "20");
    EXPECT_EQ(record.message, "ROUTE_NOT_FOUND");
}

TEST(EngineAnswers, A404AfterARequestOfUnknownFateIsAlreadyGone)
{
    for (const api_reply& first :
         {cut(true),
          stall(true),
          api_reply{.status = 500, .removes = true},
          api_reply{.status = 408, .removes = true},
          api_reply{.status = 301, .removes = true},
          api_reply{.status = 0, .raw = "garbage\r\n\r\n", .removes = true}}) {
        scripted_job job(3, [&](const api_request& asked) {
            return asked.token == poor && asked.times == 1 ? first : honest(asked);
        });
        const outcome_counts counts = job.finished();
        EXPECT_EQ(counts[outcome::already_gone], 1U) << first.status;
        EXPECT_EQ(counts[outcome::deleted], 2U);
        EXPECT_EQ(job.world.records().at(1).attempts, 2U);
    }
}

TEST(EngineAnswers, WhatCountsAsNotSentLeavesA404NotFound)
{
    for (const int status : {429, 401, 503}) {
        scripted_job job(3, [&](const api_request& asked) {
            return asked.token == poor && asked.times == 1 ? says(status) : honest(asked);
        });
        job.world.campaigns.erase(poor);
        EXPECT_EQ(job.finished()[outcome::not_found], 1U) << status;
        EXPECT_EQ(job.world.records().at(1).attempts, 1U) << "counts as not sent";
    }
}

TEST(EngineAnswers, Other4xxIsRefusedWithCodeAndMessage)
{
    for (const int status : {400, 403, 405, 410, 422, 451, 499}) {
        scripted_job job(2, [&](const api_request& asked) {
            return asked.token == poor ? says(status) : honest(asked);
        });
        EXPECT_EQ(job.finished()[outcome::refused], 1U);
        const result_record record = job.world.records().at(1);
        EXPECT_EQ(record.status, status);
        EXPECT_EQ(record.code, "7");
        EXPECT_EQ(record.message, "SCRIPTED");
        EXPECT_EQ(record.attempts, 1U);
        EXPECT_EQ(job.world.asked(poor), 1U);
    }
}

TEST(EngineAnswers, TextOfTheApiIsRedactedInCodeAndMessage)
{
    scripted_job job(2, [](const api_request& asked) {
        return asked.token == poor
                   ? api_reply{.status = 400, .body = R"({"code":"xSECRETKEY","message":"no SECRETKEY"})"}
                   : honest(asked);
    });
    EXPECT_EQ(job.finished()[outcome::refused], 1U);
    EXPECT_EQ(job.world.job().results.find("SECRETKEY"), std::string::npos);
    EXPECT_NE(job.world.records().at(1).message.find("redacted"), std::string::npos);
}

TEST(EngineAnswers, AnUnclearAnswerIsTriedAgainWithBackOffUpToEightAttemptsThenUnknown)
{
    for (const api_reply& always : {says(500), says(502), says(504), says(408), cut()}) {
        std::vector<mono_time> asked_at;
        scripted_job job(3, [&](const api_request& asked) {
            if (asked.token != poor)
                return honest(asked);
            asked_at.push_back(asked.at);
            return always;
        });
        const outcome_counts counts = job.finished();
        EXPECT_EQ(counts[outcome::unknown], 1U);
        EXPECT_EQ(counts[outcome::deleted], 2U);
        ASSERT_EQ(asked_at.size(), 8U);
        for (std::size_t i = 1; i < asked_at.size(); ++i) {
            const duration floor = std::min<duration>(60s, 1s * (1 << (i - 1)));
            EXPECT_GE(asked_at[i] - asked_at[i - 1], floor) << "jitter is only added";
            EXPECT_LE(asked_at[i] - asked_at[i - 1], floor * 5 / 4 + 1s);
        }
        const result_record record = job.world.records().at(1);
        EXPECT_EQ(record.attempts, 8U);
        EXPECT_NE(record.message.find("8 attempts"), std::string::npos) << record.message;
    }
}

TEST(EngineAnswers, RequestsBehindALostOneAreNeitherChargedNorDelayed)
{
    // A warm connection with several in flight; it goes down once.
    bool done = false;
    mono_time lost_at{};
    scripted_job job(200, [&](const api_request& asked) {
        if (asked.ordinal == 150 && !std::exchange(done, true)) {
            lost_at = asked.at;
            return cut();
        }
        return honest(asked);
    });
    EXPECT_EQ(job.finished()[outcome::deleted], 200U);
    std::size_t twice = 0;
    for (const auto& [n, record] : job.world.records())
        twice += record.attempts == 2 ? 1U : 0U;
    EXPECT_GE(twice, 2U) << "there was something behind";
    // Only the oldest waited for its back-off.
    const std::size_t later = job.world.sends_since(lost_at + 900ms);
    EXPECT_GE(later, 1U);
    EXPECT_EQ(job.world.asked(hex_token(150)), 2U);
}

TEST(EngineAnswers, ARedirectIsNeverFollowedAndClosesTheConnection)
{
    scripted_job job(5, [](const api_request& asked) {
        return asked.number == 1
                   ? api_reply{.status = 307, .fields = "Location: https://evil.example/\r\n"}
                   : honest(asked);
    });
    EXPECT_EQ(job.finished()[outcome::deleted], 5U);
    EXPECT_EQ(job.world.connects.size(), 2U);
    EXPECT_EQ(job.world.asked(poor), 2U);
}

TEST(EngineAnswers, GarbageClosesTheConnection)
{
    scripted_job job(5, [](const api_request& asked) {
        return asked.number == 2 ? api_reply{.status = 0, .raw = "SMTP 220 hello\r\n"}
                                 : honest(asked);
    });
    EXPECT_EQ(job.finished()[outcome::deleted], 5U);
    EXPECT_EQ(job.world.connects.size(), 2U);
}

TEST(EngineAnswers, ASurplusByteClosesTheConnectionAndIsGivenToNobody)
{
    for (const char* surplus : {" ", "H", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}) {
        // After the only answer that is owed.
        scripted_job job(3, [&](const api_request& asked) {
            api_reply reply = honest(asked);
            if (asked.number == 1)
                reply.raw = reply.bytes() + surplus;
            return reply;
        });
        EXPECT_EQ(job.finished()[outcome::deleted], 3U);
        EXPECT_EQ(job.world.connects.size(), 2U);
    }
}

TEST(EngineAnswers, AnAnswerCutAnywhereIsNoAnswer)
{
    const std::string whole = api_reply{}.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        for (const auto end : {api_reply::end::reset, api_reply::end::close}) {
            scripted_job job(3, [&](const api_request& asked) {
                if (asked.number != 2)
                    return honest(asked);
                return api_reply{
                    .status = 0, .raw = whole.substr(0, size), .then = end, .removes = true};
            });
            const outcome_counts counts = job.finished();
            EXPECT_EQ(counts[outcome::already_gone], 1U) << size;
            EXPECT_EQ(counts[outcome::deleted], 2U) << size;
        }
    }
}

TEST(EngineAnswers, AnAnswerMayComeInPiecesOfAnySize)
{
    for (const std::size_t size : {1U, 2U, 3U, 7U, 40U}) {
        scripted_job job(50, [](const api_request& asked) {
            return asked.number % 7 == 0 ? says(400) : honest(asked);
        });
        job.world.piece_bytes = size;
        const outcome_counts counts = job.finished();
        EXPECT_EQ(counts[outcome::deleted], 43U);
        EXPECT_EQ(counts[outcome::refused], 7U);
    }
}

TEST(EngineAnswers, ACloseDelimitedAnswerIsWholeWhenTheServerCloses)
{
    scripted_job job(4, [](const api_request& asked) {
        if (asked.number != 2)
            return honest(asked);
        return api_reply{
            .raw = "HTTP/1.1 200 OK\r\n\r\n{\"deleted\": true", .then = api_reply::end::close};
    });
    // The fake sees the 2xx before its end: the connection's end is what completes it.
    EXPECT_EQ(job.finished()[outcome::deleted], 4U);
}

TEST(EngineAnswers, InterimAnswersAreNoAnswers)
{
    scripted_job job(4, [](const api_request& asked) {
        api_reply reply = honest(asked);
        reply.raw = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + reply.bytes();
        return reply;
    });
    EXPECT_EQ(job.finished()[outcome::deleted], 4U);
    EXPECT_EQ(job.world.connects.size(), 1U);
}

TEST(EngineAnswers, NoAnswerIn30sFromTheLastOneLosesTheConnection)
{
    // The third of several in flight stalls: 30 s count from the second's answer.
    mono_time last_answer{};
    scripted_job job(300, [&](const api_request& asked) {
        if (asked.number == 100) {
            last_answer = asked.at + 40ms;
            return stall(true);
        }
        return honest(asked);
    });
    mono_time again{};
    ASSERT_TRUE(job.world.run_until([&] { return job.world.connects.size() == 2; }));
    again = job.world.now().mono;
    EXPECT_GE(again - last_answer, 30s - 40ms);
    EXPECT_LE(again - last_answer, 30s + 100ms);
    const outcome_counts counts = job.finished();
    EXPECT_EQ(counts[outcome::already_gone], 1U);
    EXPECT_EQ(counts[outcome::deleted], 299U);
    EXPECT_NE(job.world.records().at(100).result, outcome::not_found);
}

TEST(EngineAnswers, SlowAnswersThatKeepComingAreNoTimeout)
{
    scripted_job job(5, [](const api_request& asked) {
        api_reply reply = honest(asked);
        reply.delay = 29s;
        return reply;
    });
    EXPECT_EQ(job.finished()[outcome::deleted], 5U);
    EXPECT_EQ(job.world.connects.size(), 1U);
}

}  // namespace
}  // namespace reaper::test
