#include "config_accounts.hpp"

#include "config_endpoint.hpp"
#include "reaper/base/text.hpp"
#include "reaper/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace reaper {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t tokens_max = 1'000'000'000'000;
constexpr double pace_per_s_max = 10'000;
constexpr double pace_per_s_min = 1.0 / 3600;
constexpr std::size_t pattern_bytes_max = 200;
constexpr std::string_view default_endpoint = "https://api.batch.com";

result<campaign_kind> parse_kind(const config_text& value)
{
    if (value.text == "cep-campaigns")
        return fault{
            "the kind cep-campaigns is not available in this version; "
            "possible are campaigns and in-app-campaigns"};
    return one_of<campaign_kind>{
        {to_string(campaign_kind::campaigns), campaign_kind::campaigns},
        {to_string(campaign_kind::in_app_campaigns), campaign_kind::in_app_campaigns},
    }(value);
}

result<std::string> parse_version(const config_text& value)
{
    static const std::regex form("1\\.[0-9]{1,3}");
    if (std::regex_match(value.text.begin(), value.text.end(), form))
        return std::string{value.text};
    if (value.text.starts_with("2."))
        return fault{
            "the versions 2.x belong to the kind cep-campaigns, which is not available in this "
            "version; write \"1.1\""};
    return fault{fmt::format("\"{}\" is not a version of the API; write \"1.1\"", value.shown)};
}

result<std::optional<double>> parse_pace(const config_text& value)
{
    if (value.text == "auto")
        return std::optional<double>{};
    const auto rate = parse_rate_per_s(value.text);
    if (!rate)
        return fault{
            fmt::format("\"{}\" is neither auto nor a rate, such as 10/s or 600/min", value.shown)};
    if (*rate < pace_per_s_min || *rate > pace_per_s_max)
        return fault{fmt::format(
            "{} is out of range: write 1/h to {}/s, or auto", value.shown, pace_per_s_max
        )};
    return std::optional<double>{*rate};
}

// A repetition or a reference with more digits than any token needs. std::regex reads it without
// looking for an overflow. Digits that stand for themselves are none.
bool has_far_number(std::string_view pattern)
{
    constexpr std::size_t digits_max = 4;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '{' && pattern[at] != ',' && pattern[at] != '\\')
            continue;
        const std::size_t end = pattern.find_first_not_of("0123456789", at + 1);
        if (std::min(end, pattern.size()) - at - 1 > digits_max)
            return true;
    }
    return false;
}

result<token_shape> parse_shape(const config_text& value)
{
    if (value.text == "auto")
        return token_shape{};
    if (value.text == "any")
        return token_shape{token_shape::form::any, {}};
    // Without one of these it matches itself only: a typing error that would call every token
    // invalid.
    if (value.text.find_first_of("[(.*+?{\\|") == value.text.npos)
        return fault{fmt::format(
            "\"{}\" is neither auto nor any, nor a pattern such as [0-9a-f]{{32}}", value.shown
        )};
    if (value.text.size() > pattern_bytes_max)
        return fault{fmt::format("the pattern is longer than {} bytes", pattern_bytes_max)};
    if (has_far_number(value.text))
        return fault{fmt::format(
            "\"{}\" has a number of more than four digits behind {{ , or \\", value.shown
        )};
    try {
        std::regex{value.text.begin(), value.text.end()};
    } catch (const std::regex_error&) {
        return fault{fmt::format(
            "\"{}\" is not a regular expression (ECMAScript), such as [0-9a-f]{{32}}", value.shown
        )};
    }
    return token_shape{token_shape::form::pattern, std::string{value.text}};
}

bool is_all_of(std::string_view text, std::string_view more)
{
    return std::ranges::all_of(text, [more](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               more.find(c) != more.npos;
    });
}

// Whoever is new to this writes the key itself where its source belongs. So no fault here says
// what was written, and what may be a key is not taken for a name: later faults would say it.
result<std::string> parse_source_name(secret_source::from where, const config_text& value)
{
    switch (where) {
        case secret_source::from::file: {
            auto path = parse_path({value.text, "[not shown]"});
            if (!path)
                return fault{"it must be the absolute path of a file that holds the key"};
            return path;
        }
        case secret_source::from::environment: {
            const bool digit_first = value.text.front() >= '0' && value.text.front() <= '9';
            if (digit_first || !is_all_of(value.text, "_") || looks_like_secret(value.text))
                return fault{
                    "it must be the name of an environment variable that holds the key, not the "
                    "key"};
            return std::string{value.text};
        }
        case secret_source::from::credential: {
            const bool dots = value.text == "." || value.text == "..";
            if (dots || !is_all_of(value.text, "_-.@") || looks_like_secret(value.text))
                return fault{
                    "it must be the name of a systemd credential that holds the key, not the key"};
            return std::string{value.text};
        }
    }
    return fault{"it is not possible"};
}

