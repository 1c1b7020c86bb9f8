#include "duplicates_texts.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reaper::duplicates {
namespace {

constexpr unsigned place_bits = 48;
constexpr std::uint64_t place_mask = (std::uint64_t{1} << place_bits) - 1;
constexpr std::size_t slots_first = 16;

// The shard, the tag and the slot use different bits of the hash.
constexpr unsigned shard_shift = 58;
constexpr unsigned tag_shift = 42;

std::uint64_t tag_of(std::uint64_t hash)
{
    return hash >> tag_shift << place_bits;
}

}  // namespace

// FNV-1a, and a last round that spreads its weak upper bits.
std::uint64_t text_set::hash_of(std::string_view text) const
{
    std::uint64_t hash = 0xCBF29CE484222325ull ^ seed_;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001B3ull;
    }
    hash ^= hash >> 32;
    hash *= 0x9E3779B97F4A7C15ull;
    return hash ^ hash >> 29;
}

bool text_set::insert(std::string_view text)
{
    assert(text.size() <= 255);
    const std::uint64_t hash = hash_of(text);
    shard& here = shards_[hash >> shard_shift];
    if (here.count * 4 >= here.slots.size() * 3)
        grow(here);
    const std::size_t mask = here.slots.size() - 1;
    std::size_t slot = hash & mask;
    for (; here.slots[slot] != 0; slot = (slot + 1) & mask) {
        const std::uint64_t other = here.slots[slot];
        if ((other & ~place_mask) == tag_of(hash) && text_at(other & place_mask) == text)
            return false;
    }
    here.slots[slot] = tag_of(hash) | store(text);
    ++here.count;
    return true;
}

std::string_view text_set::text_at(std::uint64_t place) const
{
    const std::uint64_t offset = place - 1;
    const char* const at = blocks_[offset / block_bytes]->data() + offset % block_bytes;
    return {at + 1, static_cast<unsigned char>(*at)};
}

// Returns the place: one more than the offset, so that it is never 0.
std::uint64_t text_set::store(std::string_view text)
{
    if (used_ + 1 + text.size() > block_bytes) {
        blocks_.push_back(std::make_unique_for_overwrite<block>());
        used_ = 0;
    }
    const std::uint64_t place = (blocks_.size() - 1) * block_bytes + used_ + 1;
    char* const at = blocks_.back()->data() + used_;
    *at = static_cast<char>(text.size());
    std::copy(text.begin(), text.end(), at + 1);
    used_ += 1 + text.size();
    return place;
}

void text_set::grow(shard& full) const
{
    const std::size_t slots = full.slots.empty() ? slots_first : full.slots.size() * 2;
    const auto old = std::exchange(full.slots, std::vector<std::uint64_t>(slots));
    for (const std::uint64_t entry : old) {
        if (entry == 0)
            continue;
        std::size_t slot = hash_of(text_at(entry & place_mask)) & (slots - 1);
        while (full.slots[slot] != 0)
            slot = (slot + 1) & (slots - 1);
        full.slots[slot] = entry;
    }
}

std::size_t text_set::memory_bytes() const
{
    std::size_t sum = blocks_.size() * block_bytes + blocks_.capacity() * sizeof(blocks_.front());
    for (const shard& s : shards_)
        sum += s.slots.capacity() * sizeof(std::uint64_t);
    return sum;
}

}  // namespace reaper::duplicates
