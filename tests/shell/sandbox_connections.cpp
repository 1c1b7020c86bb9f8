// How connections to the sandbox begin and end, and what the ledger keeps of them.

#include "sandbox/tokens.hpp"
#include "support/raw_client.hpp"
#include "support/sandbox_calls.hpp"
#include "support/sandbox_server.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace reaper::test;

TEST(SandboxServer, ClosesAfterTheLastRequestOfAConnectionAndSaysSo)
{
    for (const bool silently : {false, true}) {
        auto options = plain_options();
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
    sandbox_server server(plain_options());
    raw_client client(server.port());
    client.send(
        "POST " + path("/campaigns/delete/" + token_number(1)) +
        " HTTP/1.1\r\nX-Authorization: " + server.rest_key() + "\r\nConnection: close\r\n\r\n"
    );
    EXPECT_EQ(status_of(client.read_to_end()), 200);
    EXPECT_EQ(client.end(), stream_end::clean);
}

TEST(SandboxServer, AnswersAClientThatHasShutItsSendingSide)
{
    auto options = plain_options();
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
    sandbox_server server(plain_options());
    raw_client client(server.port());
    client.send(remove_call(1) + "nonsense\r\n\r\n");
    EXPECT_EQ(status_of(client.read_answer()), 200);
    EXPECT_EQ(status_of(client.read_to_end()), 400);
    EXPECT_EQ(client.end(), stream_end::clean);
}

TEST(SandboxServer, AcceptsABodyAndBytesInAnyPieces)
{
    sandbox_server server(plain_options());
    raw_client client(server.port());
    const std::string request = "POST " + path("/campaigns/delete/" + token_number(1)) +
                                " HTTP/1.1\r\nX-Authorization: " + server.rest_key() +
                                "\r\nContent-Length: 2\r\n\r\n{}";
    for (const char c : request + remove_call(2))
        client.send(std::string(1, c));
    EXPECT_EQ(status_of(client.read_answer()), 200);
    EXPECT_EQ(status_of(client.read_answer()), 200);
}

TEST(SandboxServer, NeverRecordsAKey)
{
    auto options = plain_options();
    reaper::test::temp_dir dir;
    options.ledger_file = dir / "ledger.jsonl";
    {
        sandbox_server server(options);
        for (const auto key : {sandbox::default_api_key, sandbox::default_rest_key})
            ask(server, call("POST " + path("/campaigns/delete/" + std::string(key))));
        ask(server, remove_call(1));
        ask(server, call("POST " + path("/campaigns/delete/" + token_number(2)), "another-key"));
    }
    const auto written = reaper::test::content_of(options.ledger_file);
    EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 4);
    for (const std::string_view key :
         {sandbox::default_api_key, sandbox::default_rest_key, std::string_view("another-key")})
        EXPECT_EQ(written.find(key), std::string::npos);
}

TEST(SandboxServer, WritesOneLedgerLinePerRequest)
{
    auto options = plain_options();
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
    auto options = plain_options();
    options.latency = 1h;
    reaper::test::temp_dir dir;
    options.ledger_file = dir / "ledger.jsonl";
    {
        sandbox_server server(options);
        raw_client client(server.port());
        client.send(remove_call(1));
        while (server.has_campaign(token_number(1))) {
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
