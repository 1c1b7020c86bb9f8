#pragma once
// SHA-256 of files, and keyed hashes of secrets. A limit and a proven route are named by a hash
// that is keyed with the spool's own salt, so that no name under state/ tells anything about an API
// key (SPEC P6, docs/journal.md).

#include <memory>
#include <string>
#include <string_view>

namespace reaper {

// HMAC-SHA256 of `text` under `salt`, its first 8 bytes as 16 hexadecimal digits.
[[nodiscard]] std::string keyed_hash(std::string_view salt, std::string_view text);

// SHA-256 of bytes that arrive in pieces.
class sha256_stream
{
public:
    sha256_stream();
    ~sha256_stream();
    sha256_stream(sha256_stream&&) noexcept;
    sha256_stream& operator=(sha256_stream&&) noexcept;

    void update(std::string_view bytes);

    // 64 lower-case hexadecimal digits of everything so far; more may follow.
    [[nodiscard]] std::string hex() const;

private:
    struct context;
    std::unique_ptr<context> context_;
};

}  // namespace reaper
