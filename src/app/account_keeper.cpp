#include "reaper/app/account_keeper.hpp"

#include "reaper/io/file_ops.hpp"
#include "reaper/io/keyed_hash.hpp"
#include "reaper/io/spool_state.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reaper {

namespace {

constexpr std::size_t list_bytes_max = 512ull << 20;

// Reads a list; an empty one is a fault for `allow`: nothing would be deleted, silently.
std::optional<token_list> read_list(const std::string& path, bool may_be_empty, std::string& fault)
{
    if (path.empty())
        return std::nullopt;
    const auto text = read_file_bounded(path, list_bytes_max);
    if (!text) {
        fault = "sending stops: " + text.error().sentence;
        return token_list{};
    }
    auto list = token_list::parse(*text);
    if (!list) {
        fault = "sending stops: " + path + ": " + list.error().sentence;
        return token_list{};
    }
    if (list->empty() && !may_be_empty)
        fault = "sending stops: the allow list " + path +
                " names no token; name some, or take `allow` out of the configuration";
    return std::move(*list);
}

std::vector<file_stamp> stamps_of_lists(const guard_settings& guards)
{
    return {stamp_of(guards.allow), stamp_of(guards.deny)};
}

}  // namespace

guard_lists read_guard_lists(const guard_settings& guards)
{
    guard_lists lists;
    lists.allow_path = guards.allow;
    lists.deny_path = guards.deny;
    lists.allow = read_list(guards.allow, false, lists.fault);
    lists.deny = read_list(guards.deny, true, lists.fault);
    return lists;
}

account_keeper::account_keeper(
    const spool_paths& spool, std::string salt, environment_map environment
)
    : spool_(spool), salt_(std::move(salt)), environment_(std::move(environment))
{
}

result<account_keeper::kept> account_keeper::read(const account_settings& account) const
{
    kept fresh;
    fresh.settings = account;
    // Stamps first: a file that changes while it is read is read once more later.
    fresh.key_stamps = stamps_of(account);
    fresh.list_stamps = stamps_of_lists(account.guards);
    auto keys = load_account_secrets(account, environment_);
    if (!keys)
        return keys.error();
    fresh.keys = std::move(*keys);
    if (account.endpoint.tls) {
        auto tls = make_tls_context(account.ca_file);
        if (!tls)
            return fault{"account " + account.name + ": " + tls.error().sentence};
        fresh.access.tls = std::move(*tls);
    }
    fresh.access.requests = request_template(account, fresh.keys);
    fresh.access.route = keyed_hash(salt_, route_text(account, fresh.keys));

    account_setup& setup = fresh.setup;
    setup.settings = account;
    setup.limit = limit_id_of(account, fresh.keys, salt_);
    std::string credentials = fresh.keys.api_key + "\n" + fresh.keys.rest_api_key + "\n" +
                              account.endpoint.url + "\n" + account.ca_file;
    const file_stamp ca = stamp_of(account.ca_file);
    credentials += "\n" + std::to_string(ca.inode) + "\n" + std::to_string(ca.changed_ns);
    setup.credentials = keyed_hash(salt_, credentials);
    setup.route_proven = is_route_proven(spool_, fresh.access.route);
    setup.lists = read_guard_lists(account.guards);
    return fresh;
}

account_keeper::loaded account_keeper::load(const settings& config)
{
    loaded all;
    std::map<std::string, kept> fresh;
    for (const auto& [name, account] : config.accounts) {
        auto one = read(account);
        if (!one) {
            all.faults.push_back(one.error().sentence);
            continue;
        }
        all.setups.push_back(one->setup);
        fresh.emplace(name, std::move(*one));
    }
    if (!all.faults.empty())
        return all;
    for (const auto& [name, known] : kept_)
        retire(known.keys);
    kept_ = std::move(fresh);
    return all;
}

std::vector<account_setup> account_keeper::look_for_changes(std::vector<std::string>& warnings)
{
    std::vector<account_setup> changed;
    for (auto& [name, known] : kept_) {
        const bool same_keys = stamps_of(known.settings) == known.key_stamps;
        const bool same_lists = stamps_of_lists(known.settings.guards) == known.list_stamps;
        if (same_keys && same_lists)
            continue;
        auto fresh = read(known.settings);
        if (!fresh) {
            // The keys in force still work; the lists must not be taken for readable.
            warnings.push_back(
                fresh.error().sentence + "; the keys that were read before stay in force"
            );
            if (same_lists)
                continue;
            known.list_stamps = stamps_of_lists(known.settings.guards);
            known.setup.lists = read_guard_lists(known.settings.guards);
        } else {
            retire(known.keys);
            known = std::move(*fresh);
        }
        changed.push_back(known.setup);
    }
    return changed;
}

const account_access& account_keeper::access(const std::string& account) const
{
    return kept_.at(account).access;
}

const account_settings& account_keeper::settings_of(const std::string& account) const
{
    return kept_.at(account).settings;
}

void account_keeper::retire(const account_secrets& keys)
{
    for (const std::string& key : {keys.api_key, keys.rest_api_key})
        if (std::find(retired_.begin(), retired_.end(), key) == retired_.end())
            retired_.push_back(key);
}

std::vector<std::string> account_keeper::secrets() const
{
    std::vector<std::string> all = retired_;
    for (const auto& [name, known] : kept_) {
        all.push_back(known.keys.api_key);
        all.push_back(known.keys.rest_api_key);
    }
    return all;
}

}  // namespace reaper
