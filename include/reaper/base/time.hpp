#pragma once
// Instants and how they are written. No clock is read here or anywhere in the core: the shell reads
// both clocks once per event and hands them in as an `instant`.
//
// Waits are counted on the monotonic clock, records and deadlines use the wall clock. A wall clock
// that jumps changes neither the gate nor a back-off (SPEC P3).

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reaper {

using mono_time = std::chrono::steady_clock::time_point;
using duration = std::chrono::nanoseconds;
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

inline constexpr mono_time mono_never = mono_time::max();

// One reading of both clocks.
struct instant
{
    mono_time mono{};
    wall_time wall{};
};

// 2026-11-22T20:30:15.123Z, always UTC with milliseconds.
[[nodiscard]] std::string format_rfc3339(wall_time time);

// Accepts RFC 3339 with a zone (`Z` or an offset) if it is of the years 0 to 9999 in UTC too;
// nullopt for anything else. Digits of a second beyond the third are dropped.
[[nodiscard]] std::optional<wall_time> parse_rfc3339(std::string_view text);

// 20261122T203015Z: the prefix of a job id, which sorts by time.
[[nodiscard]] std::string format_compact(wall_time time);

[[nodiscard]] inline double to_seconds(duration value)
{
    return std::chrono::duration<double>(value).count();
}

}  // namespace reaper
