#pragma once
// TLS without I/O: ciphertext and plain bytes in, plain bytes and ciphertext out. asio::ssl::stream
// does the same through a pair of 17 KiB buffers, one record per system call in each direction;
// with this one a system call carries whatever the socket takes or gives.

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

enum class tls_step
{
    done,     // what was asked for
    starved,  // everything fed is used up: feed() more
    ended,    // the peer has said that it sends no more
    failed,   // for good: failure() says why
};

// The client's side of one connection. After any call, outgoing() may hold bytes for the peer.
class tls_pump
{
public:
    // Will insist that the peer proves to be `host` (a name or an address).
    tls_pump(std::shared_ptr<tls_context> context, std::string host);

    // Bytes from the peer: not copied, they must stay until the calls below are starved. Only when
    // they are.
    void feed(std::string_view ciphertext);

    [[nodiscard]] tls_step handshake();

    // Decrypts into `plain` until it is full (done) or nothing is left; `size` is how much it
    // wrote, whatever the step.
    [[nodiscard]] tls_step read(char* plain, std::size_t room, std::size_t& size);

    // Encrypts all of it. False after a failure.
    [[nodiscard]] bool write(std::string_view plain);

    // Tells the peer that no more will come.
    void say_goodbye();

    // Ciphertext for the peer: take it out.
    [[nodiscard]] std::string& outgoing() { return channel_->out; }

    // A sentence, after `failed`.
    [[nodiscard]] const std::string& failure() const { return failure_; }

    // True if it failed over the peer's certificate: another address would hardly have another.
    [[nodiscard]] bool is_untrusted() const { return untrusted_; }

private:
    struct channel
    {
        std::string_view in;
        std::string out;
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
