#pragma once
// Part of core/duplicates: an exact set of 128-bit keys.
//
// Keys pass a bijection that scatters them evenly. The first byte of the result chooses one of 256
// shards and is not stored: 15 bytes are. Within a shard the keys stand in ascending order in a
// table with few gaps, each at or behind the slot that its value points to (linear probing in
// order): so the table may be 95 % full, and is rebuilt larger in one pass from its beginning to
// its end. It lies in small pages of one size, which the allocator can reuse for the next shard
// that grows.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace reaper::duplicates {

struct key
{
    std::uint64_t high = 0;
    std::uint64_t low = 0;
};

// What a shard stores of a scattered key: 64 and 56 bits.
struct stored_key
{
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend bool operator==(const stored_key&, const stored_key&) = default;
    friend auto operator<=>(const stored_key&, const stored_key&) = default;
};

// Slots in pages.
class key_table
{
public:
    static constexpr std::size_t key_bytes = 15;
    static constexpr std::size_t page_slots = 256;

    [[nodiscard]] std::size_t slots() const { return pages_.size() * page_slots; }

    void add_page();
    [[nodiscard]] stored_key at(std::size_t slot) const;
    void put(std::size_t slot, const stored_key& value);
    void overwrite(std::size_t slot, const stored_key& value);  // it is used
    [[nodiscard]] bool is_used(std::size_t slot) const;

    // The first unused slot at or behind `slot`; slots() if there is none.
    [[nodiscard]] std::size_t first_unused(std::size_t slot) const;

    // Moves the keys of [from, gap) one slot to the right, to overwrite the one at `from`; the slot
    // `gap` is unused, until then.
    void shift_right(std::size_t from, std::size_t gap);

    [[nodiscard]] std::size_t memory_bytes() const;

private:
    // Less than 4096 bytes together, with what an allocator adds. The bits lie beside their slots:
    // a look at both costs the same walk through the machine's page tables.
    struct page
    {
        static constexpr std::size_t words = page_slots / 64;

        std::array<std::uint64_t, words> used{};
        std::array<std::uint8_t, page_slots * key_bytes> bytes;
    };

    [[nodiscard]] std::uint8_t* slot_bytes(std::size_t slot) const;
    void mark_used(std::size_t slot);

    std::vector<std::unique_ptr<page>> pages_;
};

class key_shard
{
public:
    struct growth
    {
        double stagger = 0;  // in [0, 1): shards of different values grow at different times, so
                             // that they are never all at their emptiest
        std::size_t expected = 0;  // keys, in the end
    };

    bool insert(const stored_key& value, const growth& how);

    [[nodiscard]] std::size_t memory_bytes() const { return table_.memory_bytes(); }

private:
    [[nodiscard]] static std::size_t home(const stored_key& value, std::size_t homes);
    void rebuild(const growth& how);

    key_table table_;
    std::size_t homes_ = 0;  // slots that keys point to; more behind them take what overflows
    std::size_t count_ = 0;
    std::size_t count_max_ = 0;  // then it is rebuilt
};

class key_set
{
public:
    explicit key_set(std::uint64_t seed) : seed_(seed) {}

    bool insert(const key& value);

    // How many keys there will be.
    void expect(std::uint64_t keys);

    [[nodiscard]] std::size_t memory_bytes() const;

private:
    static constexpr std::size_t shard_count = 256;

    [[nodiscard]] key scatter(key value) const;

    std::uint64_t seed_;
    std::size_t expected_in_shard_ = 0;
    std::array<key_shard, shard_count> shards_;
};

}  // namespace reaper::duplicates
