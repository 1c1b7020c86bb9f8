#include "sandbox/server.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace sandbox {
namespace {

constexpr std::chrono::milliseconds flush_interval(100);
constexpr std::chrono::milliseconds accept_pause(100);

template <class T>
T value_or_throw(result<T> made)
{
    if (!made)
        throw std::runtime_error(made.error().sentence);
    return std::move(*made);
}

server_options checked(server_options options)
{
    if (const auto sound = validate(options); !sound)
        throw std::runtime_error(sound.error().sentence);
    return options;
}

}  // namespace

server::server(server_options options)
    : options_(checked(std::move(options))),
      identity_(options_.plain ? tls_identity{} : make_tls_identity(options_.names)),
      log_(options_.ledger_file, options_.ledger_in_memory),
      responder_(options_, value_or_throw(make_campaign_store(options_.campaigns, options_.seed))),
      context_{options_, responder_, log_, [this](std::uint64_t n) { connections_.erase(n); }}
{
    listen();
}

server::~server()
{
    close_connections();
}

void server::listen()
{
    namespace ip = boost::asio::ip;
    try {
        const ip::tcp::endpoint endpoint(ip::make_address(options_.address), options_.port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(ip::tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen();
        port_ = acceptor_.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(
            "cannot listen on " + options_.address + " port " + std::to_string(options_.port) +
            ": " + error.code().message()
        );
    }
}

void server::run()
{
    accept();
    flush_later();
    io_.run();
    close_connections();
    log_.flush();
}

void server::stop()
{
    boost::asio::post(io_, [this] { io_.stop(); });
}

void server::accept()
{
    acceptor_.async_accept([this](boost::system::error_code error, auto socket) {
        if (error == boost::asio::error::operation_aborted)
            return;
        if (error) {
            // Out of descriptors, most likely: the pending connection waits for one.
            accept_timer_.expires_after(accept_pause);
            accept_timer_.async_wait([this](boost::system::error_code) { accept(); });
            return;
        }
        const std::uint64_t number = ++accepted_;
        auto made = std::make_shared<connection>(
            context_, transport(std::move(socket), identity_.context.get()), number
        );
        connections_.emplace(number, made);
        made->start();
        accept();
    });
}

void server::flush_later()
{
    flush_timer_.expires_after(flush_interval);
    flush_timer_.async_wait([this](boost::system::error_code error) {
        if (error)
            return;
        log_.flush();
        flush_later();
    });
}

void server::close_connections()
{
    // close() takes the connection out of the map.
    while (!connections_.empty()) {
        const auto front = connections_.begin()->second;
        front->close();
    }
}

}  // namespace sandbox
