// The server over real sockets: routes, order, limits, ends of connections, the ledger.

#include "support/sandbox_server.hpp"

#include "sandbox/tokens.hpp"
#include "support/raw_client.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

using namespace std::chrono_literals;
using reaper::test::raw_client;
using reaper::test::sandbox_server;
using reaper::test::stream_end;
using sandbox::server_options;

namespace {

server_options plain()
{
    server_options options;
    options.plain = true;
    return options;
}

std::string token(int number)
{
    return sandbox::format_token({0, static_cast<std::uint64_t>(number)});
}

std::string call(
    const std::string& method_and_rest, std::string_view rest_key = sandbox::default_rest_key
)
{
    return method_and_rest +
           " HTTP/1.1\r\nHost: localhost\r\nX-Authorization: " + std::string(rest_key) +
           "\r\nContent-Length: 0\r\n\r\n";
}

std::string path(const std::string& rest)
{
    return "/1.1/" + std::string(sandbox::default_api_key) + rest;
}

std::string remove_call(int number)
{
    return call("POST " + path("/campaigns/delete/" + token(number)));
}

int status_of(const std::string& answer)
{
    return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

std::string body_of(const std::string& answer)
{
    return answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size()));
}

// The answer to one request on a connection of its own.
std::string ask(sandbox_server& server, const std::string& request)
{
    raw_client client(server.port());
    client.send(request);
    return client.read_answer();
}

}  // namespace

TEST(SandboxServer, DeletesOnceThenFindsNothing)
{
    sandbox_server server(plain());
    EXPECT_EQ(status_of(ask(server, remove_call(1))), 200);
    const auto again = ask(server, remove_call(1));
    EXPECT_EQ(status_of(again), 404);
    EXPECT_EQ(body_of(again), R"({"code":20,"message":"ROUTE_NOT_FOUND"})");
}

TEST(SandboxServer, ServesBothKindsOrTheOneThatItIsToldTo)
{
    const auto in_app = call("POST " + path("/in-app-campaigns/delete/" + token(2)));
    sandbox_server both(plain());
    EXPECT_EQ(status_of(ask(both, in_app)), 200);

    auto options = plain();
    options.only_kind = "campaigns";
    sandbox_server one(options);
    EXPECT_EQ(status_of(ask(one, in_app)), 404);
    EXPECT_EQ(status_of(ask(one, remove_call(2))), 200);
}

TEST(SandboxServer, WrongRestKeyIs401AndDeletesNothing)
{
    sandbox_server server(plain());
    const auto refused =
        ask(server, call("POST " + path("/campaigns/delete/" + token(1)), "wrong"));
    EXPECT_EQ(status_of(refused), 401);
    EXPECT_EQ(body_of(refused), R"({"code":10,"message":"AUTHENTICATION_INVALID"})");
    EXPECT_EQ(status_of(ask(server, remove_call(1))), 200);
}

TEST(SandboxServer, WrongApiKeyMethodOrPathIs404AndDeletesNothing)
{
    sandbox_server server(plain());
    for (const auto& request :
         {call("POST /1.1/WRONG/campaigns/delete/" + token(1)),
          call("GET " + path("/campaigns/delete/" + token(1))),
          call("POST " + path("/campaign/delete/" + token(1))),
          call("POST " + path("/campaigns/delete/" + token(1) + "/x")),
          call("POST " + path("/campaigns/delete/")),
          call("POST " + path("/campaigns/delete")),
          call("POST /2.0/x"),
          call("POST /")})
        EXPECT_EQ(status_of(ask(server, request)), 404) << request;
    EXPECT_EQ(status_of(ask(server, remove_call(1))), 200);
}

TEST(SandboxServer, ListsWhatIsLeftByPages)
{
    auto options = plain();
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
    auto options = plain();
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
    sandbox_server server(plain());
    const auto view = call("GET " + path("/campaigns/" + token(1)));
    EXPECT_NE(body_of(ask(server, view)).find(token(1)), std::string::npos);
    ask(server, remove_call(1));
    EXPECT_EQ(status_of(ask(server, view)), 404);
}

