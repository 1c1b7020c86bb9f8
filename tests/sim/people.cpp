#include "sim/people.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reaper::test {

namespace {

constexpr std::size_t files_max = 7;
constexpr std::uint64_t roomy = std::uint64_t{1} << 30U;

std::string order_path(const std::string& job, const std::string& verb)
{
    return spool_root + "/control/" + job + "." + verb;
}

}  // namespace

people::people(
    event_queue& clock, disk_model& disk, api_model& api, machine& daemon, random_source random
)
    : clock_(clock), disk_(disk), api_(api), daemon_(daemon), random_(random)
{
}

std::size_t people::app_of(const std::string& account) const
{
    return apps_.at(account);
}

// As their own watches have it.
std::int64_t people::unix_now() const
{
    const duration wall = clock_.now().wall.time_since_epoch() - shifted_;
    return std::chrono::floor<std::chrono::seconds>(wall).count();
}

std::string people::folder_path(const std::string& folder) const
{
    return spool_root + "/incoming" + (folder.empty() ? "" : "/" + folder);
}

// --- before the first start

void people::begin()
{
    disk_.make_directories("/sim/etc");
    disk_.make_directories(spool_root);
    const bool shared = random_.one_in(3);
    settings& config = daemon_.config;
    config.spool = spool_root;
    config.default_account = "prod";
    config.results.reserve = 1024U << random_.below(8);
    config.intake.settle = random_.one_in(4) ? 200ms : 2s;
    config.log.level = log_level::error;
    daemon_.hears_of_files = !random_.one_in(5);
    for (const char* name : {"prod", "second"}) {
        account_settings& account = config.accounts[name];
        account.name = name;
        account.endpoint = {
            .url = "http://" + api_.host(),
            .tls = false,
            .host = "127.0.0.1",
            .port = 8080,
            .base_path = ""};
        account.api_key.name = "/sim/etc/" + account.name + ".api";
        account.rest_api_key.name = "/sim/etc/" + account.name + ".rest";
        if (shared)
            account.shared_limit = "both";
        account.connections = 1 + static_cast<unsigned>(random_.below(3));
        account.max_window = random_.one_in(3) ? 1 + static_cast<unsigned>(random_.below(8)) : 64;
        account.timeout = random_.one_in(2) ? 5s : 30s;
        account.retry.attempts =
            random_.one_in(3) ? 2 + static_cast<unsigned>(random_.below(3)) : 8;
        account.guards.max_invalid = random_.one_in(4) ? 2 : 0;
        account.guards.breaker.window = random_.one_in(2) ? 10 + random_.below(50) : 1000;
        if (random_.one_in(5))
            account.pace_per_s = 1.0 + static_cast<double>(random_.below(200));
        keys_of_[name] = {"KEY0" + std::string(name), "rest0" + std::string(name)};
        apps_[name] = api_.add_app(
            keys_of_[name].first, keys_of_[name].second, shared ? "both" : std::string()
        );
    }
    write_keys();
    if (api_.shape().wrong_keys)
        change_keys();
    start_soon();
    plan_mischief();
}

void people::write_keys()
{
    for (const auto& [account, pair] : keys_of_) {
        for (const auto& [key, ending] : {std::pair{pair.first, ".api"}, {pair.second, ".rest"}}) {
            const std::string path = "/sim/etc/" + account + ending;
            disk_.put_file(path, key + "\n", durability::at_once);
            disk_.set_mode(path, 0600);
            if (std::find(keys.begin(), keys.end(), key) == keys.end())
                keys.push_back(key);
        }
    }
}

// The company gets new keys; the daemon's files may still hold the old ones.
void people::change_keys()
{
    const std::string account = random_.one_in(2) ? "prod" : "second";
    ++key_changes_;
    keys_of_[account] = {
        fmt::format("KEY{}{}", key_changes_, account),
        fmt::format("rest{}{}", key_changes_, account)};
    api_.change_keys(apps_[account], keys_of_[account].first, keys_of_[account].second);
}

void people::plan_mischief()
{
    const duration until = api_.shape().calm_after;
    const std::uint64_t deeds = 4 + random_.below(14);
    for (std::uint64_t i = 0; i < deeds; ++i)
        clock_.after(random_.upto(until), [this] {
            if (!is_calm_)
                do_something();
        });
    // Most of the work is there early.
    for (int i = 0; i < 3; ++i)
        clock_.after(random_.upto(std::min<duration>(until, 10s)), [this] { drop_some(); });
}

// --- deeds

