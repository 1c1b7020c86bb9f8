#pragma once
// Writes what is known of limits: durably, or soon. What is written soon never takes the place of
// what was written durably after it.

#include "reaper/base/result.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/io/syncer.hpp"
#include "reaper/model/job_state.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace reaper {

class limit_files
{
public:
    explicit limit_files(const spool_paths& spool) : spool_(spool) {}

    // Durable when it returns without a fault.
    [[nodiscard]] result<void> store(const limit_state& state);

    // In its place once `by` has synced it, which this object must outlive. Nobody hears whether it
    // was: a crash, or a disk that refuses, leaves what was there before.
    void note(const limit_state& state, syncer& by);

private:
    const spool_paths& spool_;
    std::unordered_map<std::string, std::uint64_t> writes_;  // of each limit, so far
};

}  // namespace reaper