TEST(SandboxServer, AnswersPipelinedRequestsInTheirOrder)
{
    sandbox_server server(plain());
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
        EXPECT_EQ(ledger[i].token, token(static_cast<int>(i / 2)));
        EXPECT_EQ(ledger[i].executed, i % 2 == 0);
        EXPECT_GE(ledger[i].answered, ledger[i].received);
    }
}

TEST(SandboxServer, LatencyDelaysAnswersWithoutHinderingPipelining)
{
    auto options = plain();
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
    auto options = plain();
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
    auto options = plain();
    options.limit = sandbox::limit_options{
        .rate_per_s = 0.001, .shape = sandbox::limit_shape::bucket, .burst = 1};
    sandbox_server server(options);
    for (int i = 0; i < 3; ++i)
        ask(server, call("POST " + path("/campaigns/delete/" + token(1)), "wrong"));
    EXPECT_EQ(status_of(ask(server, remove_call(1))), 200);
    EXPECT_EQ(status_of(ask(server, remove_call(2))), 429);
}

TEST(SandboxServer, ClosesAfterTheLastRequestOfAConnectionAndSaysSo)
{
    for (const bool silently : {false, true}) {
        auto options = plain();
        options.max_requests_per_connection = 3;
        options.close_silently = silently;
        sandbox_server server(options);
        raw_client client(server.port());
        client.send(remove_call(1) + remove_call(2) + remove_call(3) + remove_call(4));
        client.read_answer();
        EXPECT_EQ(client.read_answer().find("Connection: close"), std::string::npos);
        const auto last = client.read_to_end();
        EXPECT_EQ(status_of(last), 200);
        EXPECT_EQ(last.find("Connection: close") == std::string::npos, silently);
        EXPECT_EQ(client.end(), stream_end::clean);

        const auto ledger = server.ledger();
        ASSERT_EQ(ledger.size(), 3U);  // the fourth was not taken up
        EXPECT_EQ(ledger[2].fault, "close");
        EXPECT_EQ(status_of(ask(server, remove_call(4))), 200);
    }
}

TEST(SandboxServer, ClosesWhenTheClientAsksForIt)
{
    sandbox_server server(plain());
    raw_client client(server.port());
    client.send(
        "POST " + path("/campaigns/delete/" + token(1)) +
        " HTTP/1.1\r\nX-Authorization: " + server.rest_key() + "\r\nConnection: close\r\n\r\n"
    );
    EXPECT_EQ(status_of(client.read_to_end()), 200);
    EXPECT_EQ(client.end(), stream_end::clean);
}

TEST(SandboxServer, AnswersAClientThatHasShutItsSendingSide)
{
    auto options = plain();
    options.latency = 30ms;
    sandbox_server server(options);
    raw_client client(server.port());
    client.send(remove_call(1) + remove_call(2));
    client.shut_sending();
    EXPECT_EQ(status_of(client.read_answer()), 200);
    EXPECT_EQ(status_of(client.read_to_end()), 200);
    EXPECT_EQ(client.end(), stream_end::clean);
}

TEST(SandboxServer, RefusesWhatIsNoRequestAndCloses)
{
    sandbox_server server(plain());
    raw_client client(server.port());
    client.send(remove_call(1) + "nonsense\r\n\r\n");
    EXPECT_EQ(status_of(client.read_answer()), 200);
    EXPECT_EQ(status_of(client.read_to_end()), 400);
    EXPECT_EQ(client.end(), stream_end::clean);
}

