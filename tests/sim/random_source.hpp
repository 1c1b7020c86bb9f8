#pragma once
// All chance of a simulated run, and what it is asked for beyond a number.

#include "dice.hpp"
#include "reaper/base/time.hpp"

#include <cstdint>

namespace reaper::test {

class random_source : public dice
{
public:
    using dice::dice;

    // 0 <= unit < 1, a multiple of 2^-53: exact on every machine.
    double unit() { return static_cast<double>(next() >> 11u) * 0x1p-53; }

    // Draws nothing if the answer is certain, so that what is switched off costs nothing.
    bool chance(double probability)
    {
        return probability > 0.0 && (probability >= 1.0 || unit() < probability);
    }

    // 0 to `most`, both included.
    duration upto(duration most)
    {
        return duration(
            static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most.count()) + 1))
        );
    }

    duration between(duration least, duration most) { return least + upto(most - least); }

    // A source of its own for a part of the world: what one part draws does not disturb the others.
    random_source fork() { return random_source(next()); }
};

}  // namespace reaper::test
