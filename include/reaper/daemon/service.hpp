#pragma once
// The running daemon: owns every part, feeds the engine, and stops in two stages. All of it runs on
// one thread, on one event loop; the state of every part changes only between two of its turns.

#include "reaper/app/account_keeper.hpp"
#include "reaper/app/intake.hpp"
#include "reaper/app/world.hpp"
#include "reaper/engine/engine.hpp"
#include "reaper/io/control_files.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/io/spool_watch.hpp"
#include "reaper/model/settings.hpp"
#include "reaper/rt/supervisor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reaper {

struct service_mode
{
    bool once = false;                             // take what the first scan sees, finish it, end
    duration max_wait = std::chrono::minutes(10);  // `once`: give up after this without progress
};

class service final : private intake_events
{
public:
    // `spool` is locked by us. `setups` is what `accounts` has loaded.
    service(
        settings config,
        open_spool spool,
        std::string salt,
        environment_map environment,
        service_mode mode
    );
    ~service() override;

    // Reads keys and lists. Sentences say what cannot be used; then do not run().
    [[nodiscard]] std::vector<std::string> prepare();

    // Returns when a signal has drained it, or `once` is done: the exit status of SPEC 2.
    [[nodiscard]] int run();

private:
    // --- start (service.cpp)
    [[nodiscard]] bool recover();
    void watch_signals();
    void begin();

    // --- the loop (service.cpp, service_clock.cpp)
    void wake();  // a turn, soon
    void turn();
    void arm(mono_time at);
    void step_intake();
    void schedule_intake();
    void every_second();
    void feed_watchdog();
    void prune_old(instant now);
    void check_once(instant now);
    void stop(int status);
    void end();

    // --- what people ask (service_control.cpp)
    void on_watch(const watch_event& event);
    void apply_control();
    // True if the request is dealt with and can be removed.
    [[nodiscard]] bool apply(const control_request& request, instant now);
    [[nodiscard]] bool waits_in_incoming(const std::string& job) const;
    void reload();
    void look_for_changes();

    // --- what it shows (service_status.cpp)
    void write_status(instant now);
    static void tell(const result<void>& told);
    [[nodiscard]] std::string status_line(const status_view& view) const;

    // --- intake_events
    void job_taken(const job_manifest& manifest, const job_state& state) override;
    void file_rejected(const rejection& why) override;

    [[nodiscard]] std::vector<std::string> account_names() const;

    settings config_;
    open_spool spool_;
    service_mode mode_;
    environment_map environment_;
    std::string boot_id_;

    boost::asio::io_context io_{1};
    boost::asio::steady_timer wake_timer_{io_};
    boost::asio::steady_timer intake_timer_{io_};
    boost::asio::steady_timer second_timer_{io_};
    boost::asio::steady_timer watchdog_timer_{io_};
    boost::asio::signal_set signals_{io_};

    supervisor supervisor_;
    account_keeper accounts_;
    world world_;
    engine engine_;
    intake intake_;
    spool_watch watch_;

    std::string phase_ = "starting";
    bool turn_posted_ = false;
    bool intake_posted_ = false;
    bool stopping_ = false;
    // A handler that was queued before its timer was cancelled still runs: it must arm nothing.
    bool ended_ = false;
    int exit_status_ = 0;
    mono_time stop_deadline_ = mono_never;
    mono_time status_at_{};
    mono_time rescan_at_{};
    mono_time changes_at_{};
    mono_time limits_at_{};
    mono_time prune_at_{};
    mono_time control_retry_at_ = mono_never;
    bool control_changed_ = true;
    bool control_waiting_ = false;  // something is asked of a job that is not taken in yet

    // `once`
    bool all_well_ = true;
    std::uint64_t progress_seen_ = 0;
    mono_time progress_at_{};
    std::vector<intake_problem> lost_jobs_;  // in active/, but cannot be read
};

}  // namespace reaper
