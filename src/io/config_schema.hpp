#pragma once
// Which keys there are. The table serves the check for unknown keys, the overrides, and the tests
// of the commented example.

#include "config_tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// The keys right below a section: below "guards.breaker" these are "window" and "not_deleted". The
// top is "". Below "accounts" it is "*", for any name.
[[nodiscard]] std::vector<std::string_view> keys_below(std::string_view section);

[[nodiscard]] bool is_section(std::string_view path);

[[nodiscard]] std::string join_path(std::string_view section, std::string_view key);

// "did you mean ...", or what else to do about a key that is not one of `section`.
[[nodiscard]] std::string mend_for_unknown_key(std::string_view section, std::string_view key);

// Adds a fault for each key that is not one, and for each section that is not a map.
void check_keys(const config_node& root, config_faults& faults);

}  // namespace reaper
