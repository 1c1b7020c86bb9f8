#pragma once
// Several files and directories made durable for the price of one: a journalling file system
// commits syncs that wait at the same time together, and those that come one after the other one by
// one.

#include <span>

namespace reaper {

// Returns when all are durable. 0, or the errno of one that failed: then none may be trusted.
[[nodiscard]] int sync_together(std::span<const int> descriptors);

}  // namespace reaper
