#include "config_schema.hpp"

#include "reaper/base/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace reaper {

namespace {

// The part of `path` behind `section` and its dot, or empty if it does not stand below.
std::string_view below(std::string_view path, std::string_view section)
{
    if (section.empty())
        return path;
    if (path.size() > section.size() && path.starts_with(section) && path[section.size()] == '.')
        return path.substr(section.size() + 1);
    return {};
}

// Where a key of this name does stand: somebody has put it on the wrong level.
std::string_view section_of(std::string_view key)
{
    for (const std::string_view path : config_keys()) {
        const std::size_t dot = path.rfind('.');
        if (dot != path.npos && path.substr(dot + 1) == key)
            return path.substr(0, dot);
    }
    return {};
}

// "accounts.*.guards" as people read it.
std::string readable(std::string_view path)
{
    std::string out;
    for (const char c : path)
        out += c == '*' ? std::string{"<name>"} : std::string(1, c);
    return out;
}

class key_checker
{
public:
    explicit key_checker(config_faults& faults) : faults_(faults) {}

    void check(const config_node& map, std::string_view section)
    {
        const std::vector<std::string_view> keys = keys_below(section);
        const bool any_name = keys.front() == "*";
        for (const config_entry& entry : map.entries) {
            // Room for anchors, in the manner of other YAML files.
            if (section.empty() && entry.key.starts_with("x-"))
                continue;
            if (!any_name && std::ranges::find(keys, entry.key) == keys.end()) {
                refuse(entry, section);
                continue;
            }
            const std::string path = join_path(section, any_name ? "*" : entry.key);
            if (is_section(path))
                check_section(entry, path);
        }
    }

private:
    void check_section(const config_entry& entry, const std::string& path)
    {
        if (entry.value.is == config_node::form::map) {
            check(entry.value, path);
            return;
        }
        add_fault(
            faults_,
            entry.value.place,
            fmt::format(
                "{} is a section; write its keys below it, indented ({})",
                shown_key(entry.key),
                fmt::join(keys_below(path), ", ")
            )
        );
    }

    void refuse(const config_entry& entry, std::string_view section)
    {
        const std::string where = section.empty() ? "" : " in " + readable(section);
        add_fault(
            faults_,
            entry.place,
            fmt::format(
                "there is no key {}{}; {}",
                shown_key(entry.key),
                where,
                mend_for_unknown_key(section, entry.key)
            )
        );
    }

    config_faults& faults_;
};

}  // namespace

const std::vector<std::string_view>& config_keys()
{
    static const std::vector<std::string_view> keys = {
        "spool",
        "default_account",
        "accounts.*.kind",
        "accounts.*.version",
        "accounts.*.api_key_file",
        "accounts.*.api_key_env",
        "accounts.*.api_key_credential",
        "accounts.*.rest_api_key_file",
        "accounts.*.rest_api_key_env",
        "accounts.*.rest_api_key_credential",
        "accounts.*.endpoint",
        "accounts.*.pace",
        "accounts.*.connections",
        "accounts.*.max_window",
        "accounts.*.timeout",
        "accounts.*.ca_file",
        "accounts.*.token_shape",
        "accounts.*.shared_limit",
        "accounts.*.guards.max_deletes",
        "accounts.*.guards.max_invalid",
        "accounts.*.guards.hold_above",
        "accounts.*.guards.hold_after",
        "accounts.*.guards.unproven_404",
        "accounts.*.guards.breaker.window",
        "accounts.*.guards.breaker.not_deleted",
        "accounts.*.guards.allow",
        "accounts.*.guards.deny",
        "accounts.*.guards.dry_run",
        "guards.max_deletes",
        "guards.max_invalid",
        "guards.hold_above",
        "guards.hold_after",
        "guards.unproven_404",
        "guards.breaker.window",
        "guards.breaker.not_deleted",
        "guards.allow",
        "guards.deny",
        "guards.dry_run",
        "retry.attempts",
        "retry.base",
        "retry.cap",
        "results.sync",
        "results.reserve",
        "results.stream",
        "intake.settle",
        "intake.rescan",
        "retention.age",
        "retention.warn_size",
        "http.listen",
        "log.level",
        "log.format",
        "shutdown.drain",
    };
    return keys;
}

std::vector<std::string_view> keys_below(std::string_view section)
{
    std::vector<std::string_view> keys;
    for (const std::string_view path : config_keys()) {
        const std::string_view rest = below(path, section);
        const std::string_view key = rest.substr(0, rest.find('.'));
        if (!key.empty() && std::ranges::find(keys, key) == keys.end())
            keys.push_back(key);
    }
    return keys;
}

bool is_section(std::string_view path)
{
    return !keys_below(path).empty();
}

std::string join_path(std::string_view section, std::string_view key)
{
    return section.empty() ? std::string{key} : fmt::format("{}.{}", section, key);
}

std::string mend_for_unknown_key(std::string_view section, std::string_view key)
{
    const std::vector<std::string_view> keys = keys_below(section);
    if (key.starts_with("project_key"))
        return "the kind cep-campaigns and its project key are not available in this version";
    if (key == "api_key" || key == "rest_api_key")
        return fmt::format(
            "a key is never written here: name the file that holds it, as {}_file", key
        );
    if (const std::string_view elsewhere = section_of(key); !elsewhere.empty())
        return "it belongs in " + readable(elsewhere);
    if (const std::string_view word = nearest(key, keys); !word.empty())
        return fmt::format("did you mean \"{}\"?", word);
    return fmt::format("possible here: {}", fmt::join(keys, ", "));
}

void check_keys(const config_node& root, config_faults& faults)
{
    key_checker(faults).check(root, "");
}

}  // namespace reaper
