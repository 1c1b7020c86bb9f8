#pragma once
// A connected socket, with or without TLS, read and written without blocking. OpenSSL works on the
// descriptor itself: between it and the kernel stands no buffer of ours.
//
// Writes to a closed peer raise SIGPIPE: the thread that uses this has to block or ignore it.

#include <boost/asio/ip/tcp.hpp>
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace sandbox {

enum class io_state : std::uint8_t
{
    done,
    wants_read,   // try again when the socket is readable
    wants_write,  // or writable
    ended,        // orderly end of the stream
    failed,
};

struct io_result
{
    io_state state = io_state::done;
    std::size_t bytes = 0;
};

class transport
{
public:
    // Plain if `context` is null; otherwise the caller keeps it alive.
    transport(boost::asio::ip::tcp::socket socket, SSL_CTX* context);

    [[nodiscard]] io_result handshake();
    [[nodiscard]] io_result read(std::span<char> into);
    [[nodiscard]] io_result write(std::string_view bytes);

    // Says that no more will be sent; the peer may go on sending.
    void shut_sending();
    void close();
    // Closes so that the peer sees a reset.
    void reset();

    [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }

private:
    struct ssl_deleter
    {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    [[nodiscard]] io_result tls_result(int returned, std::size_t bytes) const;

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<SSL, ssl_deleter> ssl_;
};

}  // namespace sandbox
