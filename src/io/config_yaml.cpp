#include "reaper/io/config_yaml.hpp"

#include "config_accounts.hpp"
#include "config_overrides.hpp"
#include "config_reader.hpp"
#include "config_schema.hpp"
#include "reaper/base/text.hpp"
#include "reaper/io/file_ops.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <tuple>

namespace reaper {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t file_bytes_max = 1 << 20;
constexpr duration year = 24h * 365;

// The place names the path already.
std::string why_unread(int error_number)
{
    switch (error_number) {
        case ENOENT:
            return "there is no such file; create it, or name another with --config or "
                   "CAMPAIGN_REAPER_CONFIG";
        case EACCES:
            return "it may not be read; let the user of the daemon read it (chgrp, chmod 0640)";
        case EFBIG:
            return "it is larger than 1 MiB: this is no configuration";
        case EINVAL:
            return "it is not a regular file";
        default:
            return system_fault("it cannot be read", error_number).sentence;
    }
}

// YAML 5.1 allows no other control bytes; yaml-cpp takes some of them for the end of the file, and
// would leave out the rest without a word.
bool is_forbidden(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

// What is wrong with the bytes before YAML comes into it.
std::optional<config_fault> refuse_bytes(std::string_view text, const std::string& file_name)
{
    if (text.size() > file_bytes_max)
        return config_fault{file_name, 0, 0, "it is larger than 1 MiB: this is no configuration"};
    const auto bad = std::ranges::find_if(text, is_forbidden);
    if (bad != text.end()) {
        const auto line = 1 + std::count(text.begin(), bad, '\n');
        return config_fault{
            file_name,
            static_cast<int>(line),
            0,
            "there is a control byte in this line; save the file as plain UTF-8 text"};
    }
    if (!is_utf8(text))
        return config_fault{file_name, 0, 0, "it is not UTF-8; save the file as UTF-8"};
    return std::nullopt;
}

result<std::string> parse_off(const config_text& value)
{
    if (value.text == "off")
        return std::string{value.text};
    return fault{"the HTTP status page is not available in this version; write off"};
}

result<std::string> parse_no_stream(const config_text& value)
{
    if (value.text == "none")
        return std::string{value.text};
    return fault{"streaming of results is not available in this version; write none"};
}

void read_retry(const config_section& section, retry_settings& out)
{
    section.read("attempts", out.attempts, count_between{1, 100});
    section.read("base", out.base, duration_between{1ms, 1h});
    section.read("cap", out.cap, duration_between{1ms, 24h});
    if (out.cap < out.base)
        section.refuse("retry: the cap is shorter than the base; make it at least as long");
}

void read_log(const config_section& section, log_settings& out)
{
    section.read(
        "level",
        out.level,
        one_of<log_level>{
            {"debug", log_level::debug},
            {"info", log_level::info},
            {"warning", log_level::warning},
            {"error", log_level::error},
        }
    );
    section.read(
        "format",
        out.format,
        one_of<log_format>{
            {"auto", log_format::automatic},
            {"text", log_format::text},
            {"journal", log_format::journal},
            {"json", log_format::json},
        }
    );
}

settings read_settings(const config_section& root)
{
    settings out;
    common_settings common;
    root.read("spool", out.spool, parse_path);
    read_guards(root.child("guards"), common.guards);
    read_retry(root.child("retry"), common.retry);
    read_accounts(root, common, out);

    const config_section results = root.child("results");
    results.read("sync", out.results.sync, duration_between{1ms, 10s});
    results.read("reserve", out.results.reserve, size_between{64ull << 10, 1ull << 40});
    std::string not_yet;
    results.read("stream", not_yet, parse_no_stream);

    const config_section intake = root.child("intake");
    intake.read("settle", out.intake.settle, duration_between{0s, 1h});
    intake.read("rescan", out.intake.rescan, duration_between{100ms, 24h});

    const config_section retention = root.child("retention");
    retention.read("age", out.retention.age, duration_between{1s, 100 * year});
    retention.read("warn_size", out.retention.warn_size, size_between{1ull << 20, 1ull << 50});

    root.child("http").read("listen", not_yet, parse_off);
    read_log(root.child("log"), out.log);
    root.child("shutdown").read("drain", out.drain, duration_between{0s, 1h});
    return out;
}

std::vector<config_fault> warnings_about(const settings& config, const std::string& file_name)
{
    std::vector<config_fault> warnings;
    const auto warn = [&](std::string sentence) {
        warnings.push_back({file_name, 0, 0, std::move(sentence)});
    };
    if (config.default_account.empty())
        warn(
            "there is no default_account: files dropped right into incoming/ stay there, only "
            "those in incoming/<account>/ are taken"
        );
    for (const auto& [name, account] : config.accounts) {
        if (account.guards.dry_run)
            warn(fmt::format("account \"{}\" is in a dry run: it deletes nothing", name));
        if (account.guards.breaker.not_deleted >= 1)
            warn(fmt::format("account \"{}\" has no breaker: not_deleted is 100%", name));
    }
    return warnings;
}

// In the order of the file, each once: what is wrong in an anchored map is found at every alias.
void put_in_order(std::vector<config_fault>& faults)
{
    const auto place = [](const config_fault& f) {
        return std::tie(f.line, f.column, f.file, f.sentence);
    };
    std::ranges::sort(faults, {}, place);
    faults.erase(std::unique(faults.begin(), faults.end()), faults.end());
}

}  // namespace

std::string describe(const config_fault& fault)
{
    if (fault.line == 0)
        return fmt::format("{}: {}", fault.file, fault.sentence);
    if (fault.column == 0)
        return fmt::format("{}:{}: {}", fault.file, fault.line, fault.sentence);
    return fmt::format("{}:{}:{}: {}", fault.file, fault.line, fault.column, fault.sentence);
}

environment_map process_environment()
{
    environment_map out;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        const std::size_t equals = text.find('=');
        if (equals != text.npos)
            out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

config_outcome read_config(const std::string& path, const environment_map& environment)
{
    const auto text = read_file_bounded(path, file_bytes_max);
    if (text)
        return read_config_text(*text, path, environment);
    config_outcome out;
    out.faults.push_back({path, 0, 0, why_unread(text.error().error_number)});
    return out;
}

config_outcome read_config_text(
    std::string_view text, const std::string& file_name, const environment_map& environment
)
{
    config_outcome out;
    if (const auto fault = refuse_bytes(text, file_name)) {
        out.faults.push_back(*fault);
        return out;
    }
    std::optional<config_node> tree = parse_config_tree(text, file_name, environment, out.faults);
    if (!tree)
        return out;
    apply_overrides(*tree, environment, out.faults);
    check_keys(*tree, out.faults);
    settings config = read_settings(config_section(&*tree, tree->place, out.faults));
    put_in_order(out.faults);
    if (!out.faults.empty())
        return out;
    config.file = file_name;
    out.warnings = warnings_about(config, file_name);
    out.value = std::move(config);
    return out;
}

}  // namespace reaper
