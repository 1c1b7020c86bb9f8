#include "reaper/io/file_ops.hpp"
#include "reaper/io/https_connection.hpp"
#include "tls_pump.hpp"

#include <openssl/err.h>

#include <new>

namespace reaper {
namespace {

constexpr std::size_t ca_file_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t read_ahead_bytes = 128 * 1024;

result<void> trust(SSL_CTX* context, const std::string& ca_file)
{
    if (ca_file.empty()) {
        // Succeeds even where no authority is installed; the handshake then says what is missing.
        SSL_CTX_set_default_verify_paths(context);
        return {};
    }
    // OpenSSL's own words for a file that is not there are of no use to anybody.
    if (const auto readable = read_file_bounded(ca_file, ca_file_bytes_max); !readable)
        return readable.error();
    if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1)
        return fault{"ca_file " + ca_file + " holds no certificate in PEM form"};
    return {};
}

}  // namespace

result<std::shared_ptr<tls_context>> make_tls_context(const std::string& ca_file)
{
    const auto made = std::make_shared<tls_context>(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* const context = made->get();
    if (context == nullptr)
        throw std::bad_alloc();

    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Where the server leaves the choice to us, the fastest first.
    SSL_CTX_set_ciphersuites(
        context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    );
    // As much as the socket has, in one call: a server may send each answer as a record of its own.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, read_ahead_bytes);

    const auto trusted = trust(context, ca_file);
    ERR_clear_error();
    if (!trusted)
        return trusted.error();
    return made;
}

}  // namespace reaper
