#include "reaper/app/account_keeper.hpp"
#include "reaper/base/units.hpp"
#include "reaper/cli/commands.hpp"
#include "reaper/cli/connect_check.hpp"
#include "reaper/cli/load_settings.hpp"
#include "reaper/cli/render.hpp"
#include "reaper/io/https_connection.hpp"
#include "reaper/io/secrets.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ostream>
#include <set>

namespace reaper {

namespace {

// What is found beside the text of the configuration. Faults keep a daemon from starting, or from
// sending; warnings are for a person to judge.
struct findings
{
    std::vector<std::string> faults;
    std::vector<std::string> warnings;
};

// Only the service itself sees its credentials. A shell is not told where they are, and ExecReload=
// (systemd 252) is told, but finds the directory closed: that says nothing of the keys.
bool is_out_of_sight(const secret_source& key, const environment_map& environment)
{
    if (key.where != secret_source::from::credential)
        return false;
    const auto directory = environment.find("CREDENTIALS_DIRECTORY");
    return directory == environment.end() || ::access(directory->second.c_str(), X_OK) != 0;
}

// Keys are read and thrown away.
void check_keys(const account_settings& account, findings& found)
{
    const environment_map environment = process_environment();
    bool all_in_sight = true;
    for (const secret_source* key : {&account.api_key, &account.rest_api_key}) {
        if (!is_out_of_sight(*key, environment))
            continue;
        all_in_sight = false;
        found.warnings.push_back(fmt::format(
            "account {}: the credential {} is for the service alone, and was not looked at",
            account.name,
            key->name
        ));
    }
    if (!all_in_sight)
        return;
    const auto keys = load_account_secrets(account, environment);
    if (!keys)
        found.faults.push_back(keys.error().sentence);
}

// The files that an account names.
void check_account(const account_settings& account, findings& found)
{
    check_keys(account, found);
    if (account.endpoint.tls) {
        const auto tls = make_tls_context(account.ca_file);
        if (!tls)
            found.faults.push_back(fmt::format("account {}: {}", account.name, tls.error().sentence)
            );
    }
    const guard_lists lists = read_guard_lists(account.guards);
    if (!lists.fault.empty())
        found.faults.push_back(fmt::format("account {}: {}", account.name, lists.fault));
}

// The daemon makes what is missing at its first start, so that is no fault.
void check_spool(const spool_paths& spool, findings& found)
{
    std::set<dev_t> file_systems;
    std::vector<std::string> not_writable;
    for (const std::string& path :
         {spool.root,
          spool.incoming,
          spool.control,
          spool.active,
          spool.done,
          spool.rejected,
          spool.state}) {
        struct stat about = {};
        if (::stat(path.c_str(), &about) != 0) {
            if (errno != ENOENT)
                found.warnings.push_back(system_fault("cannot look at " + path).sentence);
            else if (path == spool.root)
                found.warnings.push_back(
                    fmt::format("{} is not there yet: the daemon makes it when it starts", path)
                );
            continue;
        }
        if (!S_ISDIR(about.st_mode)) {
            found.faults.push_back(path + " is not a directory: remove it, or set another `spool`");
            continue;
        }
        if (::access(path.c_str(), W_OK | X_OK) != 0)
            not_writable.push_back(path);
        const bool may_differ =
            path == spool.root || path == spool.incoming || path == spool.control;
        if (!may_differ)
            file_systems.insert(about.st_dev);
    }
    if (!not_writable.empty()) {
        found.warnings.push_back(fmt::format(
            "this user may not write in {}: check as the user that the daemon runs as",
            fmt::join(not_writable, ", ")
        ));
    }
    if (file_systems.size() > 1)
        found.faults.push_back(
            "active, done, rejected and state of " + spool.root +
            " must be on one file system: only incoming may be another"
        );
}

std::string summary_of(const account_settings& account)
{
    std::string text = fmt::format(
        "  {}: {} at {}, pace {}",
        account.name,
        to_string(account.kind),
        account.endpoint.url,
        account.pace_per_s ? "up to " + show_rate(*account.pace_per_s) : "auto"
    );
    const guard_settings& guards = account.guards;
    text += fmt::format(", at most {} deletes per job", with_thousands(guards.max_deletes));
    if (guards.hold_above)
        text += fmt::format(", held above {}", with_thousands(*guards.hold_above));
    if (guards.hold_after)
        text += fmt::format(", held after {}", with_thousands(*guards.hold_after));
    if (guards.dry_run)
        text += ", DRY RUN: nothing is ever deleted";
    return text;
}

void print_summary(const settings& config, std::ostream& out)
{
    out << fmt::format(
        "The configuration is fine: {}, spool {}\n",
        counted(config.accounts.size(), "account"),
        config.spool
    );
    for (const auto& [name, account] : config.accounts)
        out << summary_of(account) << '\n';
    if (config.default_account.empty())
        out << "  No default_account: a job must name its account, or be in incoming/<account>/.\n";
    else
        out << "  Jobs that name no account go to " << config.default_account << ".\n";
}

}  // namespace

exit_status check(const check_options& asked, const std::string& config_path, console& io)
{
    const config_outcome read = read_config(config_path, process_environment());
    print_faults(read, io.err);
    if (!read.value)
        return exit_status::configuration;

    findings found;
    for (const auto& [name, account] : read.value->accounts)
        check_account(account, found);
    check_spool(spool_paths(read.value->spool), found);
    for (const std::string& fault : found.faults)
        io.err << fault << '\n';
    for (const std::string& warning : found.warnings)
        io.err << "warning: " << warning << '\n';
    if (!found.faults.empty())
        return exit_status::configuration;
    print_summary(*read.value, io.out);
    return asked.connect ? connect_check(*read.value, io) : exit_status::ok;
}

}  // namespace reaper
