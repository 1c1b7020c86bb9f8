#include "reaper/cli/render.hpp"

#include "reaper/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reaper {

namespace {

constexpr unsigned bar_width = 24;

// Whole tenths of a percent, rounded down. 128 bits are not needed: a job has far fewer than 2^54
// tokens.
std::uint64_t permille(std::uint64_t done, std::uint64_t total)
{
    if (total == 0)
        return 0;
    return std::min(done, total) * 1000 / total;
}

// "already_gone" is the name in records; people read "already gone".
std::string spoken(outcome o)
{
    std::string name(to_string(o));
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

}  // namespace

std::string with_thousands(std::uint64_t number)
{
    std::string digits = std::to_string(number);
    for (auto position = digits.size(); position > 3; position -= 3)
        digits.insert(position - 3, 1, ',');
    return digits;
}

std::string counted(std::uint64_t number, std::string_view noun)
{
    return fmt::format("{} {}{}", with_thousands(number), noun, number == 1 ? "" : "s");
}

std::string progress_bar(std::uint64_t done, std::uint64_t total, unsigned width)
{
    const auto filled = permille(done, total) * width / 1000;
    std::string bar = "[";
    bar.append(filled, '#');
    bar.append(width - filled, '.');
    bar += ']';
    return bar;
}

std::string percentage(std::uint64_t done, std::uint64_t total)
{
    const auto tenths = permille(done, total);
    return fmt::format("{:>3}.{} %", tenths / 10, tenths % 10);
}

std::string outcome_list(const outcome_counts& counts)
{
    std::string list;
    for (const outcome o : all_outcomes) {
        if (counts[o] == 0)
            continue;
        if (!list.empty())
            list += ", ";
        list += fmt::format("{} {}", spoken(o), with_thousands(counts[o]));
    }
    return list;
}

std::string relative_to(wall_time time, wall_time now)
{
    const duration distance = now - time;
    const duration length = std::chrono::abs(distance);
    if (length < std::chrono::seconds(1))
        return "just now";
    // Tenths of a second tell nobody anything here.
    const auto whole = std::chrono::floor<std::chrono::seconds>(length);
    return distance < duration::zero() ? "in " + show_duration(whole)
                                       : show_duration(whole) + " ago";
}

std::string progress_line(const progress& shown)
{
    std::string line = fmt::format(
        "{} {}  {} / {}",
        progress_bar(shown.done, shown.total, bar_width),
        percentage(shown.done, shown.total),
        with_thousands(shown.done),
        with_thousands(shown.total)
    );
    if (shown.dry_run)
        line += "  (dry run)";
    if (shown.pace_per_s > 0)
        line += "  " + show_rate(shown.pace_per_s);
    if (shown.eta_s && *shown.eta_s > 0 && std::isfinite(*shown.eta_s)) {
        const auto left = std::chrono::seconds(static_cast<std::int64_t>(std::ceil(*shown.eta_s)));
        line += "  " + show_duration(left) + " left";
    }
    return line;
}

}  // namespace reaper
