#include "reaper/base/units.hpp"

#include "reaper/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace reaper {

namespace {

struct unit
{
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array<unit, 5> duration_units = {{
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"min", 60'000'000'000},
    {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
}};

constexpr std::array<unit, 5> size_units = {{
    {"B", 1},
    {"KiB", 1ull << 10},
    {"MiB", 1ull << 20},
    {"GiB", 1ull << 30},
    {"TiB", 1ull << 40},
}};

constexpr std::string_view duration_form = "250ms, 5s, 10min, 2h or 90d";
constexpr std::string_view size_form = "512B, 64KiB, 64MiB or 10GiB";
constexpr std::string_view rate_form = "10/s or 600/min";

// "12.5" before its unit: whole part and fraction apart, so that whole numbers stay exact.
struct quantity
{
    std::uint64_t whole = 0;
    double fraction = 0;
    std::string_view unit;
};

// nullopt if the text does not begin with a number, or the number is beyond 64 bits.
std::optional<quantity> split(std::string_view text)
{
    quantity out;
    const char* const end = text.data() + text.size();
    const auto [point, error] = std::from_chars(text.data(), end, out.whole);
    if (error != std::errc{})
        return std::nullopt;
    std::size_t used = static_cast<std::size_t>(point - text.data());
    if (used < text.size() && text[used] == '.') {
        double scale = 0.1;
        const std::size_t first = ++used;
        while (used < text.size() && text[used] >= '0' && text[used] <= '9') {
            out.fraction += (text[used++] - '0') * scale;
            scale /= 10;
        }
        if (used == first)
            return std::nullopt;
    }
    out.unit = text.substr(used);
    return out;
}

fault not_a(std::string_view what, std::string_view text, std::string_view form)
{
    return fault{fmt::format(
        "\"{}\" is not a {}: write a number and its unit, such as {}",
        presentable(text, {}, 60),
        what,
        form
    )};
}

fault too_large(std::string_view what, std::string_view text)
{
    return fault{fmt::format("\"{}\" is too large for a {}", presentable(text, {}, 60), what)};
}

// The quantity in the smallest unit, or a fault if it exceeds `value_max`.
template <std::size_t N>
result<std::uint64_t> scaled(
    std::string_view text,
    const std::array<unit, N>& units,
    std::uint64_t value_max,
    std::string_view what,
    std::string_view form
)
{
    const std::optional<quantity> number = split(text);
    if (!number)
        return not_a(what, text, form);
    for (const unit& u : units) {
        if (u.name != number->unit)
            continue;
        // The fraction is below one, or 1.0 by rounding of a long row of nines.
        const auto part = static_cast<std::uint64_t>(
            std::llround(number->fraction * static_cast<double>(u.factor))
        );
        if (number->whole > value_max / u.factor || part > value_max - number->whole * u.factor)
            return too_large(what, text);
        return number->whole * u.factor + part;
    }
    return not_a(what, text, form);
}

// "2 h 47 min", and "2 h" where nothing is left over.
std::string two_parts(
    std::int64_t major, std::string_view major_unit, std::int64_t minor, std::string_view minor_unit
)
{
    if (minor == 0)
        return fmt::format("{} {}", major, major_unit);
    return fmt::format("{} {} {} {}", major, major_unit, minor, minor_unit);
}

}  // namespace

result<duration> parse_duration(std::string_view text)
{
    constexpr auto duration_max = static_cast<std::uint64_t>(duration::max().count());
    const auto value = scaled(text, duration_units, duration_max, "duration", duration_form);
    if (!value)
        return value.error();
    return duration{static_cast<duration::rep>(*value)};
}

result<std::uint64_t> parse_size(std::string_view text)
{
    constexpr std::uint64_t size_max = std::numeric_limits<std::int64_t>::max();  // of a file
    return scaled(text, size_units, size_max, "size", size_form);
}

result<double> parse_rate_per_s(std::string_view text)
{
    const std::optional<quantity> number = split(text);
    if (!number)
        return not_a("rate", text, rate_form);
    const double value = static_cast<double>(number->whole) + number->fraction;
    if (number->unit == "/s")
        return value;
    if (number->unit == "/min")
        return value / 60;
    if (number->unit == "/h")
        return value / 3600;
    return not_a("rate", text, rate_form);
}

std::string show_duration(duration value)
{
    using namespace std::chrono;
    using tenths = std::chrono::duration<std::int64_t, std::deci>;
    if (value < duration::zero())
        return value == duration::min() ? "-" + show_duration(duration::max())
                                        : "-" + show_duration(-value);

    // Rounding up the very largest duration would overflow; an hour less in 292 years shows
    // nowhere.
    value = std::min(value, duration::max() - hours{1});

    // Each step rounds first and compares then: 59.97 s is "1 min", not "60.0 s".
    if (const auto n = round<milliseconds>(value); n < 1s)
        return fmt::format("{} ms", n.count());
    if (const auto n = round<tenths>(value); n < 1min)
        return fmt::format("{}.{} s", n.count() / 10, n.count() % 10);
    if (const auto n = round<seconds>(value).count(); n < 3600)
        return two_parts(n / 60, "min", n % 60, "s");
    if (const auto n = round<minutes>(value).count(); n < 24 * 60)
        return two_parts(n / 60, "h", n % 60, "min");
    const auto n = round<hours>(value).count();
    return two_parts(n / 24, "d", n % 24, "h");
}

std::string show_size(std::uint64_t bytes)
{
    constexpr std::array<std::string_view, 6> names = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024)
        return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes) / 1024;
    std::size_t i = 0;
    while (value >= 1023.95 && i + 1 < names.size()) {  // would be shown as 1024.0
        value /= 1024;
        ++i;
    }
    return fmt::format("{:.1f} {}", value, names[i]);
}

std::string show_rate(double per_s)
{
    // A slow pace reads better per minute: "1.2/min" instead of "0.0/s".
    if (per_s > 0 && per_s < 0.95)
        return fmt::format("{:.1f}/min", per_s * 60);
    return fmt::format("{:.1f}/s", per_s);
}

double to_twelve_digits(double value)
{
    constexpr double largest = 1e15;
    if (!std::isfinite(value) || std::abs(value) < 1 / largest)
        return 0;
    const std::string text = fmt::format("{:.12g}", std::clamp(value, -largest, largest));
    double read = 0;
    std::from_chars(text.data(), text.data() + text.size(), read);
    return read;
}

}  // namespace reaper
