// The server over real sockets: routes, order, limits.

#include "support/sandbox_server.hpp"

#include "sandbox/tokens.hpp"
#include "support/raw_client.hpp"
#include "support/sandbox_calls.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace reaper::test;

TEST(SandboxServer, DeletesOnceThenFindsNothing)
{
    sandbox_server server(plain_options());
    EXPECT_EQ(status_of(ask(server, remove_call(1))), 200);
    const auto again = ask(server, remove_call(1));
    EXPECT_EQ(status_of(again), 404);
    EXPECT_EQ(body_of(again), R"({"code":20,"message":"ROUTE_NOT_FOUND"})");
}

TEST(SandboxServer, ServesBothKindsOrTheOneThatItIsToldTo)
{
    const auto in_app = call("POST " + path("/in-app-campaigns/delete/" + token_number(2)));
    sandbox_server both(plain_options());
    EXPECT_EQ(status_of(ask(both, in_app)), 200);

    auto options = plain_options();
    options.only_kind = "campaigns";
    sandbox_server one(options);
    EXPECT_EQ(status_of(ask(one, in_app)), 404);
    EXPECT_EQ(status_of(ask(one, remove_call(2))), 200);
}

TEST(SandboxServer, WrongRestKeyIs401AndDeletesNothing)
{
    sandbox_server server(plain_options());
    const auto refused =
        ask(server, call("POST " + path("/campaigns/delete/" + token_number(1)), "wrong"));
    EXPECT_EQ(status_of(refused), 401);
    EXPECT_EQ(body_of(refused), R"({"code":10,"message":"AUTHENTICATION_INVALID"})");
    EXPECT_EQ(status_of(ask(server, remove_call(1))), 200);
}

TEST(SandboxServer, WrongApiKeyMethodOrPathIs404AndDeletesNothing)
{
    sandbox_server server(plain_options());
    for (const auto& request :
         {call("POST /1.1/WRONG/campaigns/delete/" + token_number(1)),
          call("GET " + path("/campaigns/delete/" + token_number(1))),
          call("POST " + path("/campaign/delete/" + token_number(1))),
          call("POST " + path("/campaigns/delete/" + token_number(1) + "/x")),
          call("POST " + path("/campaigns/delete/")),
          call("POST " + path("/campaigns/delete")),
          call("POST /2.0/x"),
          call("POST /")})
        EXPECT_EQ(status_of(ask(server, request)), 404) << request;
    EXPECT_EQ(status_of(ask(server, remove_call(1))), 200);
}

TEST(SandboxServer, ListsWhatIsLeftByPages)
{
    auto options = plain_options();
    options.campaigns = sandbox::parse_campaigns("25");
    sandbox_server server(options);
    const sandbox::token_sequence sequence(options.seed);
    const auto token_at = [&](std::uint64_t i) { return sandbox::format_token(sequence.at(i)); };

    const auto first = body_of(ask(server, call("GET " + path("/campaigns/list"))));
    EXPECT_NE(first.find(token_at(0)), std::string::npos);
    EXPECT_NE(first.find(token_at(9)), std::string::npos);
    EXPECT_EQ(first.find(token_at(10)), std::string::npos);

    ask(server, call("POST " + path("/campaigns/delete/" + token_at(0))));
    const auto shifted =
        body_of(ask(server, call("GET " + path("/campaigns/list?from=1&limit=1"))));
    EXPECT_NE(shifted.find(token_at(2)), std::string::npos);
    EXPECT_EQ(body_of(ask(server, call("GET " + path("/campaigns/list?from=24")))), "[]");
    EXPECT_EQ(status_of(ask(server, call("GET " + path("/campaigns/list?limit=101")))), 400);
    EXPECT_EQ(status_of(ask(server, call("GET " + path("/campaigns/list?live=maybe")))), 400);
}

