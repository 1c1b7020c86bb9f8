#include "sandbox/request_parser.hpp"

#include <algorithm>
#include <charconv>

namespace sandbox {
namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case)
{
    return std::equal(
        text.begin(),
        text.end(),
        lower_case.begin(),
        lower_case.end(),
        [](char a, char b) { return lower(a) == b; }
    );
}

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// True if `word` is an element of a comma-separated list.
bool lists(std::string_view list, std::string_view word)
{
    while (true) {
        const auto comma = list.find(',');
        if (equals_ignoring_case(trimmed(list.substr(0, comma)), word))
            return true;
        if (comma == std::string_view::npos)
            return false;
        list.remove_prefix(comma + 1);
    }
}

struct request_line
{
    std::string_view method;
    std::string_view target;
    std::string_view version;
};

bool split_request_line(std::string_view line, request_line& out)
{
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == 0 || last <= first + 1)
        return false;
    out = {line.substr(0, first), line.substr(first + 1, last - first - 1), line.substr(last + 1)};
    return out.target.front() == '/' && out.target.find(' ') == std::string_view::npos &&
           (out.version == "HTTP/1.1" || out.version == "HTTP/1.0");
}

}  // namespace

parse_state request_parser::parse(std::string_view bytes, request& out)
{
    // An empty line before a request is forgiven (RFC 9112 2.2).
    std::size_t skipped = 0;
    while (bytes.substr(skipped).starts_with("\r\n"))
        skipped += 2;
    bytes.remove_prefix(skipped);

    const auto line_end = bytes.find("\r\n");
    if (line_end == std::string_view::npos)
        return bytes.size() > head_bytes_max ? parse_state::head_too_large : parse_state::partial;
    request_line line;
    if (!split_request_line(bytes.substr(0, line_end), line))
        return parse_state::malformed;

    const auto rest = bytes.substr(line_end + 2);
    if (block_.empty() || !rest.starts_with(block_)) {
        const auto blank = bytes.find("\r\n\r\n", line_end);
        if (blank == std::string_view::npos || blank > head_bytes_max)
            return bytes.size() > head_bytes_max ? parse_state::head_too_large
                                                 : parse_state::partial;
        const auto state = parse_block(rest.substr(0, blank + 4 - line_end - 2));
        if (state != parse_state::complete)
            return state;
    }

    const std::size_t whole = line_end + 2 + block_.size() + fields_.content_length;
    if (bytes.size() < whole)
        return parse_state::partial;
    out.method = line.method;
    out.target = line.target;
    out.rest_key = fields_.rest_key;
    out.keep_alive = !fields_.close && (line.version == "HTTP/1.1" || fields_.keep_alive);
    out.bytes = skipped + whole;
    return parse_state::complete;
}

parse_state request_parser::parse_block(std::string_view block)
{
    block_.clear();  // until it is known to be sound
    fields_ = {};
    std::string_view lines = block.substr(0, block.size() - 2);
    while (!lines.empty()) {
        const auto end = lines.find("\r\n");
        const auto line = lines.substr(0, end);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0 || line[colon - 1] == ' ')
            return parse_state::malformed;
        const auto state = take_field(line.substr(0, colon), trimmed(line.substr(colon + 1)));
        if (state != parse_state::complete)
            return state;
        lines.remove_prefix(end + 2);
    }
    if (fields_.chunked)
        return parse_state::length_required;
    block_ = block;
    return parse_state::complete;
}

parse_state request_parser::take_field(std::string_view name, std::string_view value)
{
    if (equals_ignoring_case(name, "content-length")) {
        const char* end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, fields_.content_length);
        if (value.empty() || error != std::errc() || stop != end)
            return parse_state::malformed;
        if (fields_.content_length > body_bytes_max)
            return parse_state::body_too_large;
    } else if (equals_ignoring_case(name, "x-authorization")) {
        fields_.rest_key = value;
    } else if (equals_ignoring_case(name, "connection")) {
        fields_.close = fields_.close || lists(value, "close");
        fields_.keep_alive = fields_.keep_alive || lists(value, "keep-alive");
    } else if (equals_ignoring_case(name, "transfer-encoding")) {
        fields_.chunked = true;
    }
    return parse_state::complete;
}

}  // namespace sandbox
