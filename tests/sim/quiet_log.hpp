#pragma once
// Whether a simulated daemon's log is printed.

#include "sim/event_queue.hpp"

namespace reaper::test {

// From now on, with the time of this clock; null: no more.
void tell_log(const event_queue* clock);

}  // namespace reaper::test
