#pragma once
// A job: what its file asks (options), what was fixed when it was taken in (manifest), and its
// name.

#include "reaper/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reaper {

enum class priority : std::uint8_t
{
    urgent,
    normal,
    bulk,
};

enum class job_format : std::uint8_t
{
    text,
    csv,
    json,
    jsonl,
};

enum class campaign_kind : std::uint8_t
{
    campaigns,         // push, MEP 1.1
    in_app_campaigns,  // MEP 1.1
};

[[nodiscard]] std::string_view to_string(priority value);
[[nodiscard]] std::optional<priority> parse_priority(std::string_view text);
[[nodiscard]] std::string_view to_string(job_format value);
[[nodiscard]] std::optional<job_format> parse_job_format(std::string_view text);
[[nodiscard]] std::string_view to_string(campaign_kind value);
[[nodiscard]] std::optional<campaign_kind> parse_campaign_kind(std::string_view text);

// The format that a file's extension tells, SPEC 4; nullopt for an extension that is none of ours.
[[nodiscard]] std::optional<job_format> format_of_file(std::string_view file_name);

// What a job file, or the flags of `submit`, may ask (SPEC 4). Absent means "not said".
struct job_options
{
    std::optional<std::string> account;
    std::optional<campaign_kind> kind;
    std::optional<priority> prio;
    std::optional<bool> dry_run;
    std::optional<bool> hold;
    std::optional<std::uint64_t> hold_after;
    std::optional<std::uint64_t> max_deletes;
    std::optional<std::uint64_t> count;
    std::optional<wall_time> not_before;
    std::optional<wall_time> deadline;
    std::optional<std::string> label;
    std::optional<std::string> retry_of;  // job id

    friend bool operator==(const job_options&, const job_options&) = default;
};

inline constexpr int job_format_version = 1;

// job.json: what taking in fixed, for good (SPEC 3, 4). `total` counts token lines of every sort.
struct job_manifest
{
    std::string id;
    std::string file;  // name as dropped, made printable
    job_format format = job_format::text;
    std::uint64_t size = 0;
    std::string sha256;  // of the owned copy, lower-case hex
    std::string account;
    campaign_kind kind = campaign_kind::campaigns;
    std::string endpoint;
    bool dry_run = false;
    job_options options;
    std::uint64_t total = 0;
    std::uint64_t invalid = 0;
    std::uint64_t duplicates = 0;
    std::string dropped_by;  // owner of the dropped file: user name, or uid
    wall_time submitted_at{};

    friend bool operator==(const job_manifest&, const job_manifest&) = default;
};

// <compact time>-<safe name>-<4 hex> (SPEC 3). `entropy` supplies the 4 hex digits.
[[nodiscard]] std::string make_job_id(
    wall_time time, std::string_view file_name, std::uint16_t entropy
);
[[nodiscard]] bool is_job_id(std::string_view text);

}  // namespace reaper
