#include "reply_parser_pattern.hpp"

#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace reaper {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view version = "HTTP/1.1 ";
constexpr std::string_view line_end = "\r\n";
constexpr std::size_t code_digits = 3;
constexpr std::size_t length_digits_max = 9;  // what is more is beyond any limit, or odd

bool is_digit_byte(char c)
{
    return c >= '0' && c <= '9';
}

// May be in a reason phrase or a value, and is nothing else (RFC 9112 4, RFC 9110 5.5: VCHAR, SP,
// obs-text). HTAB may be, too, and is rare.
bool is_plain_byte(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
}

// How many there are at the beginning.
std::size_t plain_bytes(std::string_view text)
{
    constexpr std::uint64_t ones = 0x0101010101010101;
    std::size_t count = 0;
    // Eight at a time. Where all are plain, neither 0x20 less nor one less of what makes 0x7F zero
    // borrows a highest bit; the first that does, is the first that is not plain.
    for (; count + sizeof ones <= text.size(); count += sizeof ones) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + count, sizeof eight);
        const std::uint64_t deletes = eight ^ ones * 0x7F;
        const std::uint64_t odd =
            (((eight - ones * 0x20) & ~eight) | ((deletes - ones) & ~deletes)) & ones * 0x80;
        if (odd != 0 && std::endian::native == std::endian::little)
            return count + static_cast<std::size_t>(std::countr_zero(odd)) / 8;
        if (odd != 0)
            break;
    }
    while (count < text.size() && is_plain_byte(text[count]))
        ++count;
    return count;
}

// A status whose answer has the body that its Content-Length says (RFC 9112 6.3): 1xx, 204 and 304
// have none. Codes that are no class of RFC 9110 15 are for Beast.
bool has_plain_body(int status)
{
    return status >= 200 && status < 600 && status != 204 && status != 304;
}

std::size_t read_number(std::string_view digits)
{
    std::size_t number = 0;
    for (const char digit : digits)
        number = number * 10 + static_cast<std::size_t>(digit - '0');
    return number;
}

// RFC 9112 4: status-code SP [ reason-phrase ].
bool read_status(std::string_view value, head_meaning& into)
{
    const std::string_view code = value.substr(0, code_digits);
    if (value.size() <= code_digits || value[code_digits] != ' ' ||
        !std::ranges::all_of(code, is_digit_byte))
        return false;
    into.status = static_cast<int>(read_number(code));
    return has_plain_body(into.status);
}

// RFC 9110 8.6: 1*DIGIT.
bool read_length(std::string_view value, head_meaning& into)
{
    if (value.empty() || value.size() > length_digits_max ||
        !std::ranges::all_of(value, is_digit_byte))
        return false;
    into.body_bytes = read_number(value);
    return true;
}

// The name of a line of a head that Beast has read, as Beast finds it.
http::field field_of(std::string_view line)
{
    const std::string_view name = line.substr(0, line.find(':'));
    return http::string_to_field({name.data(), name.size()});
}

std::string_view first_line(std::string_view text)
{
    return text.substr(0, text.find(line_end) + line_end.size());
}

}  // namespace

void head_pattern::learn(std::string_view head, const head_meaning& meaning)
{
    gaps_.clear();
    text_.clear();
    if (!head.starts_with(version) || !has_plain_body(meaning.status))
        return;
    text_ = head;
    meaning_ = meaning;
}

head_pattern::fit head_pattern::match(std::string_view bytes, head_meaning& into)
{
    if (text_.empty())
        return fit::none;
    into = meaning_;
    const fit found = match_head(bytes, into);
    // Beast counts a little less than all of it; who wants to be as near to the limit asks Beast.
    if (found == fit::none || into.head_bytes > limits_.header_bytes_max ||
        into.body_bytes > limits_.body_bytes_max)
        return fit::none;
    return bytes.size() - into.head_bytes < into.body_bytes ? fit::begun : found;
}

