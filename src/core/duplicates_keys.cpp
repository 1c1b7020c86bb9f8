#include "duplicates_keys.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

namespace reaper::duplicates {
namespace {

constexpr std::size_t word_bits = 64;

// A shard is rebuilt when it is fuller than this, to this.
constexpr double load_max = 0.95;
constexpr double load_rebuilt = 0.90;

// Both halves of a product, one over the other: any bit of the value changes bits everywhere.
std::uint64_t mix(std::uint64_t value)
{
    __extension__ using product = unsigned __int128;
    const product whole = static_cast<product>(value) * 0xFF51AFD7ED558CCDull;
    return static_cast<std::uint64_t>(whole) ^ static_cast<std::uint64_t>(whole >> word_bits);
}

}  // namespace

void key_table::add_page()
{
    // Of a new page only the bits are cleared: an unused slot is never read.
    pages_.emplace_back(new page);
}

std::uint8_t* key_table::slot_bytes(std::size_t slot) const
{
    return pages_[slot / page_slots]->bytes.data() + slot % page_slots * key_bytes;
}

stored_key key_table::at(std::size_t slot) const
{
    const std::uint8_t* const bytes = slot_bytes(slot);
    stored_key value;
    std::memcpy(&value.high, bytes, sizeof value.high);
    std::memcpy(&value.low, bytes + sizeof value.high, key_bytes - sizeof value.high);
    return value;
}

void key_table::put(std::size_t slot, const stored_key& value)
{
    mark_used(slot);
    overwrite(slot, value);
}

void key_table::overwrite(std::size_t slot, const stored_key& value)
{
    static_assert(std::endian::native == std::endian::little, "the lowest 7 bytes come first");
    std::uint8_t* const bytes = slot_bytes(slot);
    std::memcpy(bytes, &value.high, sizeof value.high);
    std::memcpy(bytes + sizeof value.high, &value.low, key_bytes - sizeof value.high);
}

void key_table::mark_used(std::size_t slot)
{
    const std::size_t bit = slot % page_slots;
    pages_[slot / page_slots]->used[bit / word_bits] |= std::uint64_t{1} << bit % word_bits;
}

bool key_table::is_used(std::size_t slot) const
{
    const std::size_t bit = slot % page_slots;
    return (pages_[slot / page_slots]->used[bit / word_bits] >> bit % word_bits & 1) != 0;
}

std::size_t key_table::first_unused(std::size_t slot) const
{
    std::size_t bit = slot % page_slots;
    for (std::size_t at = slot / page_slots; at < pages_.size(); ++at, bit = 0) {
        for (std::size_t word = bit / word_bits; word < page::words; ++word) {
            const std::uint64_t from = word == bit / word_bits ? bit % word_bits : 0;
            const std::uint64_t unused = ~pages_[at]->used[word] & (~std::uint64_t{0} << from);
            const auto found =
                word * word_bits + static_cast<std::size_t>(std::countr_zero(unused));
            if (unused != 0)
                return at * page_slots + found;
        }
    }
    return slots();
}

void key_table::shift_right(std::size_t from, std::size_t gap)
{
    mark_used(gap);
    while (gap > from) {
        const std::size_t page_start = gap - gap % page_slots;
        const std::size_t first = std::max(from, page_start);
        std::uint8_t* const bytes = slot_bytes(first);
        std::memmove(bytes + key_bytes, bytes, (gap - first) * key_bytes);
        if (first == from)
            break;
        // The last key of the page before comes to the front of this one.
        std::memcpy(slot_bytes(page_start), slot_bytes(page_start - 1), key_bytes);
        gap = page_start - 1;
    }
}

std::size_t key_table::memory_bytes() const
{
    return pages_.size() * sizeof(page) + pages_.capacity() * sizeof(pages_.front());
}

std::size_t key_shard::home(const stored_key& value, std::size_t homes)
{
    __extension__ using wide = unsigned __int128;
    return static_cast<std::size_t>(wide{value.high} * homes >> 64);
}

bool key_shard::insert(const stored_key& value, const growth& how)
{
    if (count_ >= count_max_)
        rebuild(how);
    std::size_t slot = home(value, homes_);
    const std::size_t gap = table_.first_unused(slot);
    for (; slot < gap; ++slot) {
        const stored_key other = table_.at(slot);
        if (other == value)
            return false;
        if (value < other)
            break;
    }
    if (gap == table_.slots())
        table_.add_page();
    table_.shift_right(slot, gap);
    table_.overwrite(slot, value);
    ++count_;
    return true;
}

void key_shard::rebuild(const growth& how)
{
    const double load = load_max - (load_max - load_rebuilt) * (count_ == 0 ? how.stagger : 1.0);
    // A little for every key that comes, at once for those that are expected: but what a wrong
    // guess costs is bounded by what is there.
    const std::size_t keys = std::clamp(how.expected, count_ + 1, 2 * count_ + 1);
    homes_ = count_ == 0 ? static_cast<std::size_t>(key_table::page_slots * load)
                         : static_cast<std::size_t>(static_cast<double>(keys) / load) + 1;
    count_max_ = static_cast<std::size_t>(static_cast<double>(homes_) * load_max);
    const key_table old = std::exchange(table_, {});
    std::size_t next = 0;
    for (std::size_t slot = 0; slot < old.slots(); ++slot) {
        if (!old.is_used(slot))
            continue;
        const stored_key value = old.at(slot);
        next = std::max(next, home(value, homes_));
        while (next >= table_.slots())
            table_.add_page();
        table_.put(next++, value);
    }
    while (table_.slots() < homes_)
        table_.add_page();
}

// Four rounds of a Feistel network: a bijection of 128 bits, so that different keys stay different.
key key_set::scatter(key value) const
{
    constexpr std::uint64_t step = 0x9E3779B97F4A7C15ull;
    for (std::uint64_t round = 1; round <= 2; ++round) {
        value.high ^= mix(value.low + seed_ + round * step);
        value.low ^= mix(value.high + (seed_ ^ round * step));
    }
    return value;
}

bool key_set::insert(const key& value)
{
    const key scattered = scatter(value);
    const std::size_t shard = scattered.low >> 56;
    const stored_key rest{scattered.high, scattered.low & 0x00FFFFFFFFFFFFFFull};
    return shards_[shard].insert(
        rest, {.stagger = static_cast<double>(shard) / shard_count, .expected = expected_in_shard_}
    );
}

void key_set::expect(std::uint64_t keys)
{
    // Shards are filled by chance, and few of them by more than this: a hundredth, and some for the
    // small ones.
    expected_in_shard_ = static_cast<std::size_t>(keys / shard_count * 101 / 100 + 16);
}

std::size_t key_set::memory_bytes() const
{
    std::size_t sum = 0;
    for (const key_shard& shard : shards_)
        sum += shard.memory_bytes();
    return sum;
}

}  // namespace reaper::duplicates
