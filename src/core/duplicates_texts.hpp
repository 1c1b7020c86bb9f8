#pragma once
// Part of core/duplicates: an exact set of texts of up to 255 bytes. The texts lie one behind
// another in blocks; 64 small hash tables point to them, and grow one at a time.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace reaper::duplicates {

class text_set
{
public:
    explicit text_set(std::uint64_t seed) : seed_(seed) {}

    bool insert(std::string_view text);

    [[nodiscard]] std::size_t memory_bytes() const;

private:
    static constexpr std::size_t block_bytes = 64 * 1024;
    static constexpr std::size_t shard_count = 64;

    using block = std::array<char, block_bytes>;

    // A slot holds the place of a text and, above it, 16 bits of its hash, which spare most looks
    // at texts that differ. Place 0 is not used: a slot of 0 is free.
    struct shard
    {
        std::vector<std::uint64_t> slots;  // a power of two, or none
        std::size_t count = 0;
    };

    [[nodiscard]] std::uint64_t hash_of(std::string_view text) const;
    [[nodiscard]] std::string_view text_at(std::uint64_t place) const;
    std::uint64_t store(std::string_view text);
    void grow(shard& full) const;

    std::uint64_t seed_;
    std::array<shard, shard_count> shards_;
    std::vector<std::unique_ptr<block>> blocks_;
    std::size_t used_ = block_bytes;  // of the last block
};

}  // namespace reaper::duplicates
