#include "reaper/core/journal_codec.hpp"

#include "journal_codec_rules.hpp"
#include "reaper/base/text.hpp"
#include "reaper/base/time.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <chrono>

namespace reaper {
namespace {

constexpr std::size_t code_bytes_max = 32;
constexpr std::string_view cut_mark = "...";

// A code that is digits, as a JSON number can carry it and give it back unchanged.
bool is_plain_number(std::string_view text)
{
    return !text.empty() && text.size() <= 18 &&
           std::all_of(text.begin(), text.end(), journal::is_digit) &&
           (text.size() == 1 || text.front() != '0');
}

void append_number(std::string& out, std::uint64_t value)
{
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

void append_padded(std::string& out, unsigned value, unsigned width)
{
    char digits[4];
    for (unsigned at = width; at > 0; --at) {
        digits[at - 1] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out.append(digits, width);
}

// format_rfc3339() without its allocation: a record is written for every token.
void append_time(std::string& out, wall_time time)
{
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const int year = static_cast<int>(date.year());
    if (year < 0 || year > 9999) {
        out += format_rfc3339(time);
        return;
    }
    const auto of_day = static_cast<unsigned>((time - day).count());
    append_padded(out, static_cast<unsigned>(year), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_padded(out, of_day / 3'600'000, 2);
    out += ':';
    append_padded(out, of_day / 60'000 % 60, 2);
    out += ':';
    append_padded(out, of_day / 1000 % 60, 2);
    out += '.';
    append_padded(out, of_day % 1000, 3);
    out += 'Z';
}

std::size_t character_length(std::string_view text)
{
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0u) == 0x80u)
        ++length;
    return length;
}

// Appends the text as the inside of a JSON string of at most `bytes_max` bytes.
void append_bounded(std::string& out, std::string_view text, std::size_t bytes_max)
{
    const std::size_t start = out.size();
    append_json_escaped(out, text);
    if (out.size() - start <= bytes_max)
        return;

    out.resize(start);
    const std::size_t end_max = start + bytes_max - cut_mark.size();
    while (!text.empty()) {
        const std::size_t before = out.size();
        const std::size_t length = character_length(text);
        append_json_escaped(out, text.substr(0, length));
        if (out.size() > end_max) {
            out.resize(before);
            break;
        }
        text.remove_prefix(length);
    }
    out += cut_mark;
}

// What follows the message: it is made first, because the message gets the room that is left.
void append_ending(std::string& out, const result_record& record)
{
    if (record.attempts > 0) {
        out += R"(,"attempts":)";
        append_number(out, record.attempts);
    }
    if (record.milliseconds >= 0) {
        // Integers are several times faster to write than doubles; 1e12 ms are 30 years.
        const double bounded = std::min(record.milliseconds, 1e12);
        const auto tenths = static_cast<std::uint64_t>(bounded * 10 + 0.5);
        out += R"(,"ms":)";
        append_number(out, tenths / 10);
        out += '.';
        out += static_cast<char>('0' + tenths % 10);
    }
    out += "}\n";
}

void append_code(std::string& out, std::string_view code)
{
    out += R"(,"code":)";
    if (is_plain_number(code)) {
        out += code;
        return;
    }
    out += '"';
    append_bounded(out, code, code_bytes_max);
    out += '"';
}

}  // namespace

void append_record(std::string& out, const result_record& record)
{
    const std::size_t start = out.size();
    out += R"({"ts":")";
    append_time(out, record.ts);
    out += R"(","n":)";
    append_number(out, record.n);
    out += R"(,"line":)";
    append_number(out, record.line);
    if (!record.token.empty()) {
        assert(journal::is_token(record.token));
        out += R"(,"token":")";
        out += record.token;
        out += '"';
    }
    out += R"(,"outcome":")";
    out += to_string(record.result);
    out += '"';
    if (record.status > 0) {
        out += R"(,"status":)";
        append_number(out, static_cast<std::uint64_t>(record.status));
    }
    if (!record.code.empty())
        append_code(out, record.code);

    if (record.message.empty()) {
        append_ending(out, record);
    } else {
        std::string ending;
        append_ending(ending, record);
        out += R"(,"message":")";
        const std::size_t used = out.size() - start + 1 + ending.size();
        assert(used + cut_mark.size() <= record_bytes_max);
        append_bounded(out, record.message, record_bytes_max - used);
        out += '"';
        out += ending;
    }
    assert(out.size() - start <= record_bytes_max);
}

}  // namespace reaper
