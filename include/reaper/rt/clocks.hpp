#pragma once
// The machine's clocks, both at once. Nothing below the event loop reads them: instants are passed.

#include "reaper/base/time.hpp"

namespace reaper {

[[nodiscard]] instant read_clocks();

}  // namespace reaper