void people::do_something()
{
    const auto how = random_.one_in(2) ? end_of_process::kill : end_of_process::power_cut;
    switch (random_.below(14)) {
        case 0:
        case 1:
            drop_some();
            break;
        case 2:
        case 3:
            give_order();
            break;
        case 4:
            edit_taken();
            break;
        case 5:
            if (daemon_.is_running())
                daemon_.stop();
            break;
        case 6:
            if (daemon_.is_running())
                daemon_.end(how);
            break;
        case 7:
        case 8:
            daemon_.end_at_call(1 + random_.below(random_.one_in(3) ? 2'000 : 120), how);
            break;
        case 9:
        case 10:
            break_disk();
            break;
        case 11:
            reload_something();
            break;
        case 12:
            change_keys();
            clock_.after(random_.upto(30s), [this] { write_keys(); });
            break;
        default:
            shift_wall(random_.one_in(2) ? -1h : duration(24h));
    }
}

// Somebody sets the clock of the machine.
void people::shift_wall(duration by)
{
    shifted_ += by;
    clock_.shift_wall(by);
}

plan_wishes people::wishes()
{
    plan_wishes wanted;
    wanted.account = random_.one_in(3) ? "second" : "prod";
    wanted.default_account = wanted.account == "prod";
    wanted.max_invalid = daemon_.config.accounts[wanted.account].guards.max_invalid;
    wanted.first_token = next_token_;
    wanted.number = files_.size() + 1;
    wanted.now_unix = unix_now();
    return wanted;
}

void people::add_campaigns(const job_plan& plan, bool all)
{
    for (const plan_item& item : plan.items)
        if (item.is == plan_item::sort::token &&
            (all || !random_.chance(api_.shape().unknown_tokens)))
            api_.add_campaign(apps_[plan.account], item.token);
}

void people::drop_some()
{
    if (files_.size() >= files_max || !disk_.exists(folder_path("second")))
        return;
    const job_plan plan = draw_plan(random_, wishes());
    next_token_ += plan.items.size();
    add_campaigns(plan, false);
    if (random_.one_in(3))
        drop_slowly(plan);
    else
        drop_whole(plan);
}

void people::drop_whole(const job_plan& plan)
{
    const std::string path = folder_path(plan.folder) + "/" + plan.name;
    const std::string hidden = folder_path(plan.folder) + "/." + plan.name + ".tmp";
    disk_.put_file(hidden, plan.bytes, durability::at_once);
    disk_.rename(hidden, path, durability::at_once);
    files_.push_back({.plan = plan});
    daemon_.hint({watch_event::what::renamed_in, plan.folder, plan.name});
}

// Written in place, with the file open all the time, or as by a program that opens it each time.
void people::drop_slowly(const job_plan& plan)
{
    const std::string path = folder_path(plan.folder) + "/" + plan.name;
    disk_.put_file(path, "", durability::at_once);
    files_.push_back({.plan = plan});
    write_on(files_.size() - 1, path, 0);
}

void people::write_on(std::size_t file, std::string path, std::size_t done)
{
    const job_plan& plan = files_[file].plan;
    if (!disk_.exists(path))
        path = claim_of(plan.bytes.substr(0, done));
    if (path.empty())
        return;  // it was taken, and what is written now is written into nothing
    const std::size_t left = plan.bytes.size() - done;
    const std::size_t now = std::min(left, 1 + random_.below(left * 2));
    disk_.append(path, plan.bytes.substr(done, now), durability::at_once);
    daemon_.hint({watch_event::what::changed, plan.folder, plan.name});
    if (now < left)
        clock_.after(
            random_.upto(random_.one_in(4) ? 6s : 500ms),
            [this, file, path, end = done + now] { write_on(file, path, end); }
        );
}

// Where the daemon has put the file that began like this, while it takes it in.
std::string people::claim_of(const std::string& bytes) const
{
    for (const char* folder : {"", "prod", "second"}) {
        if (!disk_.exists(folder_path(folder)))
            continue;
        for (const std::string& name : disk_.list(folder_path(folder))) {
            const std::string path = folder_path(folder) + "/" + name;
            if (name.ends_with(".claim") && disk_.read_file(path) == bytes)
                return path;
        }
    }
    return {};
}

// Whoever dropped a file may still have it open.
void people::edit_taken()
{
    for (dropped_file& each : files_) {
        const std::string claim = claim_of(each.plan.bytes);
        if (claim.empty() || !each.edited.empty())
            continue;
        each.edited = "\n" + token_text(next_token_++) + "\n";
        disk_.append(claim, each.edited);
    }
}

void people::give_order()
{
    const auto status = daemon_.status();
    if (!status || status->jobs.empty())
        return;
    const job_view& job = status->jobs[random_.below(status->jobs.size())];
    switch (random_.below(random_.one_in(4) ? 3 : 2)) {
        case 0:
            put_order(job.id, "hold", "{\"by\": \"ada\"}\n");
            break;
        case 1: {
            std::string ids;
            for (const hold& each : job.holds)
                ids += (ids.empty() ? "" : ", ") + std::to_string(each.id);
            put_order(job.id, "release", "{\"by\": \"ada\", \"holds\": [" + ids + "]}\n");
            break;
        }
        default:
            put_order(job.id, "cancel", "{\"by\": \"ada\"}\n");
    }
}

void people::put_order(const std::string& job, const std::string& verb, const std::string& content)
{
    const std::string hidden = spool_root + "/control/." + job + "." + verb + ".tmp";
    disk_.put_file(hidden, content, durability::at_once);
    disk_.rename(hidden, order_path(job, verb), durability::at_once);
    orders_.push_back({.job = job, .verb = verb, .given_at = clock_.mono()});
    daemon_.hint({watch_event::what::control, {}, {}});
}

void people::reload_something()
{
    for (auto& [name, account] : daemon_.config.accounts) {
        account.max_window = 1 + static_cast<unsigned>(random_.below(64));
        account.connections = 1 + static_cast<unsigned>(random_.below(3));
        if (random_.one_in(3))
            account.pace_per_s = 1.0 + static_cast<double>(random_.below(200));
    }
    if (daemon_.is_running())
        daemon_.reload();
}

void people::break_disk()
{
    if (random_.one_in(4)) {
        disk_.set_capacity(random_.below(200'000));  // perhaps full at once
    } else if (random_.one_in(4)) {
        disk_.set_sync_time(random_.upto(random_.one_in(3) ? 3s : 100ms), [this](auto time) {
            clock_.pass(time);
        });
    } else {
        static constexpr int errors[] = {EIO, ENOSPC, EMFILE, EINTR};
        fault_rule rule;
        rule.error = random_.one_in(6) ? 0 : errors[random_.below(std::size(errors))];
        rule.bytes_max = 1 + random_.below(40);
        if (random_.one_in(2))
            rule.kind = static_cast<call_kind>(
                random_.below(static_cast<std::uint64_t>(call_kind::mode) + 1)
            );
        rule.skip = random_.below(200);
        rule.times = random_.one_in(2) ? 1 : random_.below(200);
        if (rule.error == EINTR)
            rule.times = std::min<std::uint64_t>(rule.times, 20);
        disk_.faults().add(rule);
    }
    clock_.after(random_.upto(20s), [this] { mend_disk(); });
}

void people::mend_disk()
{
    disk_.faults().clear();
    disk_.set_capacity(roomy);
    disk_.set_sync_time({}, {});
}

// --- looking after it

void people::start_soon()
{
    if (std::exchange(start_planned_, true))
        return;
    clock_.after(random_.upto(random_.one_in(5) ? 20s : 300ms), [this] {
        start_planned_ = false;
        static_cast<void>(daemon_.start());
    });
}

void people::look()
{
    if (!daemon_.is_running())
        start_soon();
    for (given_order& each : orders_)
        if (each.obeyed_at == mono_never && !disk_.exists(order_path(each.job, each.verb)))
            each.obeyed_at = clock_.mono();
    if (is_calm_ && clock_.mono() >= release_at_)
        release_all();
}

void people::calm_down()
{
    is_calm_ = true;
    mend_disk();
    write_keys();
    shift_wall(-shifted_);
}

void people::release_all()
{
    release_at_ = clock_.mono() + 7s;
    const auto status = daemon_.status();
    if (!status || !daemon_.is_running())
        return;
    for (const job_view& job : status->jobs) {
        std::string ids;
        for (const hold& each : job.holds)
            ids += (ids.empty() ? "" : ", ") + std::to_string(each.id);
        if (!ids.empty() && !disk_.exists(order_path(job.id, "release")))
            put_order(job.id, "release", "{\"by\": \"ada\", \"holds\": [" + ids + "]}\n");
    }
}

void people::drop_fresh()
{
    plan_wishes wanted = wishes();
    wanted.account = "prod";
    const job_plan plan = plain_plan(wanted, 20);
    next_token_ += plan.items.size();
    add_campaigns(plan, true);
    drop_whole(plan);
}

std::vector<std::string> people::what_is_left() const
{
    std::vector<std::string> left;
    for (const char* folder : {"", "prod", "second"}) {
        const std::string path = folder_path(folder);
        if (!disk_.exists(path))
            continue;
        for (const std::string& name : disk_.list(path)) {
            const bool is_account = folder[0] == '\0' && apps_.contains(name);
            if (!is_account && !name.ends_with(".tmp"))
                left.push_back(path + "/" + name);
        }
    }
    for (const std::string& id : disk_.list(spool_root + "/active"))
        left.push_back(spool_root + "/active/" + id);
    return left;
}

}  // namespace reaper::test
