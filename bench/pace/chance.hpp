#pragma once
// Random numbers that are the same everywhere: a seed is a run. (xorshift64*, Vigna 2016.)

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace reaper::bench {

class chance
{
public:
    explicit chance(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 0x1234567ULL)
    {
        for (int i = 0; i < 4; ++i)
            static_cast<void>(next());
    }

    std::uint64_t next()
    {
        state_ ^= state_ >> 12U;
        state_ ^= state_ << 25U;
        state_ ^= state_ >> 27U;
        return state_ * 0x2545F4914F6CDD1DULL;
    }

    // In [0, 1).
    double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

    // Exponential with mean 1; from a table, since it is asked for each request.
    double exponential() { return exponentials()[next() >> 52U]; }

private:
    static constexpr std::size_t table_size = 4096;

    static const std::array<double, table_size>& exponentials()
    {
        static const std::array<double, table_size> table = [] {
            std::array<double, table_size> made{};
            for (std::size_t i = 0; i < table_size; ++i)
                made[i] = -std::log((static_cast<double>(i) + 0.5) / double{table_size});
            return made;
        }();
        return table;
    }

    std::uint64_t state_;
};

}  // namespace reaper::bench