TEST(SandboxServer, AcceptsABodyAndBytesInAnyPieces)
{
    sandbox_server server(plain());
    raw_client client(server.port());
    const std::string request = "POST " + path("/campaigns/delete/" + token(1)) +
                                " HTTP/1.1\r\nX-Authorization: " + server.rest_key() +
                                "\r\nContent-Length: 2\r\n\r\n{}";
    for (const char c : request + remove_call(2))
        client.send(std::string(1, c));
    EXPECT_EQ(status_of(client.read_answer()), 200);
    EXPECT_EQ(status_of(client.read_answer()), 200);
}

TEST(SandboxServer, NeverRecordsAKey)
{
    auto options = plain();
    reaper::test::temp_dir dir;
    options.ledger_file = dir / "ledger.jsonl";
    {
        sandbox_server server(options);
        for (const auto key : {sandbox::default_api_key, sandbox::default_rest_key})
            ask(server, call("POST " + path("/campaigns/delete/" + std::string(key))));
        ask(server, remove_call(1));
        ask(server, call("POST " + path("/campaigns/delete/" + token(2)), "another-key"));
    }
    const auto written = reaper::test::content_of(options.ledger_file);
    EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 4);
    for (const std::string_view key :
         {sandbox::default_api_key, sandbox::default_rest_key, std::string_view("another-key")})
        EXPECT_EQ(written.find(key), std::string::npos);
}

TEST(SandboxServer, WritesOneLedgerLinePerRequest)
{
    auto options = plain();
    reaper::test::temp_dir dir;
    options.ledger_file = dir / "ledger.jsonl";
    {
        sandbox_server server(options);
        ask(server, remove_call(255));
    }
    const auto line = reaper::test::content_of(options.ledger_file);
    EXPECT_TRUE(line.starts_with(R"({"t":)")) << line;
    EXPECT_TRUE(line.ends_with(
        R"(,"conn":1,"req":1,"route":"delete","kind":"campaigns",)"
        R"("token":"000000000000000000000000000000ff","status":200,"executed":true,"fault":""})"
        "\n"
    )) << line;
}

TEST(SandboxServer, AnswersOwedAtTheEndAreInTheLedgerAsNeverGiven)
{
    auto options = plain();
    options.latency = 1h;
    reaper::test::temp_dir dir;
    options.ledger_file = dir / "ledger.jsonl";
    {
        sandbox_server server(options);
        raw_client client(server.port());
        client.send(remove_call(1));
        while (server.has_campaign(token(1))) {
        }
    }
    const auto line = reaper::test::content_of(options.ledger_file);
    EXPECT_NE(line.find(R"("ta":0,"conn":1,"req":1,)"), std::string::npos) << line;
    EXPECT_NE(line.find(R"("executed":true)"), std::string::npos) << line;
}

TEST(SandboxServer, ServesTlsWithACertificateOfItsOwnAuthority)
{
    sandbox_server server;
    namespace ssl = boost::asio::ssl;
    boost::asio::io_context io;
    ssl::context context(ssl::context::tls_client);
    context.load_verify_file(server.ca_pem_path());
    context.set_verify_mode(ssl::verify_peer);
    for (const auto* name : {"localhost", "127.0.0.1"}) {
        ssl::stream<boost::asio::ip::tcp::socket> stream(io, context);
        stream.set_verify_callback(ssl::host_name_verification(name));
        stream.lowest_layer().connect({boost::asio::ip::make_address("127.0.0.1"), server.port()});
        stream.handshake(ssl::stream_base::client);
        boost::asio::write(stream, boost::asio::buffer(remove_call(1)));
        char buffer[4096];
        const auto got = stream.read_some(boost::asio::buffer(buffer));
        EXPECT_TRUE(std::string_view(buffer, got).starts_with("HTTP/1.1 "));
    }

    ssl::stream<boost::asio::ip::tcp::socket> stranger(io, context);
    stranger.set_verify_callback(ssl::host_name_verification("api.example.com"));
    stranger.lowest_layer().connect({boost::asio::ip::make_address("127.0.0.1"), server.port()});
    boost::system::error_code refused;
    stranger.handshake(ssl::stream_base::client, refused);
    EXPECT_TRUE(refused);
}
