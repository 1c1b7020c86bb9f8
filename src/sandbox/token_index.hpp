#pragma once
// Numbers tokens: the first one put in is 0. 16 bytes a token and a hash table of 32-bit numbers
// beside, because ten million campaigns, or the tokens of a whole ledger, have to fit in memory.
// Tokens that are not 32 lower-case hexadecimal digits are few, and are kept as text.

#include "sandbox/tokens.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sandbox {

class token_index
{
public:
    using number = std::uint32_t;

    token_index();

    // The number of the token, which is new if it is the size() of before.
    number intern(std::string_view token);
    [[nodiscard]] std::optional<number> find(std::string_view token) const;

    [[nodiscard]] std::size_t size() const { return entries_.size(); }

    [[nodiscard]] std::string text(number token) const;

private:
    // The slot of the token, or the empty one where it belongs.
    [[nodiscard]] std::size_t slot_of(token_bits token) const;
    void grow();

    static constexpr number empty_slot = UINT32_MAX;

    std::vector<number> slots_;  // a power of two; at most two thirds are in use
    std::deque<token_bits> entries_;
    std::size_t hexadecimal_ = 0;  // entries that stand in slots_
    std::unordered_map<std::string, number> other_numbers_;
    std::unordered_map<number, std::string> other_texts_;
};

}  // namespace sandbox
