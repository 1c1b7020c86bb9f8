#pragma once
// How the commands show numbers, progress and time to a person.

#include "reaper/base/time.hpp"
#include "reaper/model/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// 1234567 is "1,234,567".
[[nodiscard]] std::string with_thousands(std::uint64_t number);

// "1 token", "2 tokens", "1,234 tokens".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);

// "[#####.....]" of `width` cells. It is full only when done == total: a bar must not promise an
// end that has not come.
[[nodiscard]] std::string progress_bar(std::uint64_t done, std::uint64_t total, unsigned width);

// "52.3 %", rounded down for the same reason.
[[nodiscard]] std::string percentage(std::uint64_t done, std::uint64_t total);

// "deleted 5,200, not found 27": the outcomes that occur, in the order of SPEC 5.
[[nodiscard]] std::string outcome_list(const outcome_counts& counts);

// "12 s ago", "in 3 min".
[[nodiscard]] std::string relative_to(wall_time time, wall_time now);

// What a progress line says of a job, wherever its numbers came from.
struct progress
{
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    double pace_per_s = 0;
    std::optional<double> eta_s;
    bool dry_run = false;
};

// "[####....]  52.3 %  5,230 / 10,000  9.8/s  8 min 7 s left"
[[nodiscard]] std::string progress_line(const progress& shown);

}  // namespace reaper
