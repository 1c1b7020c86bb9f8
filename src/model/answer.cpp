#include "reaper/model/answer.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace reaper {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::size_t code_bytes_max = 64;
constexpr std::size_t message_bytes_max = 1024;
constexpr duration retry_after_max = 1h;

std::string cut_between_characters(std::string_view text, std::size_t bytes_max)
{
    std::size_t end = std::min(text.size(), bytes_max);
    if (end < text.size())
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u)
            --end;
    return std::string(text.substr(0, end));
}

// The first of the two names that is there, as text.
std::string member_text(
    const json::object& body, std::string_view name, std::string_view other, std::size_t bytes_max
)
{
    const json::value* value = body.if_contains(name);
    if (value == nullptr)
        value = body.if_contains(other);
    if (value == nullptr)
        return {};
    if (value->is_string())
        return cut_between_characters(value->get_string(), bytes_max);
    if (value->is_int64() || value->is_uint64())
        return json::serialize(*value);
    return {};
}

}  // namespace

void read_error_body(std::string_view body, answer& into)
{
    unsigned char room[4096];
    json::monotonic_resource memory(room, sizeof room);
    boost::system::error_code wrong;
    const json::value parsed = json::parse(body, wrong, &memory);
    if (wrong || !parsed.is_object())
        return;
    const json::object& object = parsed.get_object();
    into.code = member_text(object, "code", "error_code", code_bytes_max);
    into.message = member_text(object, "message", "error_message", message_bytes_max);
}

namespace {

// A date's words, e.g. Sun 06 Nov 1994 08:49:37 GMT, however they are separated.
using date_words = std::array<std::string_view, 6>;

// Splits at `separators`; nullopt if there are more words than a date has.
std::optional<date_words> split(std::string_view text, std::string_view separators)
{
    date_words words;
    std::size_t count = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(separators), text.size());
        if (end > 0) {
            if (count == words.size())
                return std::nullopt;
            words[count++] = text.substr(0, end);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::optional<int> number(std::string_view text, std::size_t digits_min, std::size_t digits_max)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || text.size() < digits_min || text.size() > digits_max || text.front() == '-')
        return std::nullopt;
    return value;
}

std::optional<std::chrono::month> month_named(std::string_view text)
{
    static constexpr std::array<std::string_view, 12> names = {
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
    };
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end())
        return std::nullopt;
    return std::chrono::month(static_cast<unsigned>(found - names.begin()) + 1);
}

std::optional<std::chrono::seconds> time_of_day(std::string_view text)
{
    if (text.size() != 8 || text[2] != ':' || text[5] != ':')
        return std::nullopt;
    const auto hour = number(text.substr(0, 2), 2, 2);
    const auto minute = number(text.substr(3, 2), 2, 2);
    const auto second = number(text.substr(6, 2), 2, 2);
    // 60 is a leap second.
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60)
        return std::nullopt;
    return *hour * 1h + *minute * 1min + *second * 1s;
}

// RFC 9110 5.6.7: a two-digit year that seems more than 50 years ahead is in the past.
std::chrono::year year_of_two_digits(int two_digits, wall_time now)
{
    using namespace std::chrono;
    const int current = static_cast<int>(year_month_day(floor<days>(now)).year());
    int full = current - current % 100 + two_digits;
    if (full > current + 50)
        full -= 100;
    return year(full);
}

}  // namespace

std::optional<wall_time> parse_http_date(std::string_view text, wall_time now)
{
    using namespace std::chrono;
    const auto comma = text.find(',');
    const bool with_dashes = comma != std::string_view::npos && text.find('-') != text.npos;
    const auto words = split(text, with_dashes ? " ,-" : " ,");
    if (!words)
        return std::nullopt;

    // Sun, 06 Nov 1994 08:49:37 GMT | Sunday, 06-Nov-94 08:49:37 GMT | Sun Nov  6 08:49:37 1994
    const bool asctime = comma == std::string_view::npos;
    const auto [weekday, second, third, fourth, fifth, sixth] = *words;
    if (asctime ? !sixth.empty() : sixth != "GMT")
        return std::nullopt;
    const auto month = month_named(asctime ? second : third);
    const auto day_number = number(asctime ? third : second, asctime ? 1 : 2, 2);
    const auto year_digits = with_dashes ? 2u : 4u;
    const auto year_number = number(asctime ? fifth : fourth, year_digits, year_digits);
    const auto time = time_of_day(asctime ? fourth : fifth);
    if (!month || !day_number || !year_number || !time)
        return std::nullopt;

    const year in_year = with_dashes ? year_of_two_digits(*year_number, now) : year(*year_number);
    const year_month_day date(in_year, *month, day(static_cast<unsigned>(*day_number)));
    if (!date.ok())
        return std::nullopt;
    return sys_days(date) + *time;
}

std::optional<duration> parse_retry_after(std::string_view text, wall_time now)
{
    if (text.empty())
        return std::nullopt;
    if (text.find_first_not_of("0123456789") == std::string_view::npos) {
        std::uint64_t seconds = 0;
        const auto error = std::from_chars(text.data(), text.data() + text.size(), seconds).ec;
        const auto seconds_max = static_cast<std::uint64_t>(std::chrono::seconds(1h).count());
        if (error != std::errc() || seconds > seconds_max)  // even more than 64 bits hold
            return retry_after_max;
        return std::chrono::seconds(seconds);
    }
    const auto date = parse_http_date(text, now);
    if (!date)
        return std::nullopt;
    return std::clamp(*date, now, now + 1h) - now;
}

}  // namespace reaper
