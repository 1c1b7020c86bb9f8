#include "reaper/daemon/service.hpp"

#include "reaper/app/recovery.hpp"
#include "reaper/io/spool_state.hpp"
#include "reaper/model/exit_status.hpp"
#include "reaper/rt/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <random>
#include <utility>

namespace reaper {

namespace {

namespace asio = boost::asio;

// What a turn does before other events have theirs.
constexpr int rounds_per_turn = 16;

std::uint64_t random_seed()
{
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

service::service(
    settings config,
    open_spool spool,
    std::string salt,
    environment_map environment,
    service_mode mode
)
    : config_(std::move(config)),
      spool_(std::move(spool)),
      mode_(mode),
      environment_(std::move(environment)),
      boot_id_(read_boot_id()),
      supervisor_(environment_),
      accounts_(spool_.paths, std::move(salt), environment_),
      world_(io_, spool_.paths, accounts_, config_.results.reserve, [this] { wake(); }),
      engine_(world_, boot_id_, random_seed()),
      intake_(spool_.paths, config_, *this, mode.once),
      watch_(io_, spool_.paths, [this](const watch_event& event) { on_watch(event); })
{
    world_.attach(engine_);
}

service::~service() = default;

std::vector<std::string> service::account_names() const
{
    std::vector<std::string> names;
    for (const auto& [name, account] : config_.accounts)
        names.push_back(name);
    return names;
}

std::vector<std::string> service::prepare()
{
    account_keeper::loaded loaded = accounts_.load(config_);
    if (!loaded.faults.empty())
        return loaded.faults;
    set_log_secrets(accounts_.secrets());
    engine_.configure(config_, std::move(loaded.setups), read_clocks());
    return {};
}

int service::run()
{
    for (const intake_problem& warning : spool_.warnings)
        log_warning(warning.why, {{"path", warning.path}});
    watch_signals();
    if (!recover())
        return static_cast<int>(exit_status::try_later);
    begin();
    io_.run();
    return exit_status_;
}

bool service::recover()
{
    const auto cleaned = intake_.clean_up();
    if (!cleaned)
        log_warning(cleaned.error().sentence);
    const auto active = list_jobs(spool_.paths.active);
    if (!active) {
        log_error(active.error().sentence);
        return false;
    }
    for (const std::string& id : *active) {
        auto job = recover_job(spool_.paths, id, {});
        if (!job) {
            lost_jobs_.push_back(
                {.path = spool_.paths.active_job(id),
                 .why = job.error().sentence + "; the job is left as it is"}
            );
            log_error(job.error().sentence, {{"job", id}});
            continue;
        }
        log_info(
            "job goes on",
            {{"job", id}, {"total", job->manifest.total}, {"settled", job->settled.count()}}
        );
        world_.note_job(job->manifest);
        engine_.add_job(std::move(*job), read_clocks());
    }
    return true;
}

void service::begin()
{
    phase_ = "running";
    // Watch, then scan: what arrives in between is seen by both.
    watch_.watch(account_names());
    // A hold that was asked for while the daemon was down takes effect before the first request.
    apply_control();
    const instant now = read_clocks();
    progress_at_ = now.mono;
    rescan_at_ = now.mono + config_.intake.rescan;
    changes_at_ = now.mono;
    prune_at_ = now.mono;
    turn();
    write_status(now);
    schedule_intake();
    every_second();
    tell(supervisor_.ready("running"));
    feed_watchdog();
    log_info(
        "ready",
        {{"version", REAPER_VERSION},
         {"spool", spool_.paths.root},
         {"accounts", config_.accounts.size()}}
    );
}

void service::watch_signals()
{
    std::signal(SIGPIPE, SIG_IGN);
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.add(SIGHUP);
    const auto wait = [this](const auto& self) -> void {
        signals_.async_wait([this, self](const boost::system::error_code& error, int signal) {
            if (error || ended_)
                return;  // the loop ends
            if (signal == SIGHUP)
                reload();
            else
                stop(exit_status_);
            self(self);
        });
    };
    wait(wait);
}

// --- the loop

void service::wake()
{
    if (std::exchange(turn_posted_, true))
        return;
    asio::post(io_, [this] { turn(); });
}

void service::turn()
{
    // What happens from here on asks for another turn; one too many costs nothing.
    turn_posted_ = false;
    if (ended_)
        return;
    mono_time next{};
    for (int round = 0; round < rounds_per_turn; ++round) {
        const instant now = read_clocks();
        next = engine_.advance(now);
        if (!world_.deliver(now))
            break;
        next = mono_time{};
    }
    for (const ended_job& ended : engine_.take_ended()) {
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
    if (stopping_ && (engine_.stopped() || read_clocks().mono > stop_deadline_)) {
        end();
        return;
    }
    arm(next);
}

void service::arm(mono_time at)
{
    if (at <= std::chrono::steady_clock::now()) {
        wake();
        return;
    }
    if (at == mono_never)
        return;
    if (wake_timer_.expiry() == at)
        return;
    wake_timer_.expires_at(at);
    wake_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            wake();
    });
}

void service::schedule_intake()
{
    if (stopping_ || std::exchange(intake_posted_, true))
        return;
    asio::post(io_, [this] { step_intake(); });
}

void service::step_intake()
{
    intake_posted_ = false;
    if (stopping_)
        return;
    const instant now = read_clocks();
    if (intake_.step(now)) {
        schedule_intake();
        return;
    }
    check_once(now);
    const mono_time look = intake_.next_look();
    if (look == mono_never)
        return;
    intake_timer_.expires_at(look);
    intake_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            schedule_intake();
    });
}

// --- intake

void service::job_taken(const job_manifest& manifest, const job_state& state)
{
    if (engine_.knows(manifest.id))
        return;
    auto job = recover_job(spool_.paths, manifest.id, {.verify_input = false});
    if (!job) {
        lost_jobs_.push_back(
            {.path = spool_.paths.active_job(manifest.id), .why = job.error().sentence}
        );
        log_error(job.error().sentence, {{"job", manifest.id}});
        return;
    }
    log_info(
        "job taken",
        {{"job", manifest.id},
         {"account", manifest.account},
         {"total", manifest.total},
         {"held", state.holds.empty() ? "no" : state.holds.front().reason}}
    );
    world_.note_job(manifest);
    engine_.add_job(std::move(*job), read_clocks());
    // What was asked of it while it lay in incoming/ comes before its first request.
    if (control_changed_ || control_waiting_)
        apply_control();
    wake();
}

void service::file_rejected(const rejection& why)
{
    all_well_ = false;
    log_warning("file rejected: " + why.reason, {{"job", why.id}, {"file", why.file}});
}

}  // namespace reaper
