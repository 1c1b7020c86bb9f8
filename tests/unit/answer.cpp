#include "reaper/core/answer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace reaper {
namespace {

using namespace std::chrono_literals;

verdict verdict_of(int status)
{
    answer given;
    given.status = status;
    return judge(given);
}

TEST(Answer, Any2xxIsDeleted)
{
    for (int status = 200; status < 300; ++status)
        EXPECT_EQ(verdict_of(status), verdict::deleted) << status;
}

TEST(Answer, EveryStatusThatTheContractNamesHasItsVerdict)
{
    EXPECT_EQ(verdict_of(401), verdict::blocked);
    EXPECT_EQ(verdict_of(403), verdict::misuse);
    EXPECT_EQ(verdict_of(404), verdict::gone);
    EXPECT_EQ(verdict_of(408), verdict::unclear);
    EXPECT_EQ(verdict_of(429), verdict::throttled);
    EXPECT_EQ(verdict_of(503), verdict::maintenance);
}

TEST(Answer, EveryOther4xxIsRefused)
{
    for (int status = 400; status < 500; ++status) {
        const bool named =
            status == 401 || status == 403 || status == 404 || status == 408 || status == 429;
        EXPECT_EQ(verdict_of(status) == verdict::refused, !named) << status;
    }
}

TEST(Answer, EveryOther5xxIsUnclear)
{
    for (int status = 500; status < 600; ++status)
        EXPECT_EQ(verdict_of(status) == verdict::unclear, status != 503) << status;
}

TEST(Answer, InterimRedirectAndWhatIsNoStatusIsBroken)
{
    for (int status = -1; status < 200; ++status)
        EXPECT_EQ(verdict_of(status), verdict::broken) << status;
    for (int status = 300; status < 400; ++status)
        EXPECT_EQ(verdict_of(status), verdict::broken) << status;
    for (int status = 600; status < 1000; ++status)
        EXPECT_EQ(verdict_of(status), verdict::broken) << status;
}

TEST(Answer, EveryVerdictHasAName)
{
    EXPECT_EQ(to_string(verdict::deleted), "deleted");
    EXPECT_EQ(to_string(verdict::broken), "broken");
}

answer read(std::string_view body)
{
    answer given;
    read_error_body(body, given);
    return given;
}

TEST(ErrorBody, ReadsBothFormsOfTheApi)
{
    const answer mep = read(R"_({"code": 31, "message": "MALFORMED_PARAMETER (t)"})_");
    EXPECT_EQ(mep.code, "31");
    EXPECT_EQ(mep.message, "MALFORMED_PARAMETER (t)");
    const answer cep = read(R"({"error_message": "no such id", "error_code": "NOT_FOUND"})");
    EXPECT_EQ(cep.code, "NOT_FOUND");
    EXPECT_EQ(cep.message, "no such id");
}

TEST(ErrorBody, SurvivesWhatIsNoErrorObject)
{
    const std::string deep(5000, '[');
    for (const std::string_view body :
         {std::string_view("<html>502</html>"),
          std::string_view(""),
          std::string_view("[]"),
          std::string_view("null"),
          std::string_view("{\"code\":31"),
          std::string_view("{}"),
          std::string_view("{\"code\":[1],\"message\":{}}"),
          std::string_view("\"\xff\""),
          std::string_view(deep)}) {
        const answer given = read(body);
        EXPECT_EQ(given.code, "") << body;
        EXPECT_EQ(given.message, "") << body;
    }
}

TEST(ErrorBody, TextIsRawAndBounded)
{
    EXPECT_EQ(read(R"({"message":"a\nb"})").message, "a\nb");
    EXPECT_EQ(read("{\"code\":\"" + std::string(500, 'c') + "\"}").code.size(), 64u);
    const std::string long_text = "x" + std::string(2000, '\xc3') + "\n";
    EXPECT_EQ(read("{\"message\":\"" + long_text + "\"}").message, "") << "it is no UTF-8";
    std::string accents = "x";
    for (int i = 0; i < 1000; ++i)
        accents += "\xc3\xa9";
    const auto message = read("{\"message\":\"" + accents + "\"}").message;
    EXPECT_EQ(message, accents.substr(0, 1023)) << "1 KiB, and no half character";
}

wall_time at(std::string_view text)
{
    return *parse_rfc3339(text);
}

const wall_time now = at("2026-11-22T20:30:15.250Z");

TEST(RetryAfter, IsSecondsBoundedToAnHour)
{
    EXPECT_EQ(parse_retry_after("0", now), 0s);
    EXPECT_EQ(parse_retry_after("7", now), 7s);
    EXPECT_EQ(parse_retry_after("007", now), 7s);
    EXPECT_EQ(parse_retry_after("3600", now), 1h);
    EXPECT_EQ(parse_retry_after("3601", now), 1h);
    EXPECT_EQ(parse_retry_after("99999999999999999999999999", now), 1h);
}

TEST(RetryAfter, IsADateInAnyOfTheThreeForms)
{
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 20:30:25 GMT", now), 9750ms);
    EXPECT_EQ(parse_retry_after("Sunday, 22-Nov-26 20:30:25 GMT", now), 9750ms);
    EXPECT_EQ(parse_retry_after("Sun Nov 22 20:30:25 2026", now), 9750ms);
}

TEST(RetryAfter, IsNeverNegativeAndNeverBeyondAnHour)
{
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 20:30:15 GMT", now), 0s);
    EXPECT_EQ(parse_retry_after("Mon, 01 Jan 0001 00:00:00 GMT", now), 0s);
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 21:30:16 GMT", now), 1h);
    EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", now), 1h);
}

TEST(RetryAfter, AnythingElseIsNone)
{
    for (const std::string_view text :
         {"",
          " ",
          "-1",
          "+1",
          "1.5",
          "5s",
          "soon",
          "Sun, 22 Nov 2026 20:30:25",
          "GMT",
          "Sun, 22 Nov 2026 24:30:25 GMT",
          "Sun, 31 Nov 2026 20:30:25 GMT",
          "Sun, 22 Xyz 2026 20:30:25 GMT",
          "Sun, 22 Nov 26 20:30:25 GMT",
          "Sun, 22 Nov 2026 20:30:25 GMT x",
          "Sun, 2 Nov 2026 20:30:25 GMT",
          "Sun, 22 Nov 2026 20:30 GMT",
          "Sun, -2 Nov 2026 20:30:25 GMT",
          "2026-11-22T20:30:25Z",
          "Sun Nov 22 20:30:25 2026 GMT"})
        EXPECT_EQ(parse_retry_after(text, now), std::nullopt) << text;
}

TEST(HttpDate, ReadsTheExamplesOfTheRfc)
{
    const wall_time expected = at("1994-11-06T08:49:37.000Z");
    const wall_time then = at("2000-01-01T00:00:00.000Z");
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", then), expected);
    EXPECT_EQ(
        parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", at("1995-01-01T00:00:00.000Z")), expected
    );
    EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", then), expected);
}

TEST(HttpDate, ATwoDigitYearMoreThan50YearsAheadIsInThePast)
{
    EXPECT_EQ(
        parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now), at("1994-11-06T08:49:37.000Z")
    );
    EXPECT_EQ(
        parse_http_date("Friday, 06-Nov-76 08:49:37 GMT", now), at("2076-11-06T08:49:37.000Z")
    );
}

}  // namespace
}  // namespace reaper
