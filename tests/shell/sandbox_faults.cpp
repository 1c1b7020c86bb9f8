// Each fault, as a client sees it and as the ledger tells it.

#include "support/raw_client.hpp"
#include "support/sandbox_server.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

using namespace std::chrono_literals;
using reaper::test::raw_client;
using reaper::test::sandbox_server;
using reaper::test::stream_end;
using sandbox::fault_kind;

namespace {

sandbox::server_options with(fault_kind kind)
{
    sandbox::server_options options;
    options.plain = true;
    options.faults.rules = {{kind, 1.0}};
    options.faults.count = 1;
    return options;
}

std::string remove_call(char digit)
{
    return "POST /1.1/" + std::string(sandbox::default_api_key) + "/campaigns/delete/" +
           std::string(32, digit) +
           " HTTP/1.1\r\nX-Authorization: " + std::string(sandbox::default_rest_key) + "\r\n\r\n";
}

// Sends the request that the fault strikes, tells what comes until the end of the stream.
struct struck
{
    explicit struck(fault_kind kind) : server(with(kind)), client(server.port())
    {
        client.send(remove_call('a'));
    }

    // Whether the campaign is gone: a second delete, without a fault, finds out.
    bool was_executed()
    {
        raw_client other(server.port());
        other.send(remove_call('a'));
        return other.read_answer().starts_with("HTTP/1.1 404");
    }

    sandbox::ledger_entry entry()
    {
        EXPECT_TRUE(server.wait_for_entries(1));
        return server.ledger().at(0);
    }

    // That the connection goes on as if nothing had been.
    bool serves_on()
    {
        client.send(remove_call('b'));
        return client.read_answer().starts_with("HTTP/1.1 200");
    }

    sandbox_server server;
    raw_client client;
};

}  // namespace

TEST(SandboxFaults, ResetComesBeforeTheRequestIsExecuted)
{
    struck run(fault_kind::reset);
    EXPECT_EQ(run.client.read_to_end(), "");
    EXPECT_EQ(run.client.end(), stream_end::reset);
    EXPECT_EQ(run.entry().status, 0);
    EXPECT_FALSE(run.entry().executed);
    EXPECT_FALSE(run.entry().was_answered());
    EXPECT_EQ(run.entry().fault, "reset");
    EXPECT_FALSE(run.was_executed());
}

TEST(SandboxFaults, ResetAfterHasExecuted)
{
    struck run(fault_kind::reset_after);
    EXPECT_EQ(run.client.read_to_end(), "");
    EXPECT_EQ(run.client.end(), stream_end::reset);
    EXPECT_TRUE(run.entry().executed);
    EXPECT_FALSE(run.entry().was_answered());
    EXPECT_TRUE(run.was_executed());
}

TEST(SandboxFaults, AnswersAheadOfAResetArrive)
{
    auto options = with(fault_kind::reset);
    options.faults.after = 2;
    sandbox_server server(options);
    raw_client client(server.port());
    client.send(remove_call('a') + remove_call('b') + remove_call('c') + remove_call('d'));
    EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 200"));
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_EQ(client.end(), stream_end::reset);
    EXPECT_EQ(server.ledger().size(), 3U);  // what came behind the reset was not taken up
}

TEST(SandboxFaults, TruncateSendsAPartAndEnds)
{
    struck run(fault_kind::truncate);
    const auto part = run.client.read_to_end();
    EXPECT_EQ(run.client.end(), stream_end::clean);
    EXPECT_GE(part.size(), 1U);
    EXPECT_LT(part.size(), 140U);
    EXPECT_TRUE(run.entry().executed);
    const bool has_head = part.find("\r\n\r\n") != std::string::npos;
    EXPECT_EQ(run.entry().status, has_head ? 200 : 0);
}

