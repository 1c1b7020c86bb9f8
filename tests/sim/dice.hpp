#pragma once
// Chance from a seed: the same on every machine and with every standard library, which the
// distributions of <random> are not.

#include <cstdint>

namespace reaper::test {

class dice
{
public:
    explicit dice(std::uint64_t seed) : state_(seed) {}

    // splitmix64 (Steele, Lea, Flood 2014).
    [[nodiscard]] std::uint64_t next()
    {
        state_ += 0x9e3779b97f4a7c15U;
        return mix(state_);
    }

    // 0 up to, not including, `end`, which is not 0. The slight bias does not matter here.
    [[nodiscard]] std::uint64_t below(std::uint64_t end) { return next() % end; }

    [[nodiscard]] bool one_in(std::uint64_t count) { return below(count) == 0; }

    [[nodiscard]] static std::uint64_t mix(std::uint64_t value)
    {
        value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
        value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
        return value ^ (value >> 31U);
    }

private:
    std::uint64_t state_;
};

}  // namespace reaper::test
