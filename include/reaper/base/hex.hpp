#pragma once
// 32 hexadecimal digits at a time. Nearly every token is that, and each is looked at when its file
// is taken in, when duplicates are looked for, and when it is sent: digit by digit this would be a
// tenth of the work.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace reaper {

inline constexpr std::size_t hex_run = 32;

// What 32 characters are. The number means nothing if they are no digits.
struct hex_number
{
    std::uint64_t high = 0;  // of the first 16; each digit has its place, in an order of its own
    std::uint64_t low = 0;
    bool lower = false;  // all are of 0-9 a-f
    bool upper = false;  // all are of 0-9 A-F
    bool mixed = false;  // all are of 0-9 a-f A-F
};

namespace hex_detail {

// Sixteen characters in one register: an extension of GCC and Clang, on any machine.
using octets = std::uint8_t __attribute__((vector_size(16)));
using pairs = std::uint16_t __attribute__((vector_size(16)));

template <class Vector>
[[nodiscard]] inline bool all_zero(Vector bits)
{
    std::uint64_t halves[2];
    std::memcpy(halves, &bits, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

struct half
{
    octets values;     // of each digit
    octets not_lower;  // zero where the character is the digit, as a small letter
    octets not_upper;
    octets not_mixed;
};

[[nodiscard]] inline half read_half(const char* text)
{
    octets c;
    std::memcpy(&c, text, sizeof c);
    // A letter, of either case, has bit 6, and its low bits count from 1.
    const octets letter = c >> 6 & 1;
    const octets values = (c & 0x0F) + letter * 9;
    // What a digit of this value would look like; none has a value beyond 15 ('g' to 'o').
    const octets letter_again = values > 9 ? octets{} + 1 : octets{};
    const octets lower = values + '0' + letter_again * ('a' - '9' - 1);
    const octets upper = lower - letter_again * ('a' - 'A');
    const octets beyond = values & 0xF0;
    return {
        .values = values,
        .not_lower = (c ^ lower) | beyond,
        .not_upper = (c ^ upper) | beyond,
        .not_mixed = ((c | letter << 5) ^ lower) | beyond};
}

// Two neighbours share a byte.
[[nodiscard]] inline std::uint64_t pack(octets values)
{
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
    const half first = read_half(text);
    const half second = read_half(text + hex_run / 2);
    return {
        .high = pack(first.values),
        .low = pack(second.values),
        .lower = all_zero(first.not_lower | second.not_lower),
        .upper = all_zero(first.not_upper | second.not_upper),
        .mixed = all_zero(first.not_mixed | second.not_mixed)};
}

// True if the text is 32 hexadecimal digits.
[[nodiscard]] inline bool is_hex_run(std::string_view text)
{
    return text.size() == hex_run && read_hex(text.data()).mixed;
}

}  // namespace reaper
