#pragma once
// A certificate authority of the server's own and a certificate signed by it, made at each start:
// P-256, valid from yesterday for a year. The authority's private key is never stored.

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace sandbox {

struct context_deleter
{
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

using tls_context = std::unique_ptr<SSL_CTX, context_deleter>;

struct tls_identity
{
    tls_context context;
    std::string ca_pem;
};

// For localhost, 127.0.0.1, ::1 and `names` (host names or addresses). Throws std::runtime_error.
[[nodiscard]] tls_identity make_tls_identity(const std::vector<std::string>& names);

}  // namespace sandbox
