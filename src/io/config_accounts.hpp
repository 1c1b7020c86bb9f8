#pragma once
// The accounts and the guards of the configuration.

#include "config_reader.hpp"
#include "reaper/model/settings.hpp"

namespace reaper {

// Lays what `section` says over `guards`.
void read_guards(const config_section& section, guard_settings& guards);

// Reads `accounts` and `default_account`. What is global (guards, retry) is in `common` already.
struct common_settings
{
    guard_settings guards;
    retry_settings retry;
};

void read_accounts(const config_section& root, const common_settings& common, settings& out);

}  // namespace reaper
