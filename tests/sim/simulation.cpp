// The whole daemon below its event loop, in as many worlds as there are seeds. One seed is one run:
//   REAPER_SEEDS=17-17 build/debug/tests/sim/sim_simulation

#include "sim/run.hpp"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace reaper::test {
namespace {

struct seed_range
{
    std::uint64_t first = 1;
    std::uint64_t last = 200;
};

seed_range seeds()
{
    seed_range range;
    if (const char* wanted = std::getenv("REAPER_SEEDS"))
        if (std::sscanf(wanted, "%" SCNu64 "-%" SCNu64, &range.first, &range.last) == 1)
            range.last = range.first;
    return range;
}

TEST(Simulation, WhateverHappensThePromisesHold)
{
    const seed_range range = seeds();
    std::uint64_t requests = 0;
    std::uint64_t ends = 0;
    std::uint64_t calls = 0;
    double hours = 0;
    unsigned failed = 0;
    for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
        const run_report report = simulate(seed, range.first == range.last);
        requests += report.requests;
        ends += report.ends;
        calls += report.disk_calls;
        hours += report.virtual_seconds / 3600;
        if (report.broken.empty())
            continue;
        std::string text;
        for (const std::string& each : report.broken)
            text += "  " + each + "\n";
        ADD_FAILURE() << "seed " << seed << ":\n" << text << report.world;
        if (++failed >= 10)
            break;
    }
    std::printf(
        "%" PRIu64 " seeds: %.0f hours, %" PRIu64 " requests, %" PRIu64
        " kills and power cuts, "
        "%" PRIu64 " disk calls\n",
        range.last - range.first + 1,
        hours,
        requests,
        ends,
        calls
    );
}

TEST(Simulation, OneSeedIsOneRun)
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const run_report first = simulate(seed);
        const run_report second = simulate(seed);
        EXPECT_EQ(first.trace, second.trace) << "seed " << seed;
        EXPECT_EQ(first.disk_calls, second.disk_calls) << "seed " << seed;
    }
}

}  // namespace
}  // namespace reaper::test
