#pragma once
// One limit: the gate, the pace and what is in flight under it. Accounts with the same API key, or
// the same `shared_limit`, have one together (SPEC 7).

#include "reaper/base/time.hpp"
#include "reaper/core/gate.hpp"
#include "reaper/core/pacer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace reaper {

struct limit
{
    std::string id;
    gate hard;  // nothing is sent while it is shut, whatever `pace` says
    std::unique_ptr<pacer> pace;
    std::uint64_t in_flight = 0;
    std::uint64_t throttled = 0;  // 429 answers since the start

    bool owned = false;      // this process holds the lock of the limit
    std::string not_owned;   // why it does not, if no other process does; or empty
    bool wanted = false;     // another process asks for it: send nothing, then yield
    bool noted = false;      // "in use" is stored: needed before the first request (P3)
    bool held_back = false;  // the pace, not a lack of work, limited sending lately

    mono_time episode_at{};  // when the last silence began: what was sent before belongs to it

    // What was sent earlier says nothing of how the last silence ends.
    [[nodiscard]] bool is_after_silence(mono_time sent_at) const { return sent_at >= episode_at; }

    mono_time held_at{};  // when what was learnt was last seen to hold

    std::optional<learnt_pace> kept;  // what is stored of the pace
    mono_time keep_again{};           // when it may be stored again

    mono_time stored_shut{};  // the end of a long silence, as far as it is stored
    mono_time store_again{};  // after a failure to store
    std::string trouble;      // why it cannot be stored, or empty
};

}  // namespace reaper
