#include "reaper/base/time.hpp"

#include <fmt/format.h>

namespace reaper {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Takes exactly `count` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t count)
{
    if (text.size() < count)
        return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, count)) {
        if (!is_digit(c))
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take_any_of(std::string_view& text, std::string_view choices)
{
    if (text.empty() || choices.find(text.front()) == choices.npos)
        return false;
    text.remove_prefix(1);
    return true;
}

// `.123456`, or nothing. False for a point without a digit.
bool take_fraction(std::string_view& text, milliseconds& out)
{
    if (!take_any_of(text, "."))
        return true;
    int scale = 100;
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        out += milliseconds{(text[digits] - '0') * scale};
        scale /= 10;
        ++digits;
    }
    text.remove_prefix(digits);
    return digits > 0;
}

// `Z`, or an offset from UTC. RFC 3339 4.3: `-00:00` is UTC with an unknown local offset.
std::optional<minutes> take_zone(std::string_view& text)
{
    if (take_any_of(text, "Zz"))
        return minutes{0};
    const bool west = !text.empty() && text.front() == '-';
    if (!take_any_of(text, "+-"))
        return std::nullopt;
    const std::optional<int> hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take_any_of(text, ":"))
        return std::nullopt;
    const std::optional<int> minute = take_digits(text, 2);
    if (!minute || *minute > 59)
        return std::nullopt;
    const minutes offset = hours{*hour} + minutes{*minute};
    return west ? -offset : offset;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text)
{
    const std::optional<int> year = take_digits(text, 4);
    if (!year || !take_any_of(text, "-"))
        return std::nullopt;
    const std::optional<int> month = take_digits(text, 2);
    if (!month || !take_any_of(text, "-"))
        return std::nullopt;
    const std::optional<int> day = take_digits(text, 2);
    if (!day)
        return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{*year},
        std::chrono::month{static_cast<unsigned>(*month)},
        std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days{date};
}

}  // namespace

std::string format_rfc3339(wall_time time)
{
    const auto day = floor<days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count(),
        clock.subseconds().count()
    );
}

std::optional<wall_time> parse_rfc3339(std::string_view text)
{
    const auto date = take_date(text);
    if (!date || !take_any_of(text, "Tt"))
        return std::nullopt;
    const std::optional<int> hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take_any_of(text, ":"))
        return std::nullopt;
    const std::optional<int> minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take_any_of(text, ":"))
        return std::nullopt;
    const std::optional<int> second = take_digits(text, 2);
    milliseconds fraction{0};
    if (!second || *second > 60 || !take_fraction(text, fraction))
        return std::nullopt;
    const std::optional<minutes> offset = take_zone(text);
    if (!offset || !text.empty())
        return std::nullopt;

    const auto minute_utc = *date + hours{*hour} + minutes{*minute} - *offset;
    // RFC 3339 5.7: a leap second is the last of a UTC day. The system clock has none, so it
    // becomes the first of the next.
    const bool last_minute = minute_utc - floor<days>(minute_utc) == hours{23} + minutes{59};
    if (*second == 60 && !last_minute)
        return std::nullopt;
    const wall_time time = minute_utc + seconds{*second} + fraction;
    // An offset, or a leap second, may lead out of the years that can be written again.
    const auto year = std::chrono::year_month_day{floor<days>(time)}.year();
    if (year < std::chrono::year{0} || year > std::chrono::year{9999})
        return std::nullopt;
    return time;
}

std::string format_compact(wall_time time)
{
    const auto day = floor<days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{floor<seconds>(time) - day};
    return fmt::format(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count()
    );
}

}  // namespace reaper
