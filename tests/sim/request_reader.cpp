#include "request_reader.hpp"

#include <algorithm>
#include <array>

namespace reaper::test {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t token_bytes_max = 128;

// Removes the line from the front of `bytes`; false if it has no end.
bool take_line(std::string_view& bytes, std::string_view& line)
{
    const std::size_t end = bytes.find(line_end);
    if (end == std::string_view::npos)
        return false;
    line = bytes.substr(0, end);
    bytes.remove_prefix(end + line_end.size());
    return true;
}

bool take(std::string_view& text, std::string_view expected)
{
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(expected.size());
    return true;
}

bool is_word_char(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
}

bool is_word(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_word_char);
}

const char* read_request_line(std::string_view line, deletion& into)
{
    if (!take(line, "POST /1.1/"))
        return "the request line does not begin with POST /1.1/";
    const std::size_t slash = line.find('/');
    if (slash == std::string_view::npos)
        return "nothing follows the API key";
    into.api_key = line.substr(0, slash);
    line.remove_prefix(slash);
    if (!is_word(into.api_key))
        return "the API key in the path is none";
    if (!take(line, "/campaigns/delete/"))
        return "the path does not go on with /campaigns/delete/";
    constexpr std::string_view version = " HTTP/1.1";
    if (!line.ends_with(version))
        return "the request line does not end with HTTP/1.1";
    into.token = line.substr(0, line.size() - version.size());
    if (!is_word(into.token) || into.token.size() > token_bytes_max)
        return "the token in the path is none";
    return nullptr;
}

// Each field once, with what the documentation says of it.
struct field_sheet
{
    static constexpr std::array<std::string_view, 5> names = {
        "Host: ", "X-Authorization: ", "User-Agent: ", "Content-Type: ", "Content-Length: "};

    std::array<std::string_view, names.size()> values{};

    const char* add(std::string_view line)
    {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!take(line, names[i]))
                continue;
            if (!values[i].empty())
                return "a header field comes twice";
            values[i] = line;
            return line.empty() ? "a header field is empty" : nullptr;
        }
        return "a header field that a deletion does not have";
    }

    [[nodiscard]] const char* check(std::string_view host) const
    {
        if (values[0] != host)
            return "the Host field is wrong";
        if (!is_word(values[1]))
            return "X-Authorization is missing or no key";
        if (!values[2].starts_with("campaign-reaper/"))
            return "the User-Agent is wrong";
        if (values[3] != "application/json")
            return "the Content-Type is wrong";
        if (values[4] != "0")
            return "the Content-Length is not 0";
        return nullptr;
    }
};

}  // namespace

deletion read_deletion(std::string_view bytes, std::string_view host)
{
    deletion found;
    std::string_view left = bytes;
    std::string_view line;
    if (!take_line(left, line)) {
        found.wrong = "the request line has no end";
        return found;
    }
    found.wrong = read_request_line(line, found);
    field_sheet fields;
    while (found.wrong == nullptr) {
        if (!take_line(left, line))
            found.wrong = "the header has no end";
        else if (line.empty())
            break;
        else
            found.wrong = fields.add(line);
    }
    if (found.wrong == nullptr)
        found.wrong = fields.check(host);
    found.rest_key = fields.values[1];
    found.bytes = bytes.size() - left.size();
    return found;
}

}  // namespace reaper::test
