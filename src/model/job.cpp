#include "reaper/model/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reaper {

namespace {

constexpr std::size_t safe_name_bytes_max = 80;
constexpr std::size_t compact_time_bytes = 16;  // 20261122T203015Z
constexpr std::size_t entropy_bytes = 4;

template <class Enum, std::size_t N>
std::optional<Enum> parse_one_of(std::string_view text, const std::array<Enum, N>& values)
{
    for (const Enum value : values) {
        if (to_string(value) == text)
            return value;
    }
    return std::nullopt;
}

bool is_safe(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

// What a file system, a shell and a person can all read: each run of other bytes becomes one `-`.
// It neither begins with a dot, which would hide it, nor ends in a dash that replaced something.
std::string safe_name(std::string_view file_name)
{
    std::string out;
    for (const char c : file_name) {
        if (is_safe(c))
            out += c;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    out.erase(0, std::min(out.find_first_not_of(".-"), out.size()));
    out.resize(std::min(out.size(), safe_name_bytes_max));
    out.erase(out.find_last_not_of('-') + 1);
    return out.empty() ? "job" : out;
}

// 20261122T203015Z names a second that exists.
bool is_compact_time(std::string_view text)
{
    if (text.size() != compact_time_bytes)
        return false;
    const std::string spelt_out = fmt::format(
        "{}-{}-{}{}:{}:{}",
        text.substr(0, 4),
        text.substr(4, 2),
        text.substr(6, 2),
        text.substr(8, 3),
        text.substr(11, 2),
        text.substr(13)
    );
    const std::optional<wall_time> time = parse_rfc3339(spelt_out);
    return time && format_compact(*time) == text;
}

std::string lower_case(std::string_view text)
{
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

}  // namespace

std::string_view to_string(priority value)
{
    switch (value) {
        case priority::urgent:
            return "urgent";
        case priority::normal:
            return "normal";
        case priority::bulk:
            return "bulk";
    }
    return "";
}

std::optional<priority> parse_priority(std::string_view text)
{
    return parse_one_of(text, std::array{priority::urgent, priority::normal, priority::bulk});
}

std::string_view to_string(job_format value)
{
    switch (value) {
        case job_format::text:
            return "text";
        case job_format::csv:
            return "csv";
        case job_format::json:
            return "json";
        case job_format::jsonl:
            return "jsonl";
    }
    return "";
}

std::optional<job_format> parse_job_format(std::string_view text)
{
    return parse_one_of(
        text, std::array{job_format::text, job_format::csv, job_format::json, job_format::jsonl}
    );
}

std::string_view to_string(campaign_kind value)
{
    switch (value) {
        case campaign_kind::campaigns:
            return "campaigns";
        case campaign_kind::in_app_campaigns:
            return "in-app-campaigns";
    }
    return "";
}

std::optional<campaign_kind> parse_campaign_kind(std::string_view text)
{
    return parse_one_of(
        text, std::array{campaign_kind::campaigns, campaign_kind::in_app_campaigns}
    );
}

std::optional<job_format> format_of_file(std::string_view file_name)
{
    // A dot at the front hides a file and begins no extension.
    const std::size_t dot = file_name.rfind('.');
    if (dot == file_name.npos || dot == 0)
        return job_format::text;
    const std::string extension = lower_case(file_name.substr(dot + 1));
    if (extension == "txt" || extension == "list")
        return job_format::text;
    if (extension == "csv")
        return job_format::csv;
    if (extension == "json")
        return job_format::json;
    if (extension == "jsonl" || extension == "ndjson")
        return job_format::jsonl;
    return std::nullopt;
}

std::string make_job_id(wall_time time, std::string_view file_name, std::uint16_t entropy)
{
    return fmt::format("{}-{}-{:04x}", format_compact(time), safe_name(file_name), entropy);
}

bool is_job_id(std::string_view text)
{
    // <time>-<1 to 80 safe bytes, no dot first>-<4 hex>
    constexpr std::size_t around = compact_time_bytes + 1 + 1 + entropy_bytes;
    if (text.size() <= around || text.size() > around + safe_name_bytes_max)
        return false;
    const std::string_view name = text.substr(compact_time_bytes + 1, text.size() - around);
    const std::string_view entropy = text.substr(text.size() - entropy_bytes);
    return is_compact_time(text.substr(0, compact_time_bytes)) && text[compact_time_bytes] == '-' &&
           text[text.size() - entropy_bytes - 1] == '-' && name.front() != '.' &&
           std::ranges::all_of(name, is_safe) &&
           entropy.find_first_not_of("0123456789abcdef") == entropy.npos;
}

}  // namespace reaper
