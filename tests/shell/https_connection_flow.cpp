// Bytes on an open connection, and every way in which it ends.

#include "support/tls_bench.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>

namespace reaper {
namespace {

using namespace std::chrono_literals;
using namespace test;

using ConnectionFlow = tls_bench;

void wait_for_end(peer_stream& stream)
{
    while (!stream.read_some().empty()) {
    }
}

std::string pattern(std::size_t size)
{
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<char>('a' + i % 251 % 26);
    return bytes;
}

TEST_F(ConnectionFlow, WritesOfAnySizeArriveWhole)
{
    for (const std::size_t size : {1u, 16'383u, 16'384u, 16'385u, 100'000u, 5'000'000u}) {
        std::promise<std::string> seen;
        const tls_peer peer = secure_peer([&](peer_stream& stream) {
            seen.set_value(stream.read_exactly(size));
            wait_for_end(stream);
        });
        client.is_connected = false;
        client.written_calls = 0;
        ASSERT_TRUE(connected_to(peer));
        client.write(pattern(size));
        ASSERT_TRUE(client.run_until([&] { return client.written_calls == 1; }));
        EXPECT_TRUE(seen.get_future().get() == pattern(size)) << size;
        client.shut();
    }
}

TEST_F(ConnectionFlow, AnEmptyWriteIsWrittenToo)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) { wait_for_end(stream); });
    ASSERT_TRUE(connected_to(peer));
    client.write("");
    EXPECT_TRUE(client.run_until([&] { return client.written_calls == 1; }));
}

TEST_F(ConnectionFlow, TheNextWriteMayComeFromInsideAnyEvent)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) {
        for (int i = 0; i < 10; ++i)
            stream.write(stream.read_exactly(3));
        wait_for_end(stream);
    });
    int rounds = 0;
    client.on_connected = [&] { client.write("one"); };
    client.on_received = [&] {
        if (++rounds < 10)
            client.write("two");
    };
    connect_to(peer);
    ASSERT_TRUE(client.run_until([&] { return client.received_bytes.size() == 30; }));
    EXPECT_EQ(
        client.received_bytes,
        "one"
        "two"
        "two"
        "two"
        "two"
        "two"
        "two"
        "two"
        "two"
        "two"
    );
}

TEST_F(ConnectionFlow, ReadsWhileItWrites)
{
    // Each side sends more than the buffers between them hold before it reads.
    const std::string much = pattern(8'000'000);
    const tls_peer peer = secure_peer([&](peer_stream& stream) {
        stream.write(much);
        stream.read_exactly(much.size());
        stream.write("done");
        wait_for_end(stream);
    });
    ASSERT_TRUE(connected_to(peer));
    client.write(much);
    ASSERT_TRUE(client.run_until([&] { return client.received_bytes.size() == much.size() + 4; }));
    EXPECT_TRUE(client.received_bytes == much + "done");
    EXPECT_TRUE(client.run_until([&] { return client.written_calls == 1; }));
}

TEST_F(ConnectionFlow, HandsOverManyRecordsAtOnce)
{
    std::promise<void> all_sent;
    const tls_peer peer = secure_peer([&](peer_stream& stream) {
        for (int i = 0; i < 500; ++i)
            stream.write("answer");
        all_sent.set_value();
        wait_for_end(stream);
    });
    client.on_connected = [&] { all_sent.get_future().wait(); };
    ASSERT_TRUE(connected_to(peer));
    ASSERT_TRUE(client.run_until([&] { return client.received_bytes.size() == 3000; }));
    EXPECT_LE(client.received_calls, 4) << "as much as the buffer holds, not a record at a time";
}

TEST_F(ConnectionFlow, ReadsWhatIsSplitAnywhere)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) {
        for (const char c : std::string("HTTP/1.1 200 OK\r\n\r\n"))
            stream.write(std::string(1, c));
        wait_for_end(stream);
    });
    ASSERT_TRUE(connected_to(peer));
    EXPECT_TRUE(client.run_until([&] { return client.received_bytes == "HTTP/1.1 200 OK\r\n\r\n"; })
    );
}

TEST_F(ConnectionFlow, ASmallReadBufferLosesNothing)
{
    const std::string much = pattern(200'000);
    const tls_peer peer = secure_peer([&](peer_stream& stream) {
        stream.write(much);
        wait_for_end(stream);
    });
    client.open(context, {.host = "localhost", .port = peer.port(), .read_buffer_bytes = 100});
    ASSERT_TRUE(client.run_until([&] { return client.received_bytes.size() == much.size(); }));
    EXPECT_TRUE(client.received_bytes == much);
}

TEST_F(ConnectionFlow, KeysMayBeUpdatedUnderWay)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) {
        for (int i = 0; i < 3; ++i) {
            stream.update_keys();
            stream.write("new keys");
            stream.read_exactly(4);
        }
        stream.write("end");
        wait_for_end(stream);
    });
    client.on_received = [&] {
        if (!client.received_bytes.ends_with("end"))
            client.write("more");
    };
    ASSERT_TRUE(connected_to(peer));
    EXPECT_TRUE(client.run_until([&] { return client.received_bytes.ends_with("end"); }));
}

TEST_F(ConnectionFlow, AGoodbyeIsACleanEnd)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) {
        stream.write("last words");
        stream.say_goodbye();
        wait_for_end(stream);
    });
    ASSERT_TRUE(connected_to(peer));
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_EQ(client.received_bytes, "last words");
    EXPECT_TRUE(client.clean_eof);
    EXPECT_TRUE(client.close_sentence->ends_with(" closed the connection"));
}

