#pragma once
// A command's turn under a limit (docs/journal.md): it asks the running daemon for the limit's
// lock, waits for the gate, and stores a 429 of its own in the gate before it lets go (SPEC 2, P3).

#include "reaper/base/result.hpp"
#include "reaper/cli/console.hpp"
#include "reaper/io/file_lock.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/job_state.hpp"

#include <optional>
#include <string>

namespace reaper {

class limit_turn
{
public:
    // Waits up to `patience` for the daemon to finish what it has in flight, and then for the gate.
    // The fault's error_number is EWOULDBLOCK if it is a matter of time.
    [[nodiscard]] static result<limit_turn> take(
        const spool_paths& spool, const std::string& limit_id, duration patience, console& io
    );

    limit_turn(limit_turn&&) noexcept = default;

    // Call it before the request: a command that dies after it leaves the gate shut for whoever
    // comes next.
    [[nodiscard]] result<void> begin();

    // The request is answered, or given up. With `shut_for` it was a 429: the gate shuts for as
    // long, counted from `now`.
    [[nodiscard]] result<void> end(std::optional<duration> shut_for, instant now);

private:
    limit_turn(const spool_paths& spool, file_lock lock, limit_state state);

    const spool_paths* spool_;
    file_lock lock_;
    limit_state state_;
};

}  // namespace reaper
