#pragma once
// `CAMPAIGN_REAPER__HTTP__LISTEN=...` overrides or adds a key: the way of containers (SPEC 8).

#include "config_tree.hpp"

namespace reaper {

// A level of keys is set off by two underscores. Letters match in either case, and `_` stands for
// the
// `-` of an account's name. An account that the file does not name is added, in lower case.
void apply_overrides(config_node& root, const environment_map& environment, config_faults& faults);

}  // namespace reaper