TEST(SandboxFaults, StallNeverAnswersAgain)
{
    struck run(fault_kind::stall);
    EXPECT_EQ(run.entry().status, 0);
    run.client.send(remove_call('b'));
    EXPECT_TRUE(run.client.is_silent_for(100ms));
    EXPECT_EQ(run.server.ledger().size(), 1U);
    EXPECT_EQ(run.entry().executed, run.was_executed());
}

TEST(SandboxFaults, StatusesThatReplaceTheAnswerDoNotExecute)
{
    const std::pair<fault_kind, int> cases[] = {
        {fault_kind::error_500, 500},
        {fault_kind::error_503, 503},
        {fault_kind::error_429, 429},
        {fault_kind::error_400, 400},
        {fault_kind::error_401, 401},
        {fault_kind::error_403, 403},
        {fault_kind::error_408, 408},
        {fault_kind::no_json, 500},
        {fault_kind::redirect, 302},
        {fault_kind::echo, 400},
    };
    for (const auto& [kind, status] : cases) {
        struck run(kind);
        const auto answer = run.client.read_answer();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(status))) << answer;
        EXPECT_EQ(run.entry().status, status);
        EXPECT_FALSE(run.entry().executed);
        EXPECT_TRUE(run.entry().was_answered());
        EXPECT_FALSE(run.was_executed()) << status;
    }
}

TEST(SandboxFaults, Error500AfterHasExecuted)
{
    struck run(fault_kind::error_500_after);
    EXPECT_TRUE(run.client.read_answer().starts_with("HTTP/1.1 500"));
    EXPECT_TRUE(run.entry().executed);
    EXPECT_TRUE(run.was_executed());
}

TEST(SandboxFaults, Error408ClosesTheConnection)
{
    struck run(fault_kind::error_408);
    EXPECT_NE(run.client.read_to_end().find("Connection: close"), std::string::npos);
    EXPECT_EQ(run.client.end(), stream_end::clean);
}

TEST(SandboxFaults, RedirectWouldGiveTheKeyAway)
{
    struck run(fault_kind::redirect);
    const auto answer = run.client.read_answer();
    EXPECT_NE(answer.find("Location: https://elsewhere.invalid/1.1/"), std::string::npos);
}

TEST(SandboxFaults, NoJsonIsHtml)
{
    struck run(fault_kind::no_json);
    EXPECT_NE(run.client.read_answer().find("<html>"), std::string::npos);
    EXPECT_TRUE(run.serves_on());
}

TEST(SandboxFaults, EchoTellsBothKeys)
{
    struck run(fault_kind::echo);
    const auto answer = run.client.read_answer();
    EXPECT_NE(answer.find(sandbox::default_api_key), std::string::npos);
    EXPECT_NE(answer.find(sandbox::default_rest_key), std::string::npos);
}

TEST(SandboxFaults, GarbageIsNoHttp)
{
    struck run(fault_kind::garbage);
    run.client.shut_sending();
    const auto bytes = run.client.read_to_end();
    EXPECT_GT(bytes.size(), 10U);
    EXPECT_EQ(bytes.find("HTTP/1"), std::string::npos);
    EXPECT_TRUE(run.entry().executed);
    EXPECT_EQ(run.entry().status, 0);
}

