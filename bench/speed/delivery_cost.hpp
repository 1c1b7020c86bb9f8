#pragma once
// The engine in a world in which everything goes well, at no cost worth counting: what core_cost
// counts for a delivery.

#include <cstdint>
#include <string>

namespace reaper::bench {

// What is said in the heads of answers beside what all of them say.
enum class heads
{
    same,
    ids,
    forms,
};

// Sends so many tokens and takes every answer. False if one of them is not deleted.
[[nodiscard]] bool deliver(std::uint64_t tokens, std::string input, heads say);

}  // namespace reaper::bench
