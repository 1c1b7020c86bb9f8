#pragma once
// Everything that an account needs and that is not in the configuration's text: its keys, its TLS
// context, its guard lists, the names of its limit and route. Reads them at a start and at a
// reload, and again when one of the files has changed (SPEC 8).

#include "reaper/base/result.hpp"
#include "reaper/engine/account.hpp"
#include "reaper/io/config_yaml.hpp"
#include "reaper/io/https_connection.hpp"
#include "reaper/io/request_template.hpp"
#include "reaper/io/secrets.hpp"
#include "reaper/io/spool.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace reaper {

// How to talk for an account, as it is now; a connection keeps what it was opened with.
struct account_access
{
    request_template requests;
    std::shared_ptr<tls_context> tls;  // null for plain http to loopback
    std::string route;                 // of state/proofs
};

class account_keeper
{
public:
    account_keeper(const spool_paths& spool, std::string salt, environment_map environment);

    // Reads everything of every account. One fault per account that cannot be used; then nothing
    // has changed.
    struct loaded
    {
        std::vector<account_setup> setups;
        std::vector<std::string> faults;
    };

    [[nodiscard]] loaded load(const settings& config);

    // The accounts of which a key, CA or list file has changed since they were read. Keys that
    // cannot be read any more leave the old ones in force: `warnings` says so.
    [[nodiscard]] std::vector<account_setup> look_for_changes(std::vector<std::string>& warnings);

    // Requires that the account was loaded.
    [[nodiscard]] const account_access& access(const std::string& account) const;
    [[nodiscard]] const account_settings& settings_of(const std::string& account) const;

    // Every key that is or was in force: for redaction. An answer to a request with an old key may
    // still come, and repeat it.
    [[nodiscard]] std::vector<std::string> secrets() const;

private:
    struct kept
    {
        account_settings settings;
        account_secrets keys;
        account_access access;
        std::vector<file_stamp> key_stamps;   // of the key and CA files
        std::vector<file_stamp> list_stamps;  // of allow and deny
        account_setup setup;
    };

    [[nodiscard]] result<kept> read(const account_settings& account) const;

    void retire(const account_secrets& keys);

    const spool_paths& spool_;
    std::string salt_;
    environment_map environment_;
    std::map<std::string, kept> kept_;
    std::vector<std::string> retired_;  // keys that were read before; some may still be in force
};

// Reads the allow and deny files; what is wrong with them is in the lists' `fault`.
[[nodiscard]] guard_lists read_guard_lists(const guard_settings& guards);

}  // namespace reaper
