#pragma once
// One look at a directory entry, for core/intake_policy.

#include "reaper/core/intake_policy.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace reaper {

// nullopt if there is no such entry (any more), or, with errno, if it cannot be looked at. Opens a
// regular file for an instant, to see whether it may be read and, where the kernel tells, whether
// somebody has it open for writing.
[[nodiscard]] std::optional<entry_facts> look_at(int directory, const std::string& name);

// The user's name, or the number where it has none.
[[nodiscard]] std::string owner_name(std::uint32_t uid);

}  // namespace reaper
