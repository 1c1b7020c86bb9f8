#pragma once

// What both directions of the journal codec agree on.

namespace reaper::journal {

inline constexpr int status_max = 999;

[[nodiscard]] inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

}  // namespace reaper::journal
