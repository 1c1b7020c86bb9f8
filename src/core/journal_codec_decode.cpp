#include "journal_codec_rules.hpp"
#include "reaper/base/time.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/model/token.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>

namespace reaper {
namespace {

namespace json = boost::json;
using journal::is_digit;
using journal::status_max;

// What both ways of decoding demand of a record's numbers.
bool is_plausible(const result_record& record)
{
    return record.n > 0 && record.line > 0;
}

// Reads along a line in the form that append_record() writes. Every function leaves the position
// alone and returns false if what it looks for is not there.
class cursor
{
public:
    explicit cursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    bool literal(std::string_view expected)
    {
        if (!rest_.starts_with(expected))
            return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    // A number without sign or leading zero, short enough that nothing can overflow.
    bool number(std::uint64_t& value)
    {
        std::size_t length = 0;
        std::uint64_t read = 0;
        while (length < rest_.size() && is_digit(rest_[length]) && length < 19) {
            read = read * 10 + static_cast<std::uint64_t>(rest_[length] - '0');
            ++length;
        }
        if (length == 0 || length == 19 || (length > 1 && rest_.front() == '0'))
            return false;
        value = read;
        rest_.remove_prefix(length);
        return true;
    }

    // Exactly `width` digits.
    bool padded(std::size_t width, unsigned& value)
    {
        if (rest_.size() < width)
            return false;
        unsigned read = 0;
        for (const char c : rest_.substr(0, width)) {
            if (!is_digit(c))
                return false;
            read = read * 10 + static_cast<unsigned>(c - '0');
        }
        value = read;
        rest_.remove_prefix(width);
        return true;
    }

    bool time(wall_time& value)
    {
        using namespace std::chrono;
        unsigned y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0;
        const bool read = padded(4, y) && literal("-") && padded(2, mo) && literal("-") &&
                          padded(2, d) && literal("T") && padded(2, h) && literal(":") &&
                          padded(2, mi) && literal(":") && padded(2, s) && literal(".") &&
                          padded(3, ms) && literal("Z");
        const year_month_day date(year(static_cast<int>(y)), month(mo), day(d));
        if (!read || !date.ok() || h > 23 || mi > 59 || s > 59)
            return false;
        value = sys_days(date) + hours(h) + minutes(mi) + seconds(s) + milliseconds(ms);
        return true;
    }

    // Text up to its closing quote, with that quote. Escapes and bytes beyond ASCII are left to the
    // JSON parser.
    bool text(std::string_view& value)
    {
        for (std::size_t at = 0; at < rest_.size(); ++at) {
            const char c = rest_[at];
            if (c == '"') {
                value = rest_.substr(0, at);
                rest_.remove_prefix(at + 1);
                return true;
            }
            if (c < 0x20 || c > 0x7e || c == '\\')
                return false;
        }
        return false;
    }

private:
    std::string_view rest_;
};

bool read_code(cursor& in, std::string& code)
{
    std::string_view word;
    if (in.literal("\"")) {
        if (!in.text(word))
            return false;
        code = word;
        return true;
    }
    std::uint64_t number = 0;
    if (!in.number(number))
        return false;
    code = std::to_string(number);
    return true;
}

bool read_milliseconds(cursor& in, double& milliseconds)
{
    std::uint64_t whole = 0;
    unsigned tenth = 0;
    if (!in.number(whole) || whole > 1'000'000'000'000u || !in.literal(".") || !in.padded(1, tenth))
        return false;
    milliseconds = static_cast<double>(whole * 10 + tenth) / 10;
    return true;
}

// The part behind the outcome, all of it optional.
bool read_optional_fields(cursor& in, result_record& record)
{
    std::uint64_t number = 0;
    std::string_view word;
    if (in.literal(R"(,"status":)")) {
        if (!in.number(number) || number > status_max)
            return false;
        record.status = static_cast<int>(number);
    }
    if (in.literal(R"(,"code":)") && !read_code(in, record.code))
        return false;
    if (in.literal(R"(,"message":")")) {
        if (!in.text(word))
            return false;
        record.message = word;
    }
    if (in.literal(R"(,"attempts":)")) {
        if (!in.number(number) || number > std::numeric_limits<unsigned>::max())
            return false;
        record.attempts = static_cast<unsigned>(number);
    }
    return !in.literal(R"(,"ms":)") || read_milliseconds(in, record.milliseconds);
}

}  // namespace

std::optional<result_record> decode_own_form(std::string_view line)
{
    cursor in(line);
    result_record record;
    if (!in.literal(R"({"ts":")") || !in.time(record.ts) || !in.literal(R"(","n":)") ||
        !in.number(record.n) || !in.literal(R"(,"line":)") || !in.number(record.line))
        return std::nullopt;

    std::string_view word;
    if (in.literal(R"(,"token":")")) {
        if (!in.text(word) || !has_token_form(word))
            return std::nullopt;
        record.token = word;
    }
    if (!in.literal(R"(,"outcome":")") || !in.text(word))
        return std::nullopt;
    const auto parsed = parse_outcome(word);
    if (!parsed)
        return std::nullopt;
    record.result = *parsed;

    if (!read_optional_fields(in, record) || !in.literal("}") || !in.at_end() ||
        !is_plausible(record))
        return std::nullopt;
    return record;
}

namespace {

// The value of a member that must be a whole number of at least 0.
result<std::uint64_t> whole_number(const json::value& value, std::uint64_t value_max)
{
    boost::system::error_code wrong;
    const auto number = value.to_number<std::uint64_t>(wrong);
    if (wrong || value.is_double() || number > value_max)
        return fault{"is no whole number in its range"};
    return number;
}

fault wrong_field(std::string_view name, std::string_view what)
{
    return fault{fmt::format("its field {} {}", name, what)};
}

// Takes one member over. Fields that are not known are somebody else's (SPEC 5).
result<void> take_field(result_record& record, std::string_view name, const json::value& value)
{
    constexpr auto any = std::numeric_limits<std::uint64_t>::max();
    const auto number = [&](auto& into, std::uint64_t value_max) -> result<void> {
        const auto read = whole_number(value, value_max);
        if (!read)
            return wrong_field(name, read.error().sentence);
        into = static_cast<std::remove_reference_t<decltype(into)>>(*read);
        return {};
    };
    const std::string_view text =
        value.is_string() ? std::string_view(value.get_string()) : std::string_view();

    if (name == "n")
        return number(record.n, any);
    if (name == "line")
        return number(record.line, any);
    if (name == "status")
        return number(record.status, status_max);
    if (name == "attempts")
        return number(record.attempts, std::numeric_limits<unsigned>::max());
    if (name == "ts") {
        const auto time = parse_rfc3339(text);
        if (!time)
            return wrong_field(name, "is no time");
        record.ts = *time;
    } else if (name == "outcome") {
        const auto parsed = parse_outcome(text);
        if (!parsed)
            return wrong_field(name, "is not known");
        record.result = *parsed;
    } else if (name == "token") {
        if (!has_token_form(text))
            return wrong_field(name, "is no token");
        record.token = text;
    } else if (name == "message") {
        if (!value.is_string())
            return wrong_field(name, "is no text");
        record.message = text;
    } else if (name == "code") {
        if (!value.is_string() && !value.is_int64() && !value.is_uint64())
            return wrong_field(name, "is neither a whole number nor text");
        record.code = value.is_string() ? std::string(text) : json::serialize(value);
    } else if (name == "ms") {
        if (!value.is_number() || value.to_number<double>() < 0)
            return wrong_field(name, "is no duration");
        record.milliseconds = std::round(value.to_number<double>() * 10) / 10;
    }
    return {};
}

}  // namespace

result<result_record> decode_any_form(std::string_view line)
{
    // Enough for any record of ours; a longer line goes on in the heap.
    unsigned char room[4096];
    json::monotonic_resource memory(room, sizeof room);
    boost::system::error_code wrong;
    const json::value parsed = json::parse(line, wrong, &memory);
    if (wrong || !parsed.is_object())
        return fault{"it is no JSON object"};

    result_record record;
    for (const auto& member : parsed.get_object()) {
        const auto taken = take_field(record, member.key(), member.value());
        if (!taken)
            return taken.error();
    }
    for (const char* const name : {"ts", "n", "line", "outcome"})
        if (!parsed.get_object().contains(name))
            return wrong_field(name, "is missing");
    if (!is_plausible(record))
        return fault{"its ordinal or its line is 0"};
    return record;
}

result<result_record> decode_record(std::string_view line)
{
    if (auto record = decode_own_form(line))
        return std::move(*record);
    return decode_any_form(line);
}

}  // namespace reaper
