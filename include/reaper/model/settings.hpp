#pragma once
// The configuration as values (SPEC 8), already checked: io/config_yaml makes one from a file and
// refuses everything that is not possible. Key material is not here but in io/secrets: settings may
// be printed.

#include "reaper/base/time.hpp"
#include "reaper/model/job.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reaper {

// Where a secret comes from. Exactly one is set.
struct secret_source
{
    enum class from : std::uint8_t
    {
        file,
        environment,
        credential,  // systemd, $CREDENTIALS_DIRECTORY/<name>
    };

    from where = from::file;
    std::string name;  // path, variable or credential

    friend bool operator==(const secret_source&, const secret_source&) = default;
};

struct endpoint_settings
{
    std::string url;  // as written, e.g. https://api.batch.com
    bool tls = true;
    std::string host;
    std::uint16_t port = 443;
    std::string base_path;  // "" or "/prefix"

    friend bool operator==(const endpoint_settings&, const endpoint_settings&) = default;
};

struct token_shape
{
    enum class form : std::uint8_t
    {
        automatic,  // the kind's known shape: 32 lower- or upper-case hexadecimal digits for 1.1
        any,        // any 1 to 128 of A-Z a-z 0-9 _ -
        pattern,    // `text` is an ECMAScript regular expression that must match in full
    };

    form is = form::automatic;
    std::string text;

    friend bool operator==(const token_shape&, const token_shape&) = default;
};

struct breaker_settings
{
    std::uint64_t window = 1000;
    double not_deleted = 0.50;  // more than this share holds the job

    friend bool operator==(const breaker_settings&, const breaker_settings&) = default;
};

struct guard_settings
{
    std::uint64_t max_deletes = 100'000;
    std::uint64_t max_invalid = 0;
    std::optional<std::uint64_t> hold_above;
    std::optional<std::uint64_t> hold_after;
    std::uint64_t unproven_404 = 20;
    breaker_settings breaker;
    std::string allow;  // path of a token list, or empty
    std::string deny;   // path of a token list, or empty
    bool dry_run = false;

    friend bool operator==(const guard_settings&, const guard_settings&) = default;
};

struct retry_settings
{
    unsigned attempts = 8;
    duration base = std::chrono::seconds(1);
    duration cap = std::chrono::seconds(60);

    friend bool operator==(const retry_settings&, const retry_settings&) = default;
};

struct account_settings
{
    std::string name;
    campaign_kind kind = campaign_kind::campaigns;
    std::string version = "1.1";
    secret_source api_key;
    secret_source rest_api_key;
    endpoint_settings endpoint;
    std::optional<double> pace_per_s;  // ceiling; nullopt is `auto`
    unsigned connections = 1;
    unsigned max_window = 64;
    duration timeout = std::chrono::seconds(30);
    std::string ca_file;  // empty: the system's
    token_shape shape;
    std::string shared_limit;  // empty: one limit per API key
    guard_settings guards;     // the global ones, with this account's own on top
    retry_settings retry;

    friend bool operator==(const account_settings&, const account_settings&) = default;
};

struct results_settings
{
    duration sync = std::chrono::milliseconds(50);
    std::uint64_t reserve = 64ull << 20;

    friend bool operator==(const results_settings&, const results_settings&) = default;
};

struct intake_settings
{
    duration settle = std::chrono::seconds(2);
    duration rescan = std::chrono::seconds(30);

    friend bool operator==(const intake_settings&, const intake_settings&) = default;
};

struct retention_settings
{
    duration age = std::chrono::hours(24 * 90);
    std::uint64_t warn_size = 10ull << 30;

    friend bool operator==(const retention_settings&, const retention_settings&) = default;
};

enum class log_level : std::uint8_t
{
    debug,
    info,
    warning,
    error,
};

enum class log_format : std::uint8_t
{
    automatic,  // text on a terminal, journal under systemd, json in a container
    text,
    journal,
    json,
};

struct log_settings
{
    log_level level = log_level::info;
    log_format format = log_format::automatic;

    friend bool operator==(const log_settings&, const log_settings&) = default;
};

struct settings
{
    std::string file;  // where it was read from
    std::string spool = "/var/lib/campaign-reaper";
    std::string
        default_account;  // empty if there is none: then only incoming/<account>/ takes jobs
    std::map<std::string, account_settings> accounts;
    results_settings results;
    intake_settings intake;
    retention_settings retention;
    log_settings log;
    duration drain = std::chrono::seconds(25);

    friend bool operator==(const settings&, const settings&) = default;
};

}  // namespace reaper
