#pragma once
// Reads the configuration file (SPEC 8). All faults are found at once, each with its place, what is
// wrong, and what to write instead: nobody should have to start a daemon ten times to mend ten
// typing errors. What comes out is possible and complete; what comes in may be anything.

#include "reaper/model/settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

struct config_fault
{
    std::string file;  // or "environment variable X"
    int line = 0;      // from 1; 0 where there is none
    int column = 0;
    std::string sentence;  // never holds the value of a key of the API

    friend bool operator==(const config_fault&, const config_fault&) = default;
};

// "config.yaml:7:5: sentence"
[[nodiscard]] std::string describe(const config_fault& fault);

struct config_outcome
{
    std::optional<settings> value;  // set if there is no fault
    std::vector<config_fault> faults;
    std::vector<config_fault> warnings;
};

using environment_map = std::map<std::string, std::string>;

// The variables of this process.
[[nodiscard]] environment_map process_environment();

// `environment` supplies `${NAME}` and the overrides `CAMPAIGN_REAPER__...`.
[[nodiscard]] config_outcome read_config(
    const std::string& path, const environment_map& environment
);

// The same for text that has been read already; `file_name` is what the faults say.
[[nodiscard]] config_outcome read_config_text(
    std::string_view text, const std::string& file_name, const environment_map& environment
);

// Every key there is, as "guards.breaker.window" and "accounts.*.kind", in the order of the manual.
[[nodiscard]] const std::vector<std::string_view>& config_keys();

}  // namespace reaper
