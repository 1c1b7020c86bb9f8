#pragma once
// What a token is (SPEC 4), and its text held in place: at most 128 bytes, so that what is in
// flight or waits for another try costs no allocation.

#include "reaper/base/hex.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reaper {

inline constexpr std::size_t token_bytes_max = 128;

// A byte of a token: A-Z a-z 0-9 _ - (SPEC 4).
[[nodiscard]] constexpr bool is_token_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

// 1 to 128 such bytes: what every token is, whatever its account's shape.
[[nodiscard]] inline bool has_token_form(std::string_view text)
{
    static constexpr auto admitted = [] {
        std::array<bool, 256> table{};
        for (unsigned byte = 0; byte < table.size(); ++byte)
            table[byte] = is_token_byte(static_cast<char>(byte));
        return table;
    }();
    if (text.size() > token_bytes_max)
        return false;
    // Nearly every token is 32 hexadecimal digits.
    return is_hex_run(text) || (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
               return admitted[static_cast<unsigned char>(c)];
           }));
}

class token_text
{
public:
    token_text() = default;

    explicit token_text(std::string_view text) { assign(text); }

    void assign(std::string_view text)
    {
        assert(text.size() <= token_bytes_max);
        size_ = static_cast<std::uint8_t>(text.size());
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
