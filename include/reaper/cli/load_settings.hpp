#pragma once
// How the commands come by the configuration.

#include "reaper/io/config_yaml.hpp"
#include "reaper/model/settings.hpp"

#include <iosfwd>
#include <optional>
#include <string>

namespace reaper {

// Prints every fault and warning, one a line.
void print_faults(const config_outcome& read, std::ostream& err);

// nullopt after the faults have been printed.
[[nodiscard]] std::optional<settings> load_settings(const std::string& path, std::ostream& err);

// The spool alone, which is all that most commands need. A running daemon goes on with its old
// configuration when a new one has faults; so it can still be looked at and given orders, as long
// as the file says where the spool is. It warns then.
[[nodiscard]] std::optional<std::string> load_spool(const std::string& path, std::ostream& err);

}  // namespace reaper
