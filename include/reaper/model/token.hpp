#pragma once
// A token's text, held in place: at most 128 bytes (SPEC 4), so that what is in flight or waits for
// another try costs no allocation.

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reaper {

inline constexpr std::size_t token_bytes_max = 128;

class token_text
{
public:
    token_text() = default;

    explicit token_text(std::string_view text) : size_(static_cast<std::uint8_t>(text.size()))
    {
        assert(text.size() <= token_bytes_max);
        std::memcpy(bytes_.data(), text.data(), text.size());
    }

    token_text(const token_text& other) : size_(other.size_)
    {
        std::memcpy(bytes_.data(), other.bytes_.data(), size_);
    }

    token_text& operator=(const token_text& other)
    {
        if (this != &other) {
            size_ = other.size_;
            std::memcpy(bytes_.data(), other.bytes_.data(), size_);
        }
        return *this;
    }

    ~token_text() = default;

    [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }

private:
    std::uint8_t size_ = 0;
    std::array<char, token_bytes_max> bytes_;  // only the first size_ bytes mean anything
};

}  // namespace reaper
