// What the people of a simulated run do.

#include "sim/people.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reaper::test {

namespace {

constexpr std::size_t files_max = 7;
constexpr std::uint64_t roomy = std::uint64_t{1} << 30U;

}  // namespace

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
        case 1:
            put_release(job);
            break;
        default:
            put_order(job.id, "cancel", "{\"by\": \"ada\"}\n");
    }
}

// Of the holds that the status shows.
void people::put_release(const job_view& job)
{
    std::string ids;
    for (const hold& each : job.holds)
        ids += (ids.empty() ? "" : ", ") + std::to_string(each.id);
    put_order(job.id, "release", "{\"by\": \"ada\", \"holds\": [" + ids + "]}\n");
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

}  // namespace reaper::test