// If it is only begun, all of it is head.
head_pattern::fit head_pattern::match_head(std::string_view bytes, head_meaning& into)
{
    into.head_bytes = bytes.size();
    std::string_view rest = bytes;
    std::size_t from = 0;  // what is before it in text_ is matched; the beginning of a line
    for (std::size_t index = 0;;) {
        const bool is_last = index == gaps_.size();
        const std::size_t size = (is_last ? text_.size() : gaps_[index].from) - from;
        const char* const same = text_.data() + from;
        if (rest.size() < size || std::memcmp(rest.data(), same, size) != 0) {
            if (std::string_view(same, size).starts_with(rest))
                return fit::begun;
            if (!open_gap(index, from, rest))
                return fit::none;
            continue;
        }
        rest.remove_prefix(size);
        if (is_last)
            break;
        // That the next line is not the second half of this value (RFC 9112 5.2, obs-fold) is sure:
        // it must begin as it does in text_.
        const gap& here = gaps_[index++];
        const std::size_t value = plain_bytes(rest);
        if (rest.size() < value + line_end.size())
            return line_end.starts_with({rest.data() + value, rest.size() - value}) ? fit::begun
                                                                                    : fit::none;
        if (rest[value] != '\r' || rest[value + 1] != '\n' ||
            (here.is != kind::text && !read_value(here.is, {rest.data(), value}, into)))
            return fit::none;
        rest.remove_prefix(value + line_end.size());
        from = here.end;
    }
    into.head_bytes -= rest.size();
    return fit::whole;
}

bool head_pattern::read_value(kind is, std::string_view value, head_meaning& into)
{
    return is == kind::status ? read_status(value, into) : read_length(value, into);
}

// The rest differs from the text behind `from`, before the next gap, of which `index` is the place.
// True if the value of a line is what differs, and may: it is a gap from now on.
bool head_pattern::open_gap(std::size_t index, std::size_t from, std::string_view rest)
{
    for (;;) {
        const std::string_view line = first_line(std::string_view(text_).substr(from));
        if (rest.starts_with(line)) {
            from += line.size();
            rest.remove_prefix(line.size());
            continue;
        }
        gap found{from, from + line.size(), kind::text};
        if (!may_differ(line, found) || !rest.starts_with(line.substr(0, found.from - from)))
            return false;
        gaps_.insert(gaps_.begin() + static_cast<std::ptrdiff_t>(index), found);
        return true;
    }
}

// `line` is one of text_; where its value begins, and of what kind it is.
bool head_pattern::may_differ(std::string_view line, gap& into) const
{
    const std::size_t at = into.from;
    if (at == 0) {
        into.from = version.size();
        into.is = kind::status;
        return true;
    }
    const auto is_fold = [](char c) { return c == ' ' || c == '\t'; };
    if (line == line_end || is_fold(line.front()) || is_fold(text_[into.end]))
        return false;
    into.from = at + line.find(':') + 1;
    switch (field_of(line)) {
        case http::field::content_length: {
            into.from += 1;
            into.is = kind::length;
            const std::size_t value_end = into.end - line_end.size();
            head_meaning read;
            return has_one_length() && into.from < value_end && text_[into.from - 1] == ' ' &&
                   read_length(
                       std::string_view(text_).substr(into.from, value_end - into.from), read
                   );
        }
        // What Beast or an answer reads.
        case http::field::connection:
        case http::field::proxy_connection:
        case http::field::retry_after:
        case http::field::transfer_encoding:
        case http::field::upgrade:
            return false;
        default:
            return true;
    }
}

// With a second one, which says the same, neither can differ alone.
bool head_pattern::has_one_length() const
{
    std::size_t count = 0;
    for (std::string_view rest = text_; !rest.empty();) {
        const std::string_view line = first_line(rest);
        count += field_of(line) == http::field::content_length ? 1U : 0U;
        rest.remove_prefix(line.size());
    }
    return count == 1;
}

}  // namespace reaper
