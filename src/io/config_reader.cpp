#include "config_reader.hpp"

#include "reaper/base/text.hpp"
#include "reaper/base/units.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace reaper {

namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t path_bytes_max = 4095;

// Ranges are shown as people write them in the file.
std::string as_written(duration value)
{
    using namespace std::chrono_literals;
    constexpr duration day = 24h;
    const auto count = [value](duration unit) { return value / unit; };
    if (value == duration::zero())
        return "0s";
    if (value % day == duration::zero())
        return fmt::format("{}d", count(day));
    if (value % 1h == duration::zero())
        return fmt::format("{}h", count(1h));
    if (value % 1min == duration::zero())
        return fmt::format("{}min", count(1min));
    if (value % 1s == duration::zero())
        return fmt::format("{}s", count(1s));
    return fmt::format("{}ms", count(1ms));
}

std::string as_written(std::uint64_t bytes)
{
    constexpr std::string_view units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < std::size(units)) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{}{}", bytes, units[unit]);
}

fault out_of_range(const config_text& value, const auto& min, const auto& max)
{
    return fault{fmt::format("{} is out of range: write {} to {}", value.shown, min, max)};
}

// The sentence of a parser of base/units, which quotes the text that it is given.
template <class Parse>
fault refusal_by(const Parse& parse, const config_text& value)
{
    if (value.shown.find("not shown") == std::string::npos)
        return parse(value.text).error();
    return parse("[not shown]").error();
}

}  // namespace

config_section::config_section(const config_node* map, config_place place, config_faults& faults)
    : map_(map), place_(std::move(place)), faults_(faults)
{
}

config_section config_section::child(std::string_view key) const
{
    const config_entry* entry = map_ != nullptr ? map_->find(key) : nullptr;
    if (entry == nullptr || entry->value.is != config_node::form::map)
        return {nullptr, place_, faults_};
    return {&entry->value, entry->place, faults_};
}

const std::vector<config_entry>& config_section::entries() const
{
    static const std::vector<config_entry> none;
    return map_ != nullptr ? map_->entries : none;
}

const config_node* config_section::scalar(std::string_view key) const
{
    const config_entry* entry = map_ != nullptr ? map_->find(key) : nullptr;
    if (entry == nullptr)
        return nullptr;
    const config_node& node = entry->value;
    const bool empty = node.is == config_node::form::scalar && node.text.empty();
    if (node.is == config_node::form::empty || empty) {
        // An unset variable has been reported where it stands.
        if (!node.is_private)
            refuse(node, key, "it has no value; write one, or remove the key");
        return nullptr;
    }
    if (node.is != config_node::form::scalar) {
        refuse(node, key, "it takes one value, not a list or a map");
        return nullptr;
    }
    return &node;
}

void config_section::refuse(
    const config_node& node, std::string_view key, std::string_view sentence
) const
{
    add_fault(faults_, node.place, fmt::format("{}: {}", key, sentence));
}

void config_section::refuse(std::string sentence) const
{
    add_fault(faults_, place_, std::move(sentence));
}

result<duration> duration_between::operator()(const config_text& value) const
{
    const auto parsed = parse_duration(value.text);
    if (!parsed)
        return refusal_by(parse_duration, value);
    if (*parsed < min || *parsed > max)
        return out_of_range(value, as_written(min), as_written(max));
    return *parsed;
}

result<std::uint64_t> size_between::operator()(const config_text& value) const
{
    const auto parsed = parse_size(value.text);
    if (!parsed)
        return refusal_by(parse_size, value);
    if (*parsed < min || *parsed > max)
        return out_of_range(value, as_written(min), as_written(max));
    return *parsed;
}

result<std::uint64_t> number_between::operator()(const config_text& value) const
{
    std::uint64_t number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [at, error] = std::from_chars(value.text.data(), end, number);
    if (error == std::errc::invalid_argument || at != end)
        return fault{fmt::format("\"{}\" is not a whole number, such as {}", value.shown, max)};
    if (error != std::errc{} || number < min || number > max)
        return out_of_range(value, min, max);
    return number;
}

result<unsigned> count_between::operator()(const config_text& value) const
{
    const auto number = number_between{min, max}(value);
    if (!number)
        return number.error();
    return static_cast<unsigned>(*number);
}

result<double> parse_percent(const config_text& value)
{
    double percent = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [at, error] =
        std::from_chars(value.text.data(), end, percent, std::chars_format::fixed);
    if (error != std::errc{} || std::string_view{at, end} != "%" || !std::isfinite(percent))
        return fault{fmt::format("\"{}\" is not a percentage, such as 50%", value.shown)};
    if (std::signbit(percent) || percent > 100)
        return out_of_range(value, "0%", "100%");
    return percent / 100;
}

result<bool> parse_truth(const config_text& value)
{
    return one_of<bool>{{"true", true}, {"false", false}}(value);
}

result<std::string> parse_path(const config_text& value)
{
    std::string path{value.text};
    if (path.front() != '/')
        return fault{fmt::format("\"{}\" is not an absolute path; begin it with a /", value.shown)};
    if (path.size() > path_bytes_max || path.find_first_of("\n\r") != path.npos)
        return fault{"it is not the path of a file: it is too long, or holds a line end"};
    path.erase(path.find_last_not_of('/') + 1);
    if (path.empty())
        return fault{"it is the root of the file system; name what is meant below it"};
    return path;
}

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= name_bytes_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

result<std::string> parse_name(const config_text& value)
{
    if (is_name(value.text))
        return std::string{value.text};
    return fault{fmt::format(
        "\"{}\" is not a name: write 1 to {} of A-Z a-z 0-9 _ -", value.shown, name_bytes_max
    )};
}

fault refusal_of_word(const config_text& value, const std::vector<std::string_view>& words)
{
    const std::string_view near = nearest(value.text, words);
    if (!near.empty())
        return fault{
            fmt::format("\"{}\" is not possible; did you mean \"{}\"?", value.shown, near)};
    return fault{
        fmt::format("\"{}\" is not possible; write {}", value.shown, fmt::join(words, " or "))};
}

}  // namespace reaper
