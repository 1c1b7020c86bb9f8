#pragma once
// A sandbox server on a thread of its own, on a port that the system chose, with its ledger in
// memory: what tests of the client side talk to. Link `sandbox_lib`.
//
//     sandbox::server_options options;
//     options.faults.rules = {{sandbox::fault_kind::reset, 0.1}};
//     sandbox_server server(options);
//     ... connect to server.port(), trusting server.ca_pem_path() ...
//     EXPECT_EQ(server.ledger().size(), 3U);

#include "sandbox/server.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/post.hpp>

#include <signal.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <pthread.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace reaper::test {

class sandbox_server
{
public:
    explicit sandbox_server(sandbox::server_options options = {})
        : api_key_(options.api_key),
          rest_key_(options.rest_key),
          plain_(options.plain),
          server_(in_memory(std::move(options)))
    {
        put_content(ca_pem_path(), server_.ca_pem());
        thread_ = std::thread([this] { serve(); });
    }

    ~sandbox_server()
    {
        server_.stop();
        thread_.join();
    }

    sandbox_server(const sandbox_server&) = delete;
    sandbox_server& operator=(const sandbox_server&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

    [[nodiscard]] std::string ca_pem_path() const { return folder_ / "ca.pem"; }

    [[nodiscard]] const std::string& api_key() const { return api_key_; }

    [[nodiscard]] const std::string& rest_key() const { return rest_key_; }

    // "https://127.0.0.1:PORT", or http for a plain server.
    [[nodiscard]] std::string endpoint() const
    {
        return (plain_ ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port());
    }

    // The requests so far whose fate is settled: answered, or never to be. An answer that a client
    // has read is always in it.
    [[nodiscard]] std::vector<sandbox::ledger_entry> ledger()
    {
        do_there([] {});  // an entry is recorded just after its answer was written
        return server_.log().snapshot();
    }

    // Waits until the ledger has `count` entries; false if it does not within `patience`.
    [[nodiscard]] bool wait_for_entries(
        std::size_t count, std::chrono::milliseconds patience = std::chrono::seconds(10)
    ) const
    {
        return server_.log().wait_for(count, patience);
    }

    // Whether the campaign exists still: its deletion may be executed before it is answered.
    [[nodiscard]] bool has_campaign(const std::string& token)
    {
        bool exists = false;
        do_there([&] { exists = server_.answers().rules().has_campaign(token); });
        return exists;
    }

    // Changes that take effect with the next request.
    void set_faults(sandbox::fault_options faults)
    {
        do_there([&] { server_.answers().faults().replace(std::move(faults)); });
    }

    void set_rest_key(std::string key)
    {
        rest_key_ = key;
        do_there([&] { server_.answers().rules().replace_rest_key(std::move(key)); });
    }

    void set_limit(const std::optional<sandbox::limit_options>& limit)
    {
        do_there([&] { server_.answers().rules().replace_limit(limit); });
    }

    void set_latency(sandbox::duration latency)
    {
        do_there([&] { server_.set_latency(latency); });
    }

    void close_connections()
    {
        do_there([&] { server_.close_connections(); });
    }

private:
    static sandbox::server_options in_memory(sandbox::server_options options)
    {
        options.ledger_in_memory = true;
        return options;
    }

    void serve()
    {
        sigset_t pipe;
        ::sigemptyset(&pipe);
        ::sigaddset(&pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        server_.run();
    }

    // Runs `work` between two events of the server, and waits for it.
    template <class Work>
    void do_there(Work work)
    {
        std::promise<void> done;
        boost::asio::post(server_.io(), [&] {
            work();
            done.set_value();
        });
        done.get_future().get();
    }

    std::string api_key_;
    std::string rest_key_;
    bool plain_;
    sandbox::server server_;
    temp_dir folder_;
    std::thread thread_;
};

}  // namespace reaper::test
