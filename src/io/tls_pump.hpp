#pragma once
// The client's side of TLS above a stream that never blocks. asio::ssl::stream does the same
// through a pair of 17 KiB buffers, one record per system call in each direction, and a copy of
// everything; here OpenSSL reads from the socket into its own buffer, as much as there is, and what
// it writes goes out from there.

#include "reaper/base/result.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace reaper {

// Frees with a function of OpenSSL.
template <auto Free>
struct openssl_deleter
{
    template <class T>
    void operator()(T* pointer) const
    {
        Free(pointer);
    }
};

class tls_context
{
public:
    explicit tls_context(SSL_CTX* owned) : context_(owned) {}

    [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

private:
    std::unique_ptr<SSL_CTX, openssl_deleter<SSL_CTX_free>> context_;
};

// What lies below: a socket. Nothing blocks.
class tls_stream
{
public:
    // So many bytes; 0 if none are there yet, or the stream has ended: then ended() says so.
    [[nodiscard]] virtual std::size_t receive(char* into, std::size_t room) = 0;
    [[nodiscard]] virtual bool ended() const = 0;

    // So many bytes were taken. Those that were not are kept in tls_pump::outgoing().
    [[nodiscard]] virtual std::size_t send(std::string_view bytes) = 0;

protected:
    ~tls_stream() = default;
};

enum class tls_step
{
    done,     // what was asked for
    starved,  // the stream has nothing more yet
    ended,    // the peer has said that it sends no more
    failed,   // for good: failure() says why
};

// One connection. After any call, outgoing() may hold bytes for the peer.
class tls_pump
{
public:
    // Will insist that the peer proves to be `host` (a name or an address). `below` must outlive
    // it.
    tls_pump(std::shared_ptr<tls_context> context, std::string host, tls_stream& below);

    [[nodiscard]] tls_step handshake();

    // Decrypts into `plain` until it is full (done) or nothing is left; `size` is how much it
    // wrote, whatever the step.
    [[nodiscard]] tls_step read(char* plain, std::size_t room, std::size_t& size);

    // Encrypts all of it. False after a failure.
    [[nodiscard]] bool write(std::string_view plain);

    // Tells the peer that no more will come.
    void say_goodbye();

    // Ciphertext that the stream did not take: send it, and nothing before it.
    [[nodiscard]] std::string& outgoing() { return channel_->out; }

    // A sentence, after `failed`.
    [[nodiscard]] const std::string& failure() const { return failure_; }

    // True if it failed over the peer's certificate: another address would hardly have another.
    [[nodiscard]] bool is_untrusted() const { return untrusted_; }

private:
    struct channel
    {
        tls_stream& below;
        std::string out;
        bool gathers = false;  // several records are to leave as one piece
    };

    static const BIO_METHOD* bio_method();
    tls_step after(int returned);
    void note_failure();

    std::shared_ptr<tls_context> context_;
    std::string host_;
    std::unique_ptr<channel> channel_;  // at a fixed address: the BIO points to it
    std::unique_ptr<SSL, openssl_deleter<SSL_free>> ssl_;
    std::string failure_;
    bool untrusted_ = false;
};

}  // namespace reaper
