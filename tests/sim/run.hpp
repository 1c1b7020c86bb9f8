#pragma once
// One simulated run: everything in it follows from the seed.

#include <cstdint>
#include <string>
#include <vector>

namespace reaper::test {

struct run_report
{
    std::vector<std::string> broken;  // what went wrong; empty if nothing did
    std::string world;                // for the message
    std::uint64_t trace = 0;          // the same for the same seed
    std::uint64_t requests = 0;
    std::uint64_t turns = 0;
    std::uint64_t disk_calls = 0;
    unsigned ends = 0;
    double virtual_seconds = 0;
};

// `tell`: prints the daemon's log.
[[nodiscard]] run_report simulate(std::uint64_t seed, bool tell = false);

}  // namespace reaper::test
