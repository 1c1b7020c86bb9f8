#include "sim/machine.hpp"

#include "reaper/app/status_file.hpp"
#include "reaper/io/spool_state.hpp"
#include "sim/sync_model.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace reaper::test {

namespace {

// What a turn costs, so that a daemon that is busy for ever does not stop the clock.
constexpr duration turn_cost = std::chrono::microseconds(20);

// The longest record (docs/journal.md).
constexpr std::uint64_t record_bytes = 512;

}  // namespace

// Looks at what the daemon hands over before the network has it.
class machine::watched_connection final : public connection
{
public:
    watched_connection(machine& owner, connection_events& events, const connection_target& target)
        : owner_(owner), wire_(owner.net_, events, target)
    {
    }

    void open() override { wire_.open(); }

    void write(std::string_view bytes) override
    {
        owner_.check_room(bytes);
        wire_.write(bytes);
    }

    void shut() override { wire_.shut(); }

private:
    machine& owner_;
    net_connection wire_;
};

// One process. Every event that is meant for it knows its number, and does nothing for a later one.
class machine::life final : public conductor_host, public connector
{
public:
    life(machine& owner, std::uint64_t number)
        : owner_(owner),
          number_(number),
          sync_time_max_(time_of_a_sync(owner.random_)),
          syncs_(owner.clock_, owner.random_, sync_time_max_),
          mark_syncs_(owner.clock_, owner.random_, sync_time_max_)
    {
    }

    bool start(const settings& config, std::uint64_t seed)
    {
        std::vector<std::string> accounts;
        for (const auto& [name, account] : config.accounts)
            accounts.push_back(name);
        auto spool = open_spool_at(config.spool, accounts, "the simulation");
        if (!spool)
            return fail(spool.error().sentence);
        auto salt = load_salt(spool->paths);
        if (!salt)
            return fail(salt.error().sentence);
        conductor_ = std::make_unique<conductor>(
            conductor::setup{
                .config = config,
                .spool = std::move(*spool),
                .salt = std::move(*salt),
                .environment = {},
                .boot_id = read_boot_id(),
                .seed = seed,
                .mode = {}},
            *this
        );
        if (const auto faults = conductor_->prepare(); !faults.empty())
            return fail(faults.front());
        return conductor_->start();
    }

    [[nodiscard]] conductor* daemon() { return conductor_.get(); }

    [[nodiscard]] bool has_ended() const { return conductor_ && conductor_->has_ended(); }

    // --- conductor_host
    [[nodiscard]] instant clocks() override { return owner_.clock_.now(); }

    void wake() override
    {
        if (!std::exchange(turn_posted_, true))
            turn_at(owner_.clock_.mono());
    }

    void watch(const std::vector<std::string>& /*accounts*/) override {}

    [[nodiscard]] const std::string& watch_trouble() const override
    {
        static const std::string deaf = "there are no events here";
        static const std::string none;
        return owner_.hears_of_files ? none : deaf;
    }

    [[nodiscard]] connector& connections() override { return *this; }

    [[nodiscard]] syncer& syncs() override { return syncs_; }

    [[nodiscard]] syncer& mark_syncs() override { return mark_syncs_; }

    // --- connector
    [[nodiscard]] std::unique_ptr<connection> make(
        std::shared_ptr<tls_context> /*context*/,
        connection_target target,
        connection_events& events
    ) override
    {
        return std::make_unique<watched_connection>(owner_, events, target);
    }

private:
    bool fail(const std::string& sentence)
    {
        owner_.why_not = sentence;
        return false;
    }

    // In half of the lives at once, in the others after a while.
    static duration time_of_a_sync(random_source& random)
    {
        return random.one_in(2) ? random.upto(std::chrono::milliseconds(40)) : duration{};
    }

    void turn_at(mono_time at)
    {
        owner_.clock_.at(at, [&owner = owner_, number = number_] {
            if (owner.life_ && owner.life_->number_ == number)
                owner.life_->turn();
        });
    }

    void turn()
    {
        turn_posted_ = false;
        ++owner_.turns_;
        const mono_time next = conductor_->turn();
        owner_.clock_.pass(turn_cost);
        if (conductor_->has_ended() || next == mono_never)
            return;
        if (next <= owner_.clock_.mono()) {
            wake();
        } else if (next != timer_) {
            timer_ = next;
            turn_at(next);
        }
    }

