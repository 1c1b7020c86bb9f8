#pragma once
// Exponential back-off (SPEC 6). Jitter is only ever added, so that no floor is undercut.

#include "reaper/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace reaper {

struct backoff_settings
{
    duration base{};
    duration cap{};
};

// The wait after the `step`-th failure in a row (from 1): base x 2^(step-1), at most `cap`, plus up
// to a quarter of it.
template <class Engine>
[[nodiscard]] duration backoff(const backoff_settings& settings, unsigned step, Engine& random)
{
    const unsigned doublings = std::min(step == 0 ? 0U : step - 1, 30U);
    const double scaled = static_cast<double>(settings.base.count()) *
                          static_cast<double>(std::uint64_t{1} << doublings);
    const double floor = std::min(scaled, static_cast<double>(settings.cap.count()));
    std::uniform_real_distribution<double> added(0.0, 0.25);
    return duration(static_cast<std::int64_t>(floor * (1.0 + added(random))));
}

}  // namespace reaper
