#include "sandbox/transport.hpp"

#include <boost/asio/socket_base.hpp>
#include <openssl/err.h>

#include <sys/socket.h>

#include <cerrno>
#include <new>
#include <utility>

namespace sandbox {
namespace {

io_result plain_result(ssize_t returned, io_state blocked)
{
    if (returned > 0)
        return {io_state::done, static_cast<std::size_t>(returned)};
    if (returned == 0)
        return {io_state::ended};
    if (errno == EAGAIN || errno == EINTR)
        return {blocked};
    return {io_state::failed};
}

}  // namespace

transport::transport(boost::asio::ip::tcp::socket socket, SSL_CTX* context)
    : socket_(std::move(socket))
{
    boost::system::error_code ignored;  // a socket that is gone already shows at the first read
    socket_.non_blocking(true, ignored);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    if (context == nullptr)
        return;
    ssl_.reset(SSL_new(context));
    if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1)
        throw std::bad_alloc();
    SSL_set_accept_state(ssl_.get());
}

io_result transport::tls_result(int returned, std::size_t bytes) const
{
    if (returned == 1)
        return {io_state::done, bytes};
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ:
            return {io_state::wants_read};
        case SSL_ERROR_WANT_WRITE:
            return {io_state::wants_write};
        case SSL_ERROR_ZERO_RETURN:
            return {io_state::ended};
        default:
            return {io_state::failed};
    }
}

io_result transport::handshake()
{
    if (!ssl_)
        return {};
    ERR_clear_error();
    return tls_result(SSL_do_handshake(ssl_.get()), 0);
}

io_result transport::read(std::span<char> into)
{
    if (!ssl_) {
        const auto returned = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
        return plain_result(returned, io_state::wants_read);
    }
    ERR_clear_error();
    std::size_t bytes = 0;
    const int returned = SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes);
    return tls_result(returned, bytes);
}

io_result transport::write(std::string_view bytes)
{
    if (!ssl_) {
        const auto returned =
            ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return plain_result(returned, io_state::wants_write);
    }
    ERR_clear_error();
    std::size_t written = 0;
    const int returned = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    return tls_result(returned, written);
}

// Here and below errors are ignored: the connection is on its way out either way.
void transport::shut_sending()
{
    if (ssl_) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
    }
    boost::system::error_code ignored;
    socket_.shutdown(boost::asio::socket_base::shutdown_send, ignored);
}

void transport::close()
{
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void transport::reset()
{
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

}  // namespace sandbox
