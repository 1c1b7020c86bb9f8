#pragma once
// What others do, with their own constants, below the same gate: for comparison only. docs/pace.md
// names the sources.

#include "run.hpp"

#include <string>
#include <vector>

namespace reaper::bench {

struct rival
{
    std::string name;
    pacer_maker make;
};

// "hold" is the one that ships; "study" is the law that it grew from.
[[nodiscard]] const std::vector<rival>& rivals();
[[nodiscard]] const rival* find_rival(const std::string& name);

[[nodiscard]] std::unique_ptr<pacer> make_prove_hold(const pacer_start& start);

}  // namespace reaper::bench
