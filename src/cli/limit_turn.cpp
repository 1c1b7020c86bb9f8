#include "reaper/cli/limit_turn.hpp"

#include "reaper/base/units.hpp"
#include "reaper/core/gate.hpp"
#include "reaper/io/control_files.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/spool_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ostream>
#include <utility>

namespace reaper {

namespace {

using namespace std::chrono_literals;

constexpr duration look_every = 20ms;
// A gate that is shut for longer is a Retry-After, and not worth waiting for in a command.
constexpr duration gate_wait_max = 30s;

// The request that the daemon grants; it is withdrawn at the end, whatever came of it.
class want
{
public:
    explicit want(std::string path) : path_(std::move(path)) {}

    ~want() { static_cast<void>(remove_control(path_)); }

    want(const want&) = delete;
    want& operator=(const want&) = delete;

    [[nodiscard]] result<void> say() const { return write_file_atomically(path_, {}, 0644); }

private:
    std::string path_;
};

result<file_lock> take_lock(
    const spool_paths& spool, const std::string& limit_id, duration patience, console& io
)
{
    const std::string path = limit_lock_path(spool, limit_id);
    auto lock = file_lock::acquire(path, lock_holder());
    const auto is_taken = [&lock] { return !lock && lock.error().error_number == EWOULDBLOCK; };
    if (!is_taken())
        return lock;
    const want asked(want_path(spool, limit_id));
    if (auto said = asked.say(); !said)
        return said.error();
    const mono_time give_up = io.now().mono + patience;
    while (is_taken()) {
        if (io.now().mono >= give_up) {
            return fault{
                fmt::format(
                    "{} has the limit and has not lent it within {}: try again later",
                    lock.error().sentence,
                    show_duration(patience)
                ),
                EWOULDBLOCK};
        }
        io.sleep(look_every);
        lock = file_lock::acquire(path, lock_holder());
    }
    return lock;
}

// The state as it counts from now on. What no clean stop of this boot wrote tells nothing about the
// last 429: then the limit stays shut for as long as a 429 would shut it.
limit_state as_of_now(
    const result<std::optional<limit_state>>& stored, const std::string& limit_id, const console& io
)
{
    limit_state state;
    if (stored && *stored)
        state = **stored;
    const bool is_known =
        stored && (!*stored || (state.clean && state.boot_id == io.boot_id && !io.boot_id.empty()));
    if (!is_known)
        state.shut_until = io.now().mono + silence_min;
    else if (!*stored)
        state.shut_until = io.now().mono;  // never used
    state.id = limit_id;
    state.boot_id = io.boot_id;
    return state;
}

}  // namespace

limit_turn::limit_turn(const spool_paths& spool, file_lock lock, limit_state state)
    : spool_(&spool), lock_(std::move(lock)), state_(std::move(state))
{
}

result<limit_turn> limit_turn::take(
    const spool_paths& spool, const std::string& limit_id, duration patience, console& io
)
{
    auto lock = take_lock(spool, limit_id, patience, io);
    if (!lock)
        return lock.error();
    limit_state state = as_of_now(read_limit(spool, limit_id), limit_id, io);
    const duration shut_for = state.shut_until - io.now().mono;
    if (shut_for > gate_wait_max) {
        return fault{
            fmt::format(
                "the API asked for silence (429): try again in {}", show_duration(shut_for)
            ),
            EWOULDBLOCK};
    }
    if (shut_for > duration::zero()) {
        io.err << fmt::format("Waits {} for the gate of the limit.\n", show_duration(shut_for));
        io.sleep(shut_for);
    }
    return limit_turn(spool, std::move(*lock), std::move(state));
}

result<void> limit_turn::begin()
{
    state_.clean = false;
    return write_limit(*spool_, state_);
}

result<void> limit_turn::end(std::optional<duration> shut_for, instant now)
{
    if (shut_for)
        state_.shut_until =
            std::max(state_.shut_until, now.mono + std::max(*shut_for, silence_min));
    state_.clean = true;
    return write_limit(*spool_, state_);
}

}  // namespace reaper
