#include "reaper/io/keyed_hash.hpp"

#include "reaper/base/text.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace reaper {

namespace {

constexpr std::size_t keyed_hash_bytes = 8;

// OpenSSL takes and fills unsigned bytes.
const unsigned char* unsigned_bytes(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view as_text(const unsigned char* bytes, std::size_t size)
{
    return {reinterpret_cast<const char*>(bytes), size};
}

// SHA-256 fails only where the library was built or configured without it, or memory is exhausted.
void demand(bool done)
{
    if (!done)
        throw std::runtime_error("SHA-256 is not available from this OpenSSL");
}

struct context_free
{
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

using context_ptr = std::unique_ptr<EVP_MD_CTX, context_free>;

}  // namespace

std::string keyed_hash(std::string_view salt, std::string_view text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    std::size_t size = 0;
    const unsigned char* const done = EVP_Q_mac(
        nullptr,
        "HMAC",
        nullptr,
        "SHA256",
        nullptr,
        salt.data(),
        salt.size(),
        unsigned_bytes(text),
        text.size(),
        digest.data(),
        digest.size(),
        &size
    );
    demand(done != nullptr && size >= keyed_hash_bytes);
    return to_hex(as_text(digest.data(), keyed_hash_bytes));
}

struct sha256_stream::context
{
    context_ptr evp{EVP_MD_CTX_new()};
};

sha256_stream::sha256_stream() : context_(std::make_unique<context>())
{
    demand(context_->evp && EVP_DigestInit_ex(context_->evp.get(), EVP_sha256(), nullptr) == 1);
}

sha256_stream::~sha256_stream() = default;
sha256_stream::sha256_stream(sha256_stream&&) noexcept = default;
sha256_stream& sha256_stream::operator=(sha256_stream&&) noexcept = default;

void sha256_stream::update(std::string_view bytes)
{
    demand(EVP_DigestUpdate(context_->evp.get(), bytes.data(), bytes.size()) == 1);
}

std::string sha256_stream::hex() const
{
    // Finishing spends a context, so a copy is finished.
    const context_ptr copy{EVP_MD_CTX_new()};
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    demand(
        copy && EVP_MD_CTX_copy_ex(copy.get(), context_->evp.get()) == 1 &&
        EVP_DigestFinal_ex(copy.get(), digest.data(), &size) == 1
    );
    return to_hex(as_text(digest.data(), size));
}

}  // namespace reaper