TEST_F(ConnectionFlow, AnEndWithoutAGoodbyeIsNotClean)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) { stream.write("last words"); });
    ASSERT_TRUE(connected_to(peer));
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_EQ(client.received_bytes, "last words");
    EXPECT_FALSE(client.clean_eof);
}

TEST_F(ConnectionFlow, APlainEndIsClean)
{
    const tls_peer peer(authority.issue(), [](peer_stream& stream) {
        stream.write("last words");
        stream.close_sending();
        wait_for_end(stream);
    });
    client.open(nullptr, {.host = "127.0.0.1", .port = peer.port(), .tls = false});
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_EQ(client.received_bytes, "last words");
    EXPECT_TRUE(client.clean_eof);
    EXPECT_EQ(
        *client.close_sentence,
        "127.0.0.1:" + std::to_string(peer.port()) + " closed the connection"
    );
}

TEST_F(ConnectionFlow, AResetIsSaid)
{
    std::promise<void> go;
    const tls_peer peer = secure_peer([&](peer_stream& stream) {
        go.get_future().wait();
        stream.reset();
    });
    ASSERT_TRUE(connected_to(peer));
    go.set_value();
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_FALSE(client.clean_eof);
    EXPECT_TRUE(client.close_sentence->starts_with("lost the connection to "))
        << *client.close_sentence;
}

TEST_F(ConnectionFlow, WhatThePeerSaidBeforeItLeftIsReadThoughTheWriteFails)
{
    // More than the buffers hold, to a peer that reads nothing, answers and goes.
    const tls_peer peer = secure_peer([](peer_stream& stream) {
        stream.read_exactly(1000);
        stream.write("answer");
        stream.close_sending();
    });
    ASSERT_TRUE(connected_to(peer));
    client.write(pattern(20'000'000));
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_EQ(client.received_bytes, "answer");
    EXPECT_EQ(client.written_calls, 0);
    EXPECT_FALSE(client.clean_eof);
}

TEST_F(ConnectionFlow, AResetDuringAWriteEndsIt)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) {
        stream.read_exactly(1000);
        stream.reset();
    });
    ASSERT_TRUE(connected_to(peer));
    client.write(pattern(20'000'000));
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_EQ(client.written_calls, 0);
}

TEST_F(ConnectionFlow, GarbageInsteadOfARecordEndsIt)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) {
        stream.write("good");
        stream.write_raw("this is no TLS record");
        wait_for_end(stream);
    });
    ASSERT_TRUE(connected_to(peer));
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_EQ(client.received_bytes, "good");
    EXPECT_FALSE(client.clean_eof);
    EXPECT_TRUE(client.close_sentence->starts_with("TLS with localhost failed: "))
        << *client.close_sentence;
}

TEST_F(ConnectionFlow, ShutSaysGoodbye)
{
    std::promise<bool> polite;
    const tls_peer peer = secure_peer([&](peer_stream& stream) {
        wait_for_end(stream);
        polite.set_value(stream.was_told_goodbye());
    });
    ASSERT_TRUE(connected_to(peer));
    client.write("something");
    ASSERT_TRUE(client.run_until([&] { return client.written_calls == 1; }));
    client.shut();
    EXPECT_TRUE(polite.get_future().get());
}

TEST_F(ConnectionFlow, NothingComesAfterShut)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) {
        stream.write("one");
        stream.read_exactly(3);
        stream.write(pattern(1'000'000));
        wait_for_end(stream);
    });
    ASSERT_TRUE(connected_to(peer));
    client.write("two");
    ASSERT_TRUE(client.run_until([&] { return client.received_bytes.size() >= 3; }));
    client.shut();
    const std::string before = client.received_bytes;
    const int written_before = client.written_calls;
    client.run_out();
    EXPECT_EQ(client.received_bytes.size(), before.size());
    EXPECT_EQ(client.written_calls, written_before);
    EXPECT_FALSE(client.close_sentence);
    client.shut();  // again is fine
}

TEST_F(ConnectionFlow, MayBeDestroyedInsideAnyEvent)
{
    const auto play = [](peer_stream& stream) {
        stream.write("hello");
        stream.read_some();
        stream.say_goodbye();
        wait_for_end(stream);
    };
    for (int which = 0; which < 4; ++which) {
        connection_recorder fresh;
        bool destroyed = false;
        const auto destroy = [&] {
            fresh.connection.reset();
            destroyed = true;
        };
        const tls_peer peer = secure_peer(play);
        fresh.on_connected = [&] {
            if (which == 0)
                destroy();
            else
                fresh.write("x");
        };
        (which == 1 ? fresh.on_received : which == 2 ? fresh.on_written : fresh.on_ended) = destroy;
        fresh.open(context, {.host = "localhost", .port = peer.port()});
        EXPECT_TRUE(fresh.run_until([&] { return destroyed; })) << which;
        fresh.run_out();
    }
}

TEST_F(ConnectionFlow, OutlivesItsHandlersWhenTheLoopIsGoneFirst)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) { wait_for_end(stream); });
    auto other = std::make_unique<connection_recorder>();
    other->open(context, {.host = "localhost", .port = peer.port()});
    other->run_until([&] { return other->is_connected; });
    other.reset();  // with a read pending
}

}  // namespace
}  // namespace reaper
