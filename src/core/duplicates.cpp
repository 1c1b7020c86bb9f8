#include "reaper/core/duplicates.hpp"

#include "duplicates_keys.hpp"
#include "duplicates_texts.hpp"
#include "reaper/base/hex.hpp"

namespace reaper {

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
    const hex_number hex = token.size() == hex_run ? read_hex(token.data()) : hex_number{};
    if (hex.lower || hex.upper)
        is_new = (hex.lower ? tables_->lower : tables_->upper).insert({hex.high, hex.low});
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
