#pragma once
// The server: a listening socket, its connections, one thread that runs them all.

#include "sandbox/certificate.hpp"
#include "sandbox/connection.hpp"
#include "sandbox/ledger.hpp"
#include "sandbox/options.hpp"
#include "sandbox/responder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace sandbox {

class server
{
public:
    // Listens when it returns. Throws std::runtime_error with a sentence if it cannot.
    explicit server(server_options options);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Serves until stop(). The calling thread must block or ignore SIGPIPE.
    void run();

    // From any thread: ends run(), with every entry of the ledger written.
    void stop();

    [[nodiscard]] std::uint16_t port() const { return port_; }

    // Of the certificate authority; empty for a plain server.
    [[nodiscard]] const std::string& ca_pem() const { return identity_.ca_pem; }

    [[nodiscard]] boost::asio::io_context& io() { return io_; }

    [[nodiscard]] const ledger& log() const { return log_; }

    // On the server's thread only.
    [[nodiscard]] responder& answers() { return responder_; }

    void set_latency(duration latency) { options_.latency = latency; }

    void close_connections();

private:
    void listen();
    void accept();
    void flush_later();

    boost::asio::io_context io_{1};
    server_options options_;
    tls_identity identity_;
    ledger log_;
    responder responder_;
    connection_context context_;
    boost::asio::ip::tcp::acceptor acceptor_{io_};
    boost::asio::steady_timer flush_timer_{io_};
    boost::asio::steady_timer accept_timer_{io_};
    std::uint16_t port_ = 0;
    std::uint64_t accepted_ = 0;
    std::map<std::uint64_t, std::shared_ptr<connection>> connections_;
};

}  // namespace sandbox