    machine& owner_;
    std::uint64_t number_;
    duration sync_time_max_;
    sync_model syncs_;
    sync_model mark_syncs_;
    std::unique_ptr<conductor> conductor_;
    bool turn_posted_ = false;
    mono_time timer_{};
};

machine::machine(event_queue& clock, disk_model& disk, net_model& net, random_source random)
    : clock_(clock), disk_(disk), net_(net), random_(random)
{
    disk_.set_clock([this] {
        return std::chrono::nanoseconds(clock_.now().wall.time_since_epoch()).count();
    });
    disk_.set_hook([this](call_kind, std::string_view) {
        if (end_at_call_ != 0 && disk_.calls() >= end_at_call_) {
            end_at_call_ = 0;
            throw process_ended{};
        }
    });
}

machine::~machine()
{
    if (life_)
        end(end_of_process::kill);
}

// A part of the daemon's work, which may end it.
void machine::run(const std::function<void()>& part)
{
    try {
        part();
    } catch (const process_ended&) {
        end(end_how_);
        return;
    }
    if (life_ && life_->has_ended())
        finish_life();
}

void machine::step()
{
    run([this] { clock_.run_next(); });
}

bool machine::start()
{
    life_ = std::make_unique<life>(*this, ++lives_);
    bool started = false;
    run([&] { started = life_->start(config, random_.next()); });
    if (!started && life_)
        finish_life();
    return started && life_ != nullptr;
}

// A stop that could not be stored is a crash to the start that follows.
bool machine::all_is_stored() const
{
    const std::string active = spool_root + "/active";
    if (!disk_.exists(active))
        return true;
    for (const std::string& id : disk_.list(active)) {
        const std::string state = active + "/" + id + "/state.json";
        if (disk_.exists(state) &&
            disk_.read_file(state).find("\"clean\":true") == std::string::npos)
            return false;
    }
    return true;
}

// The process ends by itself: what it wrote stays.
void machine::finish_life()
{
    if (!all_is_stored())
        ++ends_;
    end_at_call_ = 0;
    life_.reset();
    net_.process_died();
    disk_.kill();
}

// P5: what is sent now can be recorded.
void machine::check_room(std::string_view requests)
{
    std::uint64_t count = 0;
    for (auto at = requests.find("POST "); at != std::string_view::npos;
         at = requests.find("POST ", at + 1))
        ++count;
    std::uint64_t room = 0;
    for (const std::string& id : disk_.list(spool_root + "/active")) {
        const std::string log = spool_root + "/active/" + id + "/results.jsonl";
        if (disk_.exists(log))
            room += disk_.reserve_left(log);
    }
    if (room < count * record_bytes)
        violations.push_back(fmt::format("P5: {} requests, and room for {} bytes", count, room));
}

void machine::stop()
{
    run([&] { life_->daemon()->stop(); });
}

void machine::reload()
{
    run([&] {
        life_->daemon()->begin_reload();
        config_outcome read;
        read.value = config;
        life_->daemon()->reload(std::move(read));
    });
}

void machine::end(end_of_process how)
{
    ++ends_;
    end_at_call_ = 0;
    // From here on the objects that are destroyed do nothing any more.
    disk_.die();
    net_.process_died();
    life_.reset();
    if (how == end_of_process::kill)
        disk_.kill();
    else
        disk_.crash(static_cast<survival>(random_.below(3)));
}

void machine::end_at_call(std::uint64_t from_now, end_of_process how)
{
    end_at_call_ = disk_.calls() + from_now;
    end_how_ = how;
}

void machine::hint(const watch_event& event)
{
    if (!life_ || !hears_of_files)
        return;
    clock_.after(random_.upto(std::chrono::milliseconds(5)), [this, event, number = lives_] {
        if (life_ && lives_ == number)
            life_->daemon()->hint(event);
    });
}

std::optional<status_view> machine::status() const
{
    const std::string path = spool_root + "/state/status.json";
    if (!disk_.exists(path))
        return std::nullopt;
    auto parsed = parse_status(disk_.read_file(path));
    if (!parsed)
        return std::nullopt;
    return std::move(*parsed);
}

}  // namespace reaper::test
