#pragma once
// The units that people write: durations `250ms 5s 10min 2h 90d`, sizes `64KiB 10GiB`, rates
// `10/s 600/min` (SPEC 8). A number without its unit is an error: nobody should have to guess.

#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reaper {

[[nodiscard]] result<duration> parse_duration(std::string_view text);
[[nodiscard]] result<std::uint64_t> parse_size(std::string_view text);
[[nodiscard]] result<double> parse_rate_per_s(std::string_view text);

// Short forms for people: "4.2 s", "2 h 47 min", "64.0 MiB", "12.5/s".
[[nodiscard]] std::string show_duration(duration value);
[[nodiscard]] std::string show_size(std::uint64_t bytes);
[[nodiscard]] std::string show_rate(double per_s);

// To twelve digits, which is how a figure is kept in a JSON file: what has more is read with its
// last bit wrong (Boost.JSON 1.81), and would not be what was written. What is not finite is 0, and
// none is beyond 10^15 or, but for 0, below 10^-15.
[[nodiscard]] double to_twelve_digits(double value);

}  // namespace reaper
