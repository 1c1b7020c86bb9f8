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

constexpr int not_a_digit = -1;

constexpr int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return not_a_digit;
}

// The number that the token writes, if it is 32 hexadecimal digits without letters of both cases.
std::optional<hex_key> as_hex(std::string_view token)
{
    if (token.size() != hex_digits)
        return std::nullopt;
    std::array<std::uint64_t, 2> halves{};
    bool lower = false;
    bool upper = false;
    for (std::size_t at = 0; at < hex_digits; ++at) {
        const char c = token[at];
        const int digit = digit_of(c);
        if (digit == not_a_digit)
            return std::nullopt;
        lower = lower || c >= 'a';
        upper = upper || (c >= 'A' && c <= 'F');
        std::uint64_t& half = halves[at / (hex_digits / 2)];
        half = half << 4 | static_cast<std::uint64_t>(digit);
    }
    if (lower && upper)
        return std::nullopt;
    const letters are = upper ? letters::upper : lower ? letters::lower : letters::none;
    return hex_key{{halves[0], halves[1]}, are};
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
