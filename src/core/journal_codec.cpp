#include "reaper/core/journal_codec.hpp"

#include "journal_codec_rules.hpp"
#include "reaper/base/text.hpp"
#include "reaper/base/time.hpp"
#include "reaper/model/token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstring>
#include <span>

namespace reaper {
namespace {

constexpr std::size_t code_bytes_max = 32;
constexpr std::string_view cut_mark = "...";

// "2026-11-22T20:30:15.123Z", of any year of four digits.
constexpr std::size_t rfc3339_bytes = 24;

constexpr std::string_view opening_begin = R"({"ts":")";
constexpr std::string_view opening_end = R"(","n":)";

// A code that is digits, as a JSON number can carry it and give it back unchanged.
bool is_plain_number(std::string_view text)
{
    return !text.empty() && text.size() <= 18 &&
           std::all_of(text.begin(), text.end(), journal::is_digit) &&
           (text.size() == 1 || text.front() != '0');
}

// Writes the parts of a line one behind the other, into room that is known to suffice: a record is
// written for every token, and this costs a third of appending to a string. Room is asserted where
// the size of a part is not known here; all others of a line are less than half of what there is.
class line_writer
{
public:
    explicit line_writer(std::span<char, record_bytes_max> bytes)
        : bytes_(bytes), end_(bytes.data())
    {
    }

    void text(std::string_view part)
    {
        assert(part.size() <= room());
        std::memcpy(end_, part.data(), part.size());
        end_ += part.size();
    }

    // A part that the source spells out: its size is known when this is compiled.
    template <std::size_t Size>
    void literal(const char (&part)[Size])
    {
        std::memcpy(end_, part, Size - 1);
        end_ += Size - 1;
    }

    void number(std::uint64_t value)
    {
        if (value < 10) {
            digit(static_cast<unsigned>(value));
            return;
        }
        const auto written = std::to_chars(end_, bytes_.data() + bytes_.size(), value);
        assert(written.ec == std::errc());
        end_ = written.ptr;
    }

    void digit(unsigned value)
    {
        assert(value < 10);
        *end_++ = static_cast<char>('0' + value);
    }

    [[nodiscard]] std::string_view line() const
    {
        return {bytes_.data(), static_cast<std::size_t>(end_ - bytes_.data())};
    }

    [[nodiscard]] std::size_t room() const { return bytes_.size() - line().size(); }

private:
    std::span<char, record_bytes_max> bytes_;  // what lies before end_ means something
    char* end_;
};

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

// What follows the token.
void write_verdict(line_writer& out, const record_view& record)
{
    out.literal(R"(,"outcome":")");
    out.text(to_string(record.result));
    out.literal("\"");
    if (record.status > 0) {
        out.literal(R"(,"status":)");
        out.number(static_cast<std::uint64_t>(record.status));
    }
}

// What follows the message.
void write_ending(line_writer& out, const record_view& record)
{
    if (record.attempts > 0) {
        out.literal(R"(,"attempts":)");
        out.number(record.attempts);
    }
    if (record.milliseconds >= 0) {
        // Integers are several times faster to write than doubles; 1e12 ms are 30 years.
        const double bounded = std::min(record.milliseconds, 1e12);
        const auto tenths = static_cast<std::uint64_t>(bounded * 10 + 0.5);
        out.literal(R"(,"ms":)");
        out.number(tenths / 10);
        out.literal(".");
        out.digit(static_cast<unsigned>(tenths % 10));
    }
    out.literal("}\n");
}

void write_code(line_writer& out, std::string_view code)
{
    out.literal(R"(,"code":)");
    if (is_plain_number(code)) {
        out.text(code);
        return;
    }
    std::string bounded;
    append_bounded(bounded, code, code_bytes_max);
    out.literal("\"");
    out.text(bounded);
    out.literal("\"");
}

// The message gets the room that is left by all else.
void write_message(line_writer& out, std::string_view message, std::size_t ending_bytes)
{
    out.literal(R"(,"message":")");
    const std::size_t behind = 1 + ending_bytes;
    assert(out.room() >= behind + cut_mark.size());
    std::string bounded;
    append_bounded(bounded, message, out.room() - behind);
    out.text(bounded);
    out.literal("\"");
}

