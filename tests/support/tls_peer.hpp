#pragma once
// A server for one test: a thread of its own that plays a script on each connection, byte by byte
// and in whatever order the test wants it. It knows no HTTP.

#include "support/test_authority.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace reaper::test {

// The peer's end of a connection; plain until handshake(). Closed by its destructor.
class peer_stream
{
public:
    peer_stream(int descriptor, SSL_CTX* context) : descriptor_(descriptor), ssl_(SSL_new(context))
    {
        const int on = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        SSL_set_fd(ssl_.get(), descriptor_);
    }

    ~peer_stream() { close(); }

    peer_stream(const peer_stream&) = delete;
    peer_stream& operator=(const peer_stream&) = delete;

    bool handshake()
    {
        ERR_clear_error();
        secure_ = SSL_accept(ssl_.get()) == 1;
        return secure_;
    }

    // What has arrived, after waiting for it; empty when the client is gone.
    std::string read_some()
    {
        char bytes[65536];
        ERR_clear_error();
        const auto got = secure_ ? SSL_read(ssl_.get(), bytes, sizeof bytes)
                                 : ::recv(descriptor_, bytes, sizeof bytes, 0);
        return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string();
    }

    std::string read_exactly(std::size_t size)
    {
        std::string all;
        while (all.size() < size) {
            const std::string part = read_some();
            if (part.empty())
                break;
            all += part;
        }
        return all;
    }

    // In one TLS record, if it is short enough.
    bool write(std::string_view bytes)
    {
        ERR_clear_error();
        if (secure_)
            return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
        return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0;
    }

    // Past TLS.
    void write_raw(std::string_view bytes)
    {
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

    [[nodiscard]] bool was_told_goodbye() const
    {
        return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    }

    void say_goodbye() { SSL_shutdown(ssl_.get()); }

    void close_sending() { ::shutdown(descriptor_, SHUT_WR); }

    void update_keys() { SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED); }

    [[nodiscard]] std::string server_name() const
    {
        const char* const name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
        return name == nullptr ? "" : name;
    }

    [[nodiscard]] std::string tls_version() const { return SSL_get_version(ssl_.get()); }

    void close()
    {
        const std::lock_guard lock(closing_);
        if (descriptor_ >= 0)
            ::close(std::exchange(descriptor_, -1));
    }

    // From another thread: whatever the script waits for, it waits no longer.
    void interrupt()
    {
        const std::lock_guard lock(closing_);
        if (descriptor_ >= 0)
            ::shutdown(descriptor_, SHUT_RDWR);
    }

    // Closes with a RST.
    void reset()
    {
        const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close();
    }

private:
    int descriptor_;
    std::unique_ptr<SSL, freed_by<SSL_free>> ssl_;
    bool secure_ = false;
    std::mutex closing_;
};

class tls_peer
{
public:
    using script = std::function<void(peer_stream&)>;

    // The script runs for each connection, one after the other. When it returns, the connection is
    // closed, without a goodbye.
    tls_peer(credentials own, script play, int version_max = TLS1_3_VERSION)
        : context_(SSL_CTX_new(TLS_server_method())), play_(std::move(play))
    {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
        SSL_CTX_set_security_level(context_.get(), 0);
        SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context_.get(), version_max);
        SSL_CTX_use_certificate(context_.get(), own.certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), own.key.get());
        listen();
        thread_ = std::thread([this] { serve(); });
    }

    ~tls_peer()
    {
        {
            const std::lock_guard lock(ending_);
            ended_ = true;
            ::shutdown(listener_, SHUT_RDWR);
            if (current_ != nullptr)
                current_->interrupt();
        }
        thread_.join();
        ::close(listener_);
    }

    tls_peer(const tls_peer&) = delete;
    tls_peer& operator=(const tls_peer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    void listen()
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const raw = reinterpret_cast<struct sockaddr*>(&address);
        if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, raw, &size) != 0)
            throw std::runtime_error("the peer cannot listen");
        port_ = ntohs(address.sin_port);
    }

    void serve()
    {
        for (;;) {
            const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (accepted < 0)
                return;
            peer_stream stream(accepted, context_.get());
            if (!begin(&stream))
                return;
            play_(stream);
            begin(nullptr);
        }
    }

    // False if the peer is going: then the script must not begin.
    bool begin(peer_stream* stream)
    {
        const std::lock_guard lock(ending_);
        current_ = stream;
        return !ended_;
    }

    std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>> context_;
    script play_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::mutex ending_;
    bool ended_ = false;
    peer_stream* current_ = nullptr;
    std::thread thread_;
};

}  // namespace reaper::test
