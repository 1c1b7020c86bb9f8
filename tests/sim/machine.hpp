#pragma once
// The machine of a simulated run: the daemon's real code below the event loop, on a modelled disk,
// network and clock. It starts it, stops it, kills it, cuts its power, and starts it again.

#include "reaper/app/conductor.hpp"
#include "sim/api_model.hpp"
#include "sim/disk_model.hpp"
#include "sim/event_queue.hpp"
#include "sim/net_model.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

inline const std::string spool_root = "/sim/spool";

// What ends the daemon in the midst of a call.
struct process_ended
{
};

// How an end comes about.
enum class end_of_process : std::uint8_t
{
    kill,       // kill -9, or the out-of-memory killer: what was written stays
    power_cut,  // what was synced stays
};

class machine
{
public:
    machine(event_queue& clock, disk_model& disk, net_model& net, random_source random);
    ~machine();

    machine(const machine&) = delete;
    machine& operator=(const machine&) = delete;

    // What the next start reads; a running daemon gets it by reload().
    settings config;
    bool hears_of_files = true;  // inotify works

    // False if it did not get that far: it says why and can be started again.
    bool start();
    // SIGTERM. Some time later it is not running any more.
    void stop();
    void reload();
    void end(end_of_process how);
    // It ends by itself at this call of the disk from now on.
    void end_at_call(std::uint64_t from_now, end_of_process how);

    [[nodiscard]] bool is_running() const { return life_ != nullptr; }

    // The next event of the world happens, which may end the daemon.
    void step();

    std::string why_not;  // it does not start, if it does not

    // Somebody did something in the spool: the daemon hears of it after a while, perhaps.
    void hint(const watch_event& event);

    // The daemon's own status, as it lies on the disk.
    [[nodiscard]] std::optional<status_view> status() const;

    [[nodiscard]] std::uint64_t turns() const { return turns_; }

    [[nodiscard]] unsigned ends() const { return ends_; }

    // Rules that the daemon broke against the machine itself.
    std::vector<std::string> violations;

private:
    class life;
    friend class life;
    class watched_connection;
    friend class watched_connection;

    void run(const std::function<void()>& part);
    void finish_life();
    [[nodiscard]] bool all_is_stored() const;
    void check_room(std::string_view requests);

    event_queue& clock_;
    disk_model& disk_;
    net_model& net_;
    random_source random_;
    std::unique_ptr<life> life_;
    std::uint64_t lives_ = 0;
    std::uint64_t turns_ = 0;
    unsigned ends_ = 0;
    std::uint64_t end_at_call_ = 0;  // 0: none
    end_of_process end_how_ = end_of_process::kill;
};

}  // namespace reaper::test