void write_words(line_writer& out, const record_view& record)
{
    if (!record.code.empty())
        write_code(out, record.code);
    if (!record.message.empty()) {
        std::array<char, record_bytes_max> apart;
        line_writer ending(apart);
        write_ending(ending, record);
        write_message(out, record.message, ending.line().size());
    }
}

}  // namespace

std::string_view ordinal_digits::of(std::uint64_t value)
{
    if (value == 0 || value - 1 != value_ || !count_up()) {
        std::array<char, std::tuple_size_v<decltype(digits_)>> written;
        const auto end = std::to_chars(written.data(), written.data() + written.size(), value).ptr;
        size_ = static_cast<std::size_t>(end - written.data());
        std::copy(written.data(), end, digits_.end() - static_cast<std::ptrdiff_t>(size_));
    }
    value_ = value;
    return {digits_.data() + digits_.size() - size_, size_};
}

// False if there are only nines, or nothing: then nothing is right any more.
bool ordinal_digits::count_up()
{
    for (std::size_t at = digits_.size(); at > digits_.size() - size_; --at) {
        char& digit = digits_[at - 1];
        if (digit != '9') {
            ++digit;
            return true;
        }
        digit = '0';
    }
    return false;
}

// `{"ts":"2026-11-22T20:30:15.123Z","n":`. The last one is changed where the new time differs: in
// its last digits, within a minute.
std::string_view record_encoder::opening(wall_time time)
{
    using namespace std::chrono;
    if (time == time_ && !opening_.empty())
        return opening_;
    const auto minute = floor<minutes>(time);
    const std::size_t bytes = opening_begin.size() + rfc3339_bytes + opening_end.size();
    if (minute != floor<minutes>(time_) || opening_.size() != bytes)
        opening_ = fmt::format("{}{}{}", opening_begin, format_rfc3339(time), opening_end);
    time_ = time;
    if (opening_.size() == bytes) {
        auto rest = static_cast<unsigned>((time - minute).count());  // milliseconds
        // "SS.mmmZ" at the end of the time
        char* const end = opening_.data() + opening_begin.size() + rfc3339_bytes;
        for (const int digit : {2, 3, 4, 6, 7}) {
            end[-digit] = static_cast<char>('0' + rest % 10);
            rest /= 10;
        }
    }
    return opening_;
}

// What follows the token, if the API had nothing more to say.
std::string_view record_encoder::plain_ending(const record_view& record)
{
    const bool same = record.result == result_ && record.status == status_ &&
                      record.attempts == attempts_ && record.milliseconds == milliseconds_;
    if (!same || plain_ending_.empty()) {
        std::array<char, record_bytes_max> bytes;
        line_writer line(bytes);
        write_verdict(line, record);
        write_ending(line, record);
        plain_ending_ = line.line();
        result_ = record.result;
        status_ = record.status;
        attempts_ = record.attempts;
        milliseconds_ = record.milliseconds;
    }
    return plain_ending_;
}

std::size_t record_encoder::encode(const record_view& record, room into)
{
    line_writer line(into);
    line.text(opening(record.ts));
    const std::string_view n = n_.of(record.n);
    line.text(n);
    line.literal(R"(,"line":)");
    // In a list without comments and blank lines they are the same.
    if (record.line == record.n)
        line.text(n);
    else
        line.number(record.line);
    if (!record.token.empty()) {
        line.literal(R"(,"token":")");
        line.text(record.token);
        line.literal("\"");
    }
    if (record.code.empty() && record.message.empty()) {
        line.text(plain_ending(record));
    } else {
        write_verdict(line, record);
        write_words(line, record);
        write_ending(line, record);
    }
    return line.line().size();
}

void append_record(std::string& out, const record_view& record)
{
    record_encoder encoder;
    std::array<char, record_bytes_max> bytes;
    out.append(bytes.data(), encoder.encode(record, bytes));
}

}  // namespace reaper
