#pragma once
// Draws what goes wrong, and by how much, from one seeded generator: a run with the same seed and
// the same requests in the same order has the same faults.

#include "sandbox/options.hpp"

#include <cstdint>
#include <optional>
#include <random>

namespace sandbox {

class fault_source
{
public:
    fault_source(fault_options options, std::uint64_t seed);

    // The fault that strikes the next request, or none.
    [[nodiscard]] std::optional<fault_kind> draw();

    [[nodiscard]] bool coin() { return (engine_() & 1) != 0; }

    // Evenly from [0, below); 0 if `below` is 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t below);

    // Takes other faults from now on; the generator goes on.
    void replace(fault_options options);

private:
    fault_options options_;
    std::mt19937_64 engine_;
    std::uint64_t seen_ = 0;
    std::uint64_t struck_ = 0;
};

}  // namespace sandbox
