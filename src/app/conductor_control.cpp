// What people ask of the running daemon: control files, reloads, changed keys.

#include "reaper/app/conductor.hpp"
#include "reaper/io/directory.hpp"
#include "reaper/rt/log.hpp"

namespace reaper {

namespace {

constexpr duration control_retry = std::chrono::seconds(1);

}  // namespace

void conductor::hint(const watch_event& event)
{
    if (stopping_)
        return;
    switch (event.is) {
        case watch_event::what::control:
            control_changed_ = true;
            apply_control();
            return;
        case watch_event::what::rescan:
            host_.watch(account_names());
            control_changed_ = true;
            apply_control();
            break;
        case watch_event::what::changed:
        case watch_event::what::renamed_in:
            break;
    }
    intake_.hint(event);
    intake_wanted_ = true;
    host_.wake();
}

void conductor::apply_control()
{
    control_changed_ = false;
    control_waiting_ = false;
    control_retry_at_ = mono_never;
    const instant now = host_.clocks();
    const auto scan = read_control(spool_.paths);
    if (!scan) {
        log_warning(scan.error().sentence);
        control_retry_at_ = now.mono + control_retry;
        return;
    }
    for (const intake_problem& refused : scan->refused) {
        log_warning(refused.why, {{"path", refused.path}});
        static_cast<void>(remove_control(refused.path));
    }
    for (const std::string& limit : scan->wanted_limits)
        engine_.limit_wanted(limit, now);
    for (const control_request& request : scan->requests)
        if (apply(request, now))
            if (const auto removed = remove_control(request.path); !removed)
                log_warning(removed.error().sentence);
    host_.wake();
}

bool conductor::apply(const control_request& request, instant now)
{
    const std::string order(to_string(request.order));
    if (!engine_.knows(request.job)) {
        const auto lost = lost_jobs_.find(request.job);
        const bool comes_back = lost != lost_jobs_.end() && lost->second.may_pass;
        if (comes_back || waits_in_incoming(request.job)) {
            control_waiting_ = true;
            return false;
        }
        log_warning(
            "cannot " + order + ": no such active job", {{"job", request.job}, {"by", request.by}}
        );
        return true;
    }
    result<void> done;
    switch (request.order) {
        case job_order::hold:
            done = engine_.hold(request.job, request.by, now);
            break;
        case job_order::release:
            done = engine_.release(request.job, request.holds, now);
            break;
        case job_order::cancel:
            done = engine_.cancel(request.job, now);
            break;
        case job_order::prioritize:
            done = fault{"prioritize is not available in this version"};
            break;
    }
    status_at_ = {};
    if (done) {
        log_info(order, {{"job", request.job}, {"by", request.by}});
        return true;
    }
    log_warning(
        "cannot " + order + ": " + done.error().sentence, {{"job", request.job}, {"by", request.by}}
    );
    // A disk that could not store it may do so later; anything else will not change.
    const bool try_again = done.error().error_number != 0;
    if (try_again)
        control_retry_at_ = now.mono + control_retry;
    return !try_again;
}

bool conductor::waits_in_incoming(const std::string& job) const
{
    std::vector<std::string> folders = account_names();
    folders.emplace_back();
    for (const std::string& account : folders) {
        auto listing = directory_listing::open(spool_.paths.folder_of(account));
        if (!listing) {
            // It may be there: a request is not lost because a folder cannot be read now.
            if (may_pass(listing.error()))
                return true;
            continue;
        }
        while (const auto name = listing->next()) {
            const bool is_dropped = name->starts_with(job) &&
                                    (name->size() == job.size() || (*name)[job.size()] == '.');
            if (is_dropped || claimed_id(*name) == job)
                return true;
        }
        if (listing->failed())
            return true;
    }
    return false;
}

void conductor::make_account_folders()
{
    for (const intake_problem& problem : ensure_account_folders(spool_.paths, account_names()))
        folded_warning(problem.path, problem.path + ": " + problem.why);
}

void conductor::begin_reload()
{
    tell(supervisor_.reloading(host_.clocks().mono));
}

void conductor::reload(config_outcome read)
{
    for (const config_fault& fault : read.faults)
        log_error("reload: " + describe(fault));
    if (read.value && read.value->spool != config_.spool) {
        log_error("reload: another spool needs a restart");
        read.value.reset();
    }
    if (read.value) {
        account_keeper::loaded loaded = accounts_.load(*read.value);
        for (const std::string& fault : loaded.faults)
            log_error("reload: " + fault);
        if (loaded.faults.empty()) {
            config_ = std::move(*read.value);
            set_up_log(config_.log, environment_);
            set_log_secrets(accounts_.secrets());
            make_account_folders();
            engine_.configure(config_, std::move(loaded.setups), host_.clocks());
            world_.set_free_floor(config_.results.reserve);
            intake_.apply(config_);
            host_.watch(account_names());
            intake_wanted_ = true;
            log_info("reloaded", {{"accounts", config_.accounts.size()}});
        } else {
            read.value.reset();
        }
    }
    if (!read.value)
        log_error("reload: nothing was changed, the old configuration stays in force");
    tell(supervisor_.ready("running"));
    host_.wake();
}

void conductor::look_for_changes()
{
    std::vector<std::string> warnings;
    std::vector<account_setup> changed = accounts_.look_for_changes(warnings);
    for (const std::string& warning : warnings)
        folded_warning(warning, warning);
    if (changed.empty())
        return;
    set_log_secrets(accounts_.secrets());
    for (account_setup& each : changed) {
        log_info("keys, CA or lists were read again", {{"account", each.settings.name}});
        engine_.refresh_account(std::move(each), host_.clocks());
    }
    host_.wake();
}

}  // namespace reaper
