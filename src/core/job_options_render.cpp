#include "reaper/base/text.hpp"
#include "reaper/base/time.hpp"
#include "reaper/core/job_reader.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace reaper {
namespace {

using members = std::vector<std::pair<std::string_view, std::string>>;

// The options that are said, each with its value as JSON, which is YAML too.
members said(const job_options& options)
{
    members all;
    const auto text = [&all](std::string_view name, const auto& value) {
        if (value)
            all.emplace_back(name, json_quoted(*value));
    };
    const auto number = [&all](std::string_view name, const auto& value) {
        if (value)
            all.emplace_back(name, fmt::format("{}", *value));
    };
    const auto time = [&all](std::string_view name, const auto& value) {
        if (value)
            all.emplace_back(name, json_quoted(format_rfc3339(*value)));
    };
    const auto word = [&all](std::string_view name, const auto& value) {
        if (value)
            all.emplace_back(name, json_quoted(to_string(*value)));
    };
    text("account", options.account);
    word("kind", options.kind);
    word("priority", options.prio);
    number("dry_run", options.dry_run);
    number("hold", options.hold);
    number("hold_after", options.hold_after);
    number("max_deletes", options.max_deletes);
    number("count", options.count);
    time("not_before", options.not_before);
    time("deadline", options.deadline);
    text("label", options.label);
    text("retry_of", options.retry_of);
    return all;
}

}  // namespace

std::string render_front_matter(const job_options& options)
{
    const members all = said(options);
    if (all.empty())
        return {};
    std::string out = "---\n";
    for (const auto& [name, value] : all)
        out += fmt::format("{}: {}\n", name, value);
    return out + "---\n";
}

std::string render_options_object(const job_options& options)
{
    std::string out = "{";
    for (const auto& [name, value] : said(options))
        out += fmt::format("{}\"{}\":{}", out.size() > 1 ? "," : "", name, value);
    return out + "}";
}

}  // namespace reaper
