#pragma once
// 32 hexadecimal digits at a time. Nearly every token is that, and each is looked at when its file
// is taken in, when duplicates are looked for, and when it is sent: digit by digit this would be a
// tenth of the work.

#include "reaper/base/octets.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reaper {

inline constexpr std::size_t hex_run = 32;
static_assert(hex_run == 2 * octets_size);

// What 32 characters are. The number means nothing if they are no digits.
struct hex_number
{
    std::uint64_t high = 0;  // of the first 16; each digit has its place, in an order of its own
    std::uint64_t low = 0;
    bool lower = false;  // all are of 0-9 a-f
    bool upper = false;  // all are of 0-9 A-F
};

namespace hex_detail {

using pairs = std::uint16_t __attribute__((vector_size(16)));

// Where there is a digit from 0 to 9; what lies below '0' wraps around.
[[nodiscard]] inline octet_mask are_decimal(octets c)
{
    return c - '0' < 10;
}

// Where there is one of six letters.
[[nodiscard]] inline octet_mask are_letters_from(char first, octets c)
{
    return c - static_cast<std::uint8_t>(first) < 6;
}

// The value of each digit, two neighbours to a byte.
[[nodiscard]] inline std::uint64_t pack_values(octets c)
{
    // The low bits of a letter, of either case, count from 1.
    const octets values = (c & 0x0F) + (c > '9' ? octets{} + 9 : octets{});
    pairs two;
    std::memcpy(&two, &values, sizeof two);
    two = (two << 4 | two >> 8) & 0xFF;
    std::uint64_t words[2];
    std::memcpy(words, &two, sizeof words);
    return words[0] | words[1] << 8;
}

}  // namespace hex_detail

// Requires hex_run characters at `text`.
[[nodiscard]] inline hex_number read_hex(const char* text)
{
    using namespace hex_detail;
    const octets first = load_octets(text);
    const octets second = load_octets(text + octets_size);
    const octet_mask decimal_first = are_decimal(first);
    const octet_mask decimal_second = are_decimal(second);
    return {
        .high = pack_values(first),
        .low = pack_values(second),
        .lower = is_everywhere(
            (decimal_first | are_letters_from('a', first)) &
            (decimal_second | are_letters_from('a', second))
        ),
        .upper = is_everywhere(
            (decimal_first | are_letters_from('A', first)) &
            (decimal_second | are_letters_from('A', second))
        )};
}

// True if the text is 32 hexadecimal digits, small, capital or mixed.
[[nodiscard]] inline bool is_hex_run(std::string_view text)
{
    using namespace hex_detail;
    if (text.size() != hex_run)
        return false;
    constexpr std::uint8_t to_small = 'a' - 'A';  // the bit that a capital letter lacks
    const octets first = load_octets(text.data());
    const octets second = load_octets(text.data() + octets_size);
    return is_everywhere(
        (are_decimal(first) | are_letters_from('a', first | to_small)) &
        (are_decimal(second) | are_letters_from('a', second | to_small))
    );
}

}  // namespace reaper
