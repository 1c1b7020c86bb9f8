#include "reaper/core/duplicates.hpp"

#include "duplicates_keys.hpp"
#include "duplicates_texts.hpp"

#include <array>
#include <optional>

namespace reaper {
namespace {

using duplicates::key;

constexpr std::size_t hex_digits = 32;

enum class letters : std::uint8_t
{
    none,
    lower,
    upper,
};

struct hex_key
{
    key value;
    letters are = letters::none;
};

// What a byte is as a hexadecimal digit: its value in the low four bits, and what else is to be
// known.
constexpr std::uint8_t is_lower = 0x10;
constexpr std::uint8_t is_upper = 0x20;
constexpr std::uint8_t is_none = 0x40;

constexpr std::array<std::uint8_t, 256> digits = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(is_none);
    for (unsigned value = 0; value < 16; ++value) {
        const auto low = static_cast<std::uint8_t>(value);
        table[static_cast<unsigned char>("0123456789abcdef"[value])] =
            value < 10 ? low : low | is_lower;
        table[static_cast<unsigned char>("0123456789ABCDEF"[value])] =
            value < 10 ? low : low | is_upper;
    }
    return table;
}();

// The number that the token writes, if it is 32 hexadecimal digits without letters of both cases.
std::optional<hex_key> as_hex(std::string_view token)
{
    if (token.size() != hex_digits)
        return std::nullopt;
    std::uint8_t seen = 0;
    const auto half = [&](const char* text) {
        std::uint64_t value = 0;
        for (std::size_t at = 0; at < hex_digits / 2; ++at) {
            const std::uint8_t digit = digits[static_cast<unsigned char>(text[at])];
            seen |= digit;
            value = value << 4 | (digit & 0x0FU);
        }
        return value;
    };
    const std::uint64_t high = half(token.data());
    const std::uint64_t low = half(token.data() + hex_digits / 2);
    const bool mixed = (seen & is_lower) != 0 && (seen & is_upper) != 0;
    if (mixed || (seen & is_none) != 0)
        return std::nullopt;
    const letters are = (seen & is_upper) != 0   ? letters::upper
                        : (seen & is_lower) != 0 ? letters::lower
                                                 : letters::none;
    return hex_key{{high, low}, are};
}

}  // namespace

struct duplicate_finder::tables
{
    explicit tables(std::uint64_t seed) : lower(seed), upper(seed), others(seed) {}

    duplicates::key_set lower;  // and those of decimal digits only
    duplicates::key_set upper;
    duplicates::text_set others;
    std::uint64_t count = 0;
};

duplicate_finder::duplicate_finder(std::uint64_t seed) : tables_(std::make_unique<tables>(seed)) {}

duplicate_finder::~duplicate_finder() = default;
duplicate_finder::duplicate_finder(duplicate_finder&&) noexcept = default;
duplicate_finder& duplicate_finder::operator=(duplicate_finder&&) noexcept = default;

bool duplicate_finder::insert(std::string_view token)
{
    bool is_new = false;
    if (const auto hex = as_hex(token))
        is_new = (hex->are == letters::upper ? tables_->upper : tables_->lower).insert(hex->value);
    else
        is_new = tables_->others.insert(token);
    tables_->count += is_new ? 1 : 0;
    return is_new;
}

void duplicate_finder::expect(std::uint64_t tokens)
{
    tables_->lower.expect(tokens);
    tables_->upper.expect(tokens);
}

std::uint64_t duplicate_finder::size() const
{
    return tables_->count;
}

std::size_t duplicate_finder::memory_bytes() const
{
    return sizeof(tables) + tables_->lower.memory_bytes() + tables_->upper.memory_bytes() +
           tables_->others.memory_bytes();
}

}  // namespace reaper
