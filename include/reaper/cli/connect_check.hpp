#pragma once
// `check --connect` (SPEC 2): one harmless authenticated GET per account, sent as a running daemon
// would have to: under the limit's lock, and never through a shut gate (P3).

#include "reaper/cli/console.hpp"
#include "reaper/model/exit_status.hpp"
#include "reaper/model/settings.hpp"

namespace reaper {

// Prints a line per account: fine, or what is wrong and what to do. A 2xx proves the account's
// route; a 429 shuts the limit's gate. `try_later` if a limit could not be had in time, else
// `failed` if an account cannot work.
[[nodiscard]] exit_status connect_check(const settings& config, console& io);

}  // namespace reaper