TEST(SandboxServer, ListFiltersByLiveAndOrigin)
{
    auto options = plain_options();
    options.campaigns = sandbox::parse_campaigns("60");
    sandbox_server server(options);
    std::size_t listed = 0;
    for (const auto* filter :
         {"live=true&from_api=true",
          "live=true&from_api=false",
          "live=false&from_api=true",
          "live=false&from_api=false"}) {
        const auto body =
            body_of(ask(server, call("GET " + path("/campaigns/list?limit=100&") + filter)));
        const bool live = std::string_view(filter).starts_with("live=true");
        EXPECT_EQ(body.find(live ? R"("live":false)" : R"("live":true)"), std::string::npos);
        for (auto at = body.find("campaign_token"); at != std::string::npos;
             at = body.find("campaign_token", at + 1))
            ++listed;
    }
    EXPECT_EQ(listed, 60U);
}

TEST(SandboxServer, ViewsACampaignUntilItIsDeleted)
{
    sandbox_server server(plain_options());
    const auto view = call("GET " + path("/campaigns/" + token_number(1)));
    EXPECT_NE(body_of(ask(server, view)).find(token_number(1)), std::string::npos);
    ask(server, remove_call(1));
    EXPECT_EQ(status_of(ask(server, view)), 404);
}

TEST(SandboxServer, AnswersPipelinedRequestsInTheirOrder)
{
    sandbox_server server(plain_options());
    raw_client client(server.port());
    std::string burst;
    for (int i = 0; i < 500; ++i)
        burst += remove_call(i / 2);  // each twice: 200, 404, 200, 404, ...
    client.send(burst);
    for (int i = 0; i < 500; ++i)
        ASSERT_EQ(status_of(client.read_answer()), i % 2 == 0 ? 200 : 404) << i;

    const auto ledger = server.ledger();
    ASSERT_EQ(ledger.size(), 500U);
    for (std::size_t i = 0; i < 500; ++i) {
        EXPECT_EQ(ledger[i].request, i + 1);
        EXPECT_EQ(ledger[i].token, token_number(static_cast<int>(i / 2)));
        EXPECT_EQ(ledger[i].executed, i % 2 == 0);
        EXPECT_GE(ledger[i].answered, ledger[i].received);
    }
}

TEST(SandboxServer, LatencyDelaysAnswersWithoutHinderingPipelining)
{
    auto options = plain_options();
    options.latency = 80ms;
    options.jitter = 20ms;
    sandbox_server server(options);
    raw_client client(server.port());
    std::string burst;
    for (int i = 0; i < 20; ++i)
        burst += remove_call(i);
    client.send(burst);
    for (int i = 0; i < 20; ++i)
        ASSERT_EQ(status_of(client.read_answer()), 200);

    const auto ledger = server.ledger();
    ASSERT_EQ(ledger.size(), 20U);
    // All were received before the first was answered: one wait served all of them.
    EXPECT_LT(ledger.back().received, ledger.front().answered);
    for (const auto& entry : ledger)
        EXPECT_GE(entry.answered - entry.received, 80ms);
}

TEST(SandboxServer, OverTheLimitIs429AndDeletesNothing)
{
    auto options = plain_options();
    options.limit = sandbox::limit_options{
        .rate_per_s = 0.001, .shape = sandbox::limit_shape::bucket, .burst = 2};
    options.retry_after_s = 7;
    sandbox_server server(options);
    raw_client client(server.port());
    client.send(remove_call(1) + remove_call(2) + remove_call(3));
    EXPECT_EQ(status_of(client.read_answer()), 200);
    EXPECT_EQ(status_of(client.read_answer()), 200);
    const auto refused = client.read_answer();
    EXPECT_EQ(status_of(refused), 429);
    EXPECT_NE(refused.find("Retry-After: 7\r\n"), std::string::npos);
    EXPECT_EQ(body_of(refused), R"({"code":60,"message":"TOO_MANY_REQUESTS"})");

    server.set_limit(std::nullopt);
    EXPECT_EQ(status_of(ask(server, remove_call(3))), 200);
}

TEST(SandboxServer, UnauthenticatedRequestsDoNotCountAgainstTheLimit)
{
    auto options = plain_options();
    options.limit = sandbox::limit_options{
        .rate_per_s = 0.001, .shape = sandbox::limit_shape::bucket, .burst = 1};
    sandbox_server server(options);
    for (int i = 0; i < 3; ++i)
        ask(server, call("POST " + path("/campaigns/delete/" + token_number(1)), "wrong"));
    EXPECT_EQ(status_of(ask(server, remove_call(1))), 200);
    EXPECT_EQ(status_of(ask(server, remove_call(2))), 429);
}
