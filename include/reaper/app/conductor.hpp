#pragma once
// The daemon without its event loop: owns every part, brings them together, and stops in two
// stages. The loop tells it what has happened and gives it turns; a simulation does the same under
// a clock of its own. All of it runs on one thread; the state of every part changes only in a turn
// or in what the loop tells it.

#include "reaper/app/account_keeper.hpp"
#include "reaper/app/intake.hpp"
#include "reaper/app/world.hpp"
#include "reaper/engine/engine.hpp"
#include "reaper/io/connection.hpp"
#include "reaper/io/control_files.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/io/syncer.hpp"
#include "reaper/io/watch_event.hpp"
#include "reaper/model/settings.hpp"
#include "reaper/rt/supervisor.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace reaper {

struct run_mode
{
    bool once = false;                             // take what the first scan sees, finish it, end
    duration max_wait = std::chrono::minutes(10);  // `once`: give up after this without progress
};

// What the conductor asks of the loop that it runs on. None of these calls back into it.
class conductor_host
{
public:
    [[nodiscard]] virtual instant clocks() = 0;
    // Give it a turn, soon.
    virtual void wake() = 0;
    // Watch the folders of these accounts and control/, and report what happens there by hint().
    virtual void watch(const std::vector<std::string>& accounts) = 0;
    // Why there are no or not all hints, or empty.
    [[nodiscard]] virtual const std::string& watch_trouble() const = 0;
    [[nodiscard]] virtual connector& connections() = 0;
    [[nodiscard]] virtual syncer& syncs() = 0;
    // Those of marks: sending waits for them, and they wait for no others.
    [[nodiscard]] virtual syncer& mark_syncs() = 0;

protected:
    ~conductor_host() = default;
};

class conductor final : private intake_events
{
public:
    struct setup
    {
        settings config;
        open_spool spool;  // locked by us
        std::string salt;
        environment_map environment;
        std::string boot_id;
        std::uint64_t seed = 0;  // of all random numbers
        run_mode mode{};
    };

    // `host` must outlive it.
    conductor(setup from, conductor_host& host);
    ~conductor() override;

    // Reads keys and lists. Sentences say what cannot be used; then do not start().
    [[nodiscard]] std::vector<std::string> prepare();

    // Recovers the jobs of the spool and begins. False if it cannot.
    [[nodiscard]] bool start();

    // Does what is due, in bounded pieces. Returns when the next turn is wanted: `mono_time{}` at
    // once, mono_never after the end. Turns in between do no harm.
    [[nodiscard]] mono_time turn();

    // Something happened in the spool.
    void hint(const watch_event& event);

    // SIGTERM: what is in flight is awaited. A second time: it is not.
    void stop();

    // SIGHUP, before the configuration is read; and what was read then. A bad one changes nothing.
    void begin_reload();
    void reload(config_outcome read);

    [[nodiscard]] bool has_ended() const { return ended_; }

    // After the end: the exit status of SPEC 2.
    [[nodiscard]] int status() const { return exit_status_; }

    [[nodiscard]] const settings& config() const { return config_; }

    [[nodiscard]] const environment_map& environment() const { return environment_; }

private:
    // --- start, turns (conductor.cpp)
    [[nodiscard]] bool recover();
    [[nodiscard]] mono_time turn_engine();
    [[nodiscard]] mono_time turn_intake();
    void tell_ended();
    // Reads an active job and gives it to the engine; a job that cannot be read now is tried again.
    bool take_up(const std::string& id, bool verify_input);
    void note_lost(const std::string& id, bool verify_input, const fault& why);
    void retry_lost(instant now);
    [[nodiscard]] bool awaits_lost() const;

    // --- time (conductor_clock.cpp)
    [[nodiscard]] mono_time turn_clock();
    [[nodiscard]] bool is_quiet() const;
    [[nodiscard]] duration quiet_for() const;
    void look_around(instant now);
    [[nodiscard]] mono_time feed_watchdog(instant now);
    void prune_old(instant now);
    void check_once(instant now);
    void stop(int status);
    void end();

    // --- what people ask (conductor_control.cpp)
    void apply_control();
    // True if the request is dealt with and can be removed.
    [[nodiscard]] bool apply(const control_request& request, instant now);
    [[nodiscard]] bool waits_in_incoming(const std::string& job) const;
    void look_for_changes();
    void make_account_folders();

    // --- what it shows (conductor_status.cpp)
    void write_status(instant now);
    [[nodiscard]] std::vector<intake_problem> problems() const;
    [[nodiscard]] bool say_new_problems();
    static void tell(const result<void>& told);
    [[nodiscard]] std::string status_line(const status_view& view) const;

    // --- intake_events
    void job_taken(const job_manifest& manifest, const job_state& state) override;
    void file_rejected(const rejection& why) override;

    [[nodiscard]] std::vector<std::string> account_names() const;

    conductor_host& host_;
    settings config_;
    open_spool spool_;
    run_mode mode_;
    environment_map environment_;
    std::string boot_id_;

    supervisor supervisor_;
    account_keeper accounts_;
    world world_;
    engine engine_;
    intake intake_;

    std::string phase_ = "starting";
    bool stopping_ = false;
    bool ended_ = false;
    int exit_status_ = 0;
    mono_time stop_deadline_ = mono_never;

    bool intake_wanted_ = true;  // a hint has come, or there is more to do
    mono_time looked_at_{};      // when look_around() was last done
    bool quiet_said_ = false;    // the status says that there is nothing to do
    mono_time watchdog_at_{};
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

    // In active/, but could not be read.
    struct lost_job
    {
        std::string why;
        bool verify_input = true;
        bool may_pass = false;  // then it is tried again
        duration pause{};
        mono_time again_at{};
    };

    std::map<std::string, lost_job> lost_jobs_;
    std::set<std::string> problems_said_;
};

}  // namespace reaper
