#pragma once
// Runs a connection and writes down its events, for tests.

#include "reaper/io/https_connection.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace reaper::test {

class connection_recorder final : public connection_events
{
public:
    boost::asio::io_context io;
    std::optional<https_connection> connection;

    bool is_connected = false;
    std::string received_bytes;
    int received_calls = 0;
    int written_calls = 0;
    std::optional<std::string> connect_failure;
    std::optional<std::string> close_sentence;
    bool clean_eof = false;

    // What a test does inside the events.
    std::function<void()> on_connected = [] {};
    std::function<void()> on_received = [] {};
    std::function<void()> on_written = [] {};
    std::function<void()> on_ended = [] {};

    void open(std::shared_ptr<tls_context> context, connection_target target)
    {
        connection.emplace(io.get_executor(), std::move(context), std::move(target), *this);
        call([&] { connection->open(); });
    }

    void write(std::string_view bytes)
    {
        call([&] { connection->write(bytes); });
    }

    void shut()
    {
        call([&] { connection->shut(); });
    }

    // Calls into the connection: events must come later, never now.
    void call(const std::function<void()>& function)
    {
        const bool before = std::exchange(calling_, true);
        function();
        calling_ = before;
    }

    // Runs until it holds; a test that waits in vain fails.
    template <class Condition>
    bool run_until(const Condition& holds)
    {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!holds() && std::chrono::steady_clock::now() < give_up) {
            io.restart();
            io.run_one_for(std::chrono::milliseconds(100));
        }
        return holds();
    }

    bool run_until_ended()
    {
        return run_until([&] { return connect_failure || close_sentence; });
    }

    // Runs what is left: handlers of a connection that was shut or destroyed.
    void run_out()
    {
        io.restart();
        io.run_for(std::chrono::milliseconds(50));
    }

    void connected() override
    {
        note();
        EXPECT_FALSE(is_connected) << "connected twice";
        is_connected = true;
        on_connected();
    }

    void connect_failed(std::string sentence) override
    {
        note();
        EXPECT_FALSE(is_connected);
        connect_failure = std::move(sentence);
        on_ended();
    }

    void received(std::string_view bytes) override
    {
        note();
        EXPECT_TRUE(is_connected);
        EXPECT_FALSE(bytes.empty());
        received_bytes += bytes;
        ++received_calls;
        on_received();
    }

    void written() override
    {
        note();
        EXPECT_TRUE(is_connected);
        ++written_calls;
        on_written();
    }

    void closed(std::string sentence, bool clean) override
    {
        note();
        EXPECT_TRUE(is_connected);
        close_sentence = std::move(sentence);
        clean_eof = clean;
        on_ended();
    }

private:
    void note()
    {
        EXPECT_FALSE(calling_) << "an event came from inside a call";
        EXPECT_FALSE(connect_failure || close_sentence) << "an event came after the end";
    }

    bool calling_ = false;
};

}  // namespace reaper::test
