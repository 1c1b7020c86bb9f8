#include "job_options.hpp"

#include "reaper/base/text.hpp"
#include "reaper/base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace reaper::job_file {
namespace {

using form = option_value::form;
using sentence = std::optional<std::string>;

// Labels and names are shown in tables and kept in every summary.
constexpr std::size_t text_bytes_max = 200;

sentence read(const option_value& value, std::optional<bool>& into)
{
    const bool fits = value.is == form::boolean || value.is == form::word;
    if (!fits || (value.text != "true" && value.text != "false"))
        return "must be true or false";
    into = value.text == "true";
    return std::nullopt;
}

sentence read(const option_value& value, std::optional<std::uint64_t>& into)
{
    constexpr const char* wrong = "must be a whole number, 0 or more, without quotes";
    // A leading zero is octal to some readers of YAML: nobody should have to guess.
    const bool zeros = value.text.size() > 1 && value.text.front() == '0';
    if ((value.is != form::integer && value.is != form::word) || zeros)
        return wrong;
    std::uint64_t number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [rest, error] = std::from_chars(value.text.data(), end, number);
    if (error != std::errc() || rest != end)
        return wrong;
    into = number;
    return std::nullopt;
}

sentence read(const option_value& value, std::optional<wall_time>& into)
{
    const bool fits = value.is == form::text || value.is == form::word;
    into = fits ? parse_rfc3339(value.text) : std::nullopt;
    if (!into)
        return "must be a time with its zone, such as 2026-11-22T20:30:00Z";
    return std::nullopt;
}

sentence read(const option_value& value, std::optional<std::string>& into)
{
    const bool fits = value.is == form::text || value.is == form::word;
    if (!fits || value.text.empty() || value.text.size() > text_bytes_max)
        return "must be text of 1 to 200 bytes, on one line";
    // yaml-cpp makes of "\N" and "\_" single bytes that are not UTF-8, and could not be written
    // again.
    if (presentable(value.text, {}, text_bytes_max) != value.text)
        return "must be text on one line, of characters that can be shown";
    into = std::string(value.text);
    return std::nullopt;
}

sentence read(const option_value& value, std::optional<campaign_kind>& into)
{
    into = value.is == form::other ? std::nullopt : parse_campaign_kind(value.text);
    if (!into)
        return "must be campaigns or in-app-campaigns";
    return std::nullopt;
}

sentence read(const option_value& value, std::optional<priority>& into)
{
    into = value.is == form::other ? std::nullopt : parse_priority(value.text);
    if (!into)
        return "must be urgent, normal or bulk";
    return std::nullopt;
}

sentence read_job_id(const option_value& value, std::optional<std::string>& into)
{
    if (value.is == form::other || !is_job_id(value.text))
        return "must be the id of a job";
    into = std::string(value.text);
    return std::nullopt;
}

struct option
{
    std::string_view name;
    bool (*said)(const job_options&);
    sentence (*set)(job_options&, const option_value&);
};

template <auto Member>
constexpr option make_option(std::string_view name)
{
    return option{
        name,
        [](const job_options& options) { return (options.*Member).has_value(); },
        [](job_options& options, const option_value& value) {
            return read(value, options.*Member);
        }};
}

constexpr std::array<option, 12> all_options = {
    make_option<&job_options::account>("account"),
    make_option<&job_options::kind>("kind"),
    make_option<&job_options::prio>("priority"),
    make_option<&job_options::dry_run>("dry_run"),
    make_option<&job_options::hold>("hold"),
    make_option<&job_options::hold_after>("hold_after"),
    make_option<&job_options::max_deletes>("max_deletes"),
    make_option<&job_options::count>("count"),
    make_option<&job_options::not_before>("not_before"),
    make_option<&job_options::deadline>("deadline"),
    make_option<&job_options::label>("label"),
    option{
        "retry_of",
        [](const job_options& options) { return options.retry_of.has_value(); },
        [](job_options& options, const option_value& value) {
            return read_job_id(value, options.retry_of);
        }},
};

const option* find_option(std::string_view name)
{
    const auto* const found = std::find_if(
        all_options.begin(), all_options.end(), [name](const option& o) { return o.name == name; }
    );
    return found == all_options.end() ? nullptr : found;
}

}  // namespace

std::optional<std::string> check_option_name(std::string_view name)
{
    if (find_option(name) != nullptr)
        return std::nullopt;
    std::vector<std::string_view> names;
    for (const option& o : all_options)
        names.push_back(o.name);
    // Only a name that is nearly right is repeated: anything else may be a secret in a wrong place.
    const std::string_view near = nearest(name, names);
    if (!near.empty())
        return fmt::format("there is no option \"{}\": is it \"{}\"?", presentable(name, {}), near);
    return fmt::format("there is no such option: there are {}", fmt::join(names, ", "));
}

std::optional<std::string> set_option(
    job_options& options, std::string_view name, const option_value& value
)
{
    if (auto wrong = check_option_name(name))
        return wrong;
    const option& o = *find_option(name);
    if (o.said(options))
        return fmt::format("the option \"{}\" is said twice", name);
    if (const auto wrong = o.set(options, value))
        return fmt::format("the option \"{}\" {}", name, *wrong);
    return std::nullopt;
}

std::optional<std::string> check_together(const job_options& options)
{
    if (options.not_before && options.deadline && *options.deadline <= *options.not_before)
        return "the deadline is not after not_before: the job could never send anything";
    return std::nullopt;
}

}  // namespace reaper::job_file