// Exactly one of <key>_file, <key>_env and <key>_credential.
void read_source(const config_section& account, const std::string& key, secret_source& out)
{
    constexpr std::pair<std::string_view, secret_source::from> sources[] = {
        {"_file", secret_source::from::file},
        {"_env", secret_source::from::environment},
        {"_credential", secret_source::from::credential},
    };
    std::vector<std::string> said;
    for (const auto& [suffix, where] : sources) {
        const std::string name = key + std::string{suffix};
        const bool there = std::ranges::any_of(account.entries(), [&name](const config_entry& e) {
            return e.key == name;
        });
        if (!there)
            continue;
        said.push_back(name);
        account.read(name, out.name, [where = where](const config_text& value) {
            return parse_source_name(where, value);
        });
        out.where = where;
    }
    if (said.empty())
        account.refuse(fmt::format(
            "the account has no {0}; add {0}_file: /path/to/the/key (or {0}_env, or "
            "{0}_credential)",
            key
        ));
    if (said.size() > 1)
        account.refuse(fmt::format("the account has both {} and {}; keep one", said[0], said[1]));
}

void read_account_guards(
    const config_section& section, const guard_settings& global, guard_settings& guards
)
{
    guards = global;
    read_guards(section, guards);
    // SPEC 4: with a dry run in the config, nothing is ever deleted.
    if (global.dry_run && !guards.dry_run) {
        section.refuse(
            *section.scalar("dry_run"),
            "dry_run",
            "an account cannot lift the dry run of all; remove it here or from the guards above"
        );
    }
}

account_settings read_account(
    const std::string& name, const config_section& section, const common_settings& common
)
{
    account_settings out;
    out.name = name;
    out.retry = common.retry;
    out.endpoint = *parse_endpoint({default_endpoint, std::string{default_endpoint}});
    section.read("kind", out.kind, parse_kind);
    section.read("version", out.version, parse_version);
    read_source(section, "api_key", out.api_key);
    read_source(section, "rest_api_key", out.rest_api_key);
    section.read("endpoint", out.endpoint, parse_endpoint);
    section.read("pace", out.pace_per_s, parse_pace);
    section.read("connections", out.connections, count_between{1, 64});
    section.read("max_window", out.max_window, count_between{1, 1024});
    section.read("timeout", out.timeout, duration_between{100ms, 10min});
    section.read_or_none("ca_file", out.ca_file, parse_path);
    section.read("token_shape", out.shape, parse_shape);
    section.read_or_none("shared_limit", out.shared_limit, parse_name);
    read_account_guards(section.child("guards"), common.guards, out.guards);
    return out;
}

void read_default_account(const config_section& root, settings& out)
{
    const config_node* const said = root.scalar("default_account");
    if (said == nullptr) {
        if (out.accounts.size() == 1)
            out.default_account = out.accounts.begin()->first;
        return;
    }
    root.read("default_account", out.default_account, parse_name);
    if (out.default_account.empty() || out.accounts.contains(out.default_account))
        return;

    std::vector<std::string_view> names;
    for (const auto& account : out.accounts)
        names.push_back(account.first);
    const std::string_view near = nearest(said->text, names);
    root.refuse(
        *said,
        "default_account",
        fmt::format(
            "there is no account \"{}\"; {}",
            shown_value(*said),
            near.empty() ? "name one of those below accounts"
                         : fmt::format("did you mean \"{}\"?", near)
        )
    );
}

}  // namespace

void read_guards(const config_section& section, guard_settings& guards)
{
    section.read("max_deletes", guards.max_deletes, number_between{1, tokens_max});
    section.read("max_invalid", guards.max_invalid, number_between{0, tokens_max});
    section.read_or_none("hold_above", guards.hold_above, number_between{0, tokens_max});
    section.read_or_none("hold_after", guards.hold_after, number_between{1, tokens_max});
    section.read("unproven_404", guards.unproven_404, number_between{1, 1000});
    section.read_or_none("allow", guards.allow, parse_path);
    section.read_or_none("deny", guards.deny, parse_path);
    section.read("dry_run", guards.dry_run, parse_truth);

    const config_section breaker = section.child("breaker");
    breaker.read("window", guards.breaker.window, number_between{10, 100'000});
    breaker.read("not_deleted", guards.breaker.not_deleted, parse_percent);
}

void read_accounts(const config_section& root, const common_settings& common, settings& out)
{
    const config_section accounts = root.child("accounts");
    for (const config_entry& entry : accounts.entries()) {
        if (!is_name(entry.key)) {
            accounts.refuse(
                entry.value,
                "accounts",
                fmt::format(
                    "{} is no name for an account: write 1 to 64 of A-Z a-z 0-9 _ -",
                    shown_key(entry.key)
                )
            );
            continue;
        }
        if (entry.value.is == config_node::form::map)
            out.accounts[entry.key] = read_account(entry.key, accounts.child(entry.key), common);
    }
    if (accounts.entries().empty()) {
        root.refuse(
            "there is no account; add one below `accounts:`, with api_key_file and "
            "rest_api_key_file"
        );
        return;
    }
    read_default_account(root, out);
}

}  // namespace reaper
