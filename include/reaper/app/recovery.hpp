#pragma once
// Reads an active job from disk as the engine starts from it (SPEC 3, 5): job.json, state.json, the
// mark and the results log must fit each other and the input. What does not fit holds the job; a
// torn last line, and nothing else, is cut off.

#include "reaper/base/result.hpp"
#include "reaper/engine/recovered_job.hpp"
#include "reaper/io/spool.hpp"

#include <string>

namespace reaper {

struct recovery_options
{
    bool verify_input = true;  // its SHA-256; not needed for a job that was just taken in
    std::size_t breaker_window_max = 100'000;
    // What cannot be read for a reason that may pass is damaged, too: it has been tried often
    // enough.
    bool unreadable_is_damaged = false;
};

// A fault if job.json cannot be read, so that there is no job to hold; and if may_pass() is true of
// it: then try again later. Nothing of the job is changed.
[[nodiscard]] result<recovered_job> recover_job(
    const spool_paths& spool, const std::string& id, const recovery_options& options
);

}  // namespace reaper
