#include "sim/people.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reaper::test {

std::string order_path(const std::string& job, const std::string& verb)
{
    return spool_root + "/control/" + job + "." + verb;
}

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
        if (!job.holds.empty() && !disk_.exists(order_path(job.id, "release")))
            put_release(job);
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
    // What begins with a dot was being taken in once; the next start removes it.
    for (const std::string& id : disk_.list(spool_root + "/active"))
        if (id.front() != '.')
            left.push_back(spool_root + "/active/" + id);
    return left;
}

}  // namespace reaper::test
