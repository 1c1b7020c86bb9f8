#include "sandbox/tokens.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sandbox {
namespace {

constexpr std::uint8_t no_digit = 0xff;

// Values of the lower-case hexadecimal digits; a table, because this runs once per request.
constexpr std::array<std::uint8_t, 256> digit_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::uint8_t i = 0; i < 10; ++i)
        values[static_cast<std::size_t>('0' + i)] = i;
    for (std::uint8_t i = 0; i < 6; ++i)
        values[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
    return values;
}();

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_letter_up_to(char c, char last_lower, char last_upper)
{
    return (c >= 'a' && c <= last_lower) || (c >= 'A' && c <= last_upper);
}

}  // namespace

std::uint64_t mix_bits(std::uint64_t value)
{
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

std::optional<token_bits> parse_token(std::string_view text)
{
    if (text.size() != 32)
        return std::nullopt;
    std::array<std::uint64_t, 2> halves{};
    std::uint8_t seen = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        const std::uint8_t digit = digit_values[static_cast<unsigned char>(text[i])];
        seen |= digit;
        halves[i / 16] = halves[i / 16] << 4 | (digit & 0xfU);
    }
    if ((seen & 0xf0U) != 0)
        return std::nullopt;
    return token_bits{halves[0], halves[1]};
}

std::string format_token(token_bits token)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text(32, '0');
    for (std::size_t i = 0; i < 16; ++i) {
        text[15 - i] = digits[token.high >> (4 * i) & 0xfU];
        text[31 - i] = digits[token.low >> (4 * i) & 0xfU];
    }
    return text;
}

bool is_token_text(std::string_view text)
{
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || is_letter_up_to(c, 'z', 'Z') || c == '_' || c == '-';
    });
}

bool is_hex_token(std::string_view text)
{
    return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
               return is_digit(c) || is_letter_up_to(c, 'f', 'F');
           });
}

token_sequence::token_sequence(std::uint64_t seed)
{
    for (auto& key : keys_)
        key = seed = mix_bits(seed);
}

token_bits token_sequence::at(std::uint64_t index) const
{
    token_bits block{0, index};
    for (const auto key : keys_)
        block = {block.low, block.high ^ mix_bits(block.low ^ key)};
    return block;
}

std::optional<std::uint64_t> token_sequence::index_of(token_bits token) const
{
    for (std::size_t round = 4; round-- > 0;)
        token = {token.low ^ mix_bits(token.high ^ keys_[round]), token.high};
    if (token.high != 0)
        return std::nullopt;
    return token.low;
}

}  // namespace sandbox
