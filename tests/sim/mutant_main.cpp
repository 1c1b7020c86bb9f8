// The simulation of a daemon with a deliberate defect: it must be found within so many seeds.
//   sim_mutant_<name> SEEDS

#include "sim/run.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

int main(int count, char** words)
{
    const std::uint64_t seeds = count > 1 ? std::strtoull(words[1], nullptr, 10) : 1000;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const auto report = reaper::test::simulate(seed);
        if (report.broken.empty())
            continue;
        std::printf("found by seed %" PRIu64 ": %s\n", seed, report.broken.front().c_str());
        return 0;
    }
    std::printf("not found within %" PRIu64 " seeds\n", seeds);
    return 1;
}