TEST(SandboxFaults, SurplusIsAnAnswerThatNobodyAskedFor)
{
    struck run(fault_kind::surplus);
    EXPECT_TRUE(run.client.read_answer().starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(run.client.read_answer().starts_with("HTTP/1.1 200"));
    EXPECT_EQ(run.server.ledger().size(), 1U);
}

TEST(SandboxFaults, SurplusBytesFollowTheAnswer)
{
    struck run(fault_kind::surplus_bytes);
    EXPECT_TRUE(run.client.read_answer().starts_with("HTTP/1.1 200"));
    run.client.shut_sending();
    EXPECT_EQ(run.client.read_to_end(), "stray bytes\r\n");
}

TEST(SandboxFaults, ChunkedBodyIsWhole)
{
    struck run(fault_kind::chunked);
    run.client.shut_sending();
    const auto answer = run.client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200"));
    EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n1;part=1\r\n{\r\n1;part=1\r\n}\r\n0\r\n\r\n")) << answer;
}

TEST(SandboxFaults, CloseDelimitedBodyEndsWithTheStream)
{
    struck run(fault_kind::close_delimited);
    const auto answer = run.client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200"));
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n{}"));
    EXPECT_EQ(run.client.end(), stream_end::clean);
}

TEST(SandboxFaults, InformationalAnswersGoAhead)
{
    struck run(fault_kind::informational);
    run.client.shut_sending();
    const auto all = run.client.read_to_end();
    EXPECT_TRUE(all.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 ")) << all;
    EXPECT_NE(all.find("HTTP/1.1 200 OK\r\n"), std::string::npos);
    EXPECT_EQ(run.entry().status, 200);
}

TEST(SandboxFaults, DuplicateHeadersAndAnOddReason)
{
    struck run(fault_kind::dup_headers);
    const auto answer = run.client.read_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 201 Ok\r\n"));
    const auto first = answer.find("Content-Type");
    EXPECT_NE(answer.find("Content-Type", first + 1), std::string::npos);
    EXPECT_EQ(run.entry().status, 201);
    EXPECT_TRUE(run.serves_on());
}

TEST(SandboxFaults, NoContentHasNoBody)
{
    struck run(fault_kind::no_content);
    run.client.shut_sending();
    const auto answer = run.client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 No Content\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
    EXPECT_EQ(run.entry().status, 204);
    EXPECT_TRUE(run.entry().executed);
}

TEST(SandboxFaults, FramingFaultsKeepATrue404)
{
    for (const auto kind : {fault_kind::no_content, fault_kind::dup_headers, fault_kind::chunked}) {
        auto options = with(kind);
        options.faults.after = 1;
        sandbox_server server(options);
        raw_client client(server.port());
        client.send(remove_call('a') + remove_call('a'));
        client.shut_sending();
        client.read_answer();
        EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 404"));
        EXPECT_EQ(server.ledger().at(1).status, 404);
    }
}

TEST(SandboxFaults, SlowAnswerComesInManyPieces)
{
    struck run(fault_kind::slow);
    EXPECT_TRUE(run.client.read_answer().starts_with("HTTP/1.1 200 OK"));
    EXPECT_GT(run.client.reads(), 20U);
    EXPECT_TRUE(run.serves_on());
}

TEST(SandboxFaults, HalfCloseAnswersAndThenOnlyListens)
{
    struck run(fault_kind::half_close);
    EXPECT_TRUE(run.client.read_answer().starts_with("HTTP/1.1 200"));
    run.client.send(remove_call('b'));
    EXPECT_EQ(run.client.read_to_end(), "");
    EXPECT_EQ(run.client.end(), stream_end::clean);
    EXPECT_EQ(run.server.ledger().size(), 1U);
}

TEST(SandboxFaults, FaultsStrikeOverTlsToo)
{
    auto options = with(fault_kind::reset_after);
    options.plain = false;
    sandbox_server server(options);
    namespace ssl = boost::asio::ssl;
    boost::asio::io_context io;
    ssl::context context(ssl::context::tls_client);
    context.load_verify_file(server.ca_pem_path());
    ssl::stream<boost::asio::ip::tcp::socket> stream(io, context);
    stream.lowest_layer().connect({boost::asio::ip::make_address("127.0.0.1"), server.port()});
    stream.handshake(ssl::stream_base::client);
    boost::asio::write(stream, boost::asio::buffer(remove_call('a')));
    char buffer[64];
    boost::system::error_code error;
    EXPECT_EQ(stream.read_some(boost::asio::buffer(buffer), error), 0U);
    EXPECT_EQ(error, boost::asio::error::connection_reset);
    EXPECT_TRUE(server.ledger().at(0).executed);
}
