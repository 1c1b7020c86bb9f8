#include "reaper/app/conductor.hpp"

#include "reaper/app/recovery.hpp"
#include "reaper/rt/log.hpp"

#include <algorithm>
#include <utility>

namespace reaper {

namespace {

// What a turn of the engine does before other events have theirs.
constexpr int rounds_per_turn = 16;

}  // namespace

conductor::conductor(setup from, conductor_host& host)
    : host_(host),
      config_(std::move(from.config)),
      spool_(std::move(from.spool)),
      mode_(from.mode),
      environment_(std::move(from.environment)),
      boot_id_(std::move(from.boot_id)),
      supervisor_(environment_),
      accounts_(spool_.paths, std::move(from.salt), environment_),
      world_(
          {.connections = host.connections(),
           .syncs = host.syncs(),
           .mark_syncs = host.mark_syncs(),
           .clocks = [&host] { return host.clocks(); },
           .on_event = [&host] { host.wake(); }},
          spool_.paths,
          accounts_,
          config_.results.reserve
      ),
      engine_(world_, boot_id_, from.seed),
      intake_(spool_.paths, config_, *this, {.only_first_scan = from.mode.once, .seed = ~from.seed})
{
    world_.attach(engine_);
}

conductor::~conductor() = default;

std::vector<std::string> conductor::account_names() const
{
    std::vector<std::string> names;
    for (const auto& [name, account] : config_.accounts)
        names.push_back(name);
    return names;
}

std::vector<std::string> conductor::prepare()
{
    account_keeper::loaded loaded = accounts_.load(config_);
    if (!loaded.faults.empty())
        return loaded.faults;
    set_log_secrets(accounts_.secrets());
    engine_.configure(config_, std::move(loaded.setups), host_.clocks());
    return {};
}

bool conductor::start()
{
    for (const intake_problem& warning : spool_.warnings)
        log_warning(warning.why, {{"path", warning.path}});
    if (!recover())
        return false;
    phase_ = "running";
    // Watch, then scan: what arrives in between is seen by both.
    host_.watch(account_names());
    // A hold that was asked for while the daemon was down takes effect before the first request.
    apply_control();
    const instant now = host_.clocks();
    progress_at_ = now.mono;
    rescan_at_ = now.mono + config_.intake.rescan;
    write_status(now);
    tell(supervisor_.ready("running"));
    log_info(
        "ready",
        {{"version", REAPER_VERSION},
         {"spool", spool_.paths.root},
         {"accounts", config_.accounts.size()}}
    );
    host_.wake();
    return true;
}

bool conductor::recover()
{
    const auto cleaned = intake_.clean_up();
    if (!cleaned)
        log_warning(cleaned.error().sentence);
    const auto active = list_jobs(spool_.paths.active);
    if (!active) {
        log_error(active.error().sentence);
        return false;
    }
    for (const std::string& id : *active)
        static_cast<void>(take_up(id, true));
    return true;
}

mono_time conductor::turn()
{
    if (ended_)
        return mono_never;
    const mono_time engine = turn_engine();
    const mono_time intake = turn_intake();
    const mono_time clock = turn_clock();
    if (stopping_ && (engine_.stopped() || host_.clocks().mono > stop_deadline_)) {
        end();
        return mono_never;
    }
    return std::min({engine, intake, clock});
}

mono_time conductor::turn_engine()
{
    mono_time next{};
    for (int round = 0; round < rounds_per_turn; ++round) {
        const instant now = host_.clocks();
        next = engine_.advance(now);
        if (!world_.deliver(now))
            break;
        next = mono_time{};
    }
    tell_ended();
    return next;
}

void conductor::tell_ended()
{
    const std::vector<ended_job> all = engine_.take_ended();
    for (const ended_job& ended : all) {
        for (const outcome o : all_outcomes)
            all_well_ = all_well_ && (ended.outcomes[o] == 0 || is_success(o));
        log_info(
            "job is done",
            {{"job", ended.id},
             {"deleted", ended.outcomes[outcome::deleted]},
             {"total", ended.outcomes.total()}}
        );
        status_at_ = {};
    }
    if (!all.empty())
        check_once(host_.clocks());  // it may have been the last
}

mono_time conductor::turn_intake()
{
    if (stopping_)
        return mono_never;
    const instant now = host_.clocks();
    if (!intake_wanted_ && now.mono < intake_.next_look())
        return intake_.next_look();
    intake_wanted_ = intake_.step(now);
    if (intake_wanted_)
        return mono_time{};
    check_once(now);
    return intake_.next_look();
}

// --- intake

void conductor::job_taken(const job_manifest& manifest, const job_state& state)
{
    if (engine_.knows(manifest.id))
        return;
    log_info(
        "job taken",
        {{"job", manifest.id},
         {"account", manifest.account},
         {"total", manifest.total},
         {"held", state.holds.empty() ? "no" : state.holds.front().reason}}
    );
    if (!take_up(manifest.id, false))
        return;
    // What was asked of it while it lay in incoming/ comes before its first request.
    if (control_changed_ || control_waiting_)
        apply_control();
    host_.wake();
}

void conductor::file_rejected(const rejection& why)
{
    all_well_ = false;
    log_warning("file rejected: " + why.reason, {{"job", why.id}, {"file", why.file}});
}

}  // namespace reaper
