#include "sandbox/token_index.hpp"

namespace sandbox {

token_index::token_index() : slots_(1024, empty_slot) {}

std::size_t token_index::slot_of(token_bits token) const
{
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = mix_bits(token.high ^ token.low) & mask;
    while (slots_[slot] != empty_slot && entries_[slots_[slot]] != token)
        slot = (slot + 1) & mask;
    return slot;
}

void token_index::grow()
{
    std::vector<number> old(slots_.size() * 2, empty_slot);
    old.swap(slots_);
    for (const number n : old)
        if (n != empty_slot)
            slots_[slot_of(entries_[n])] = n;
}

token_index::number token_index::intern(std::string_view token)
{
    const auto next = static_cast<number>(entries_.size());
    const auto bits = parse_token(token);
    if (!bits) {
        const auto [place, is_new] = other_numbers_.try_emplace(std::string(token), next);
        if (is_new) {
            entries_.emplace_back();
            other_texts_.emplace(next, token);
        }
        return place->second;
    }

    std::size_t slot = slot_of(*bits);
    if (slots_[slot] != empty_slot)
        return slots_[slot];
    if ((hexadecimal_ + 1) * 3 > slots_.size() * 2) {
        grow();
        slot = slot_of(*bits);
    }
    slots_[slot] = next;
    entries_.push_back(*bits);
    ++hexadecimal_;
    return next;
}

std::optional<token_index::number> token_index::find(std::string_view token) const
{
    if (const auto bits = parse_token(token)) {
        const number n = slots_[slot_of(*bits)];
        return n == empty_slot ? std::nullopt : std::optional(n);
    }
    const auto place = other_numbers_.find(std::string(token));
    return place == other_numbers_.end() ? std::nullopt : std::optional(place->second);
}

std::string token_index::text(number token) const
{
    const auto place = other_texts_.find(token);
    return place == other_texts_.end() ? format_token(entries_[token]) : place->second;
}

}  // namespace sandbox
