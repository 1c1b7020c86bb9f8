#include "job_csv_header.hpp"

#include "job_token_field.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace reaper::job_file {
namespace {

constexpr std::array<char, 3> separators = {',', ';', '\t'};

bool stands_outside_quotes(std::string_view header, char separator)
{
    bool quoted = false;
    for (const char c : header) {
        if (c == '"')
            quoted = !quoted;
        else if (c == separator && !quoted)
            return true;
    }
    return false;
}

// The name of a column as it is compared: lower case, without blanks around and quotes.
std::string plain_name(std::string_view field)
{
    std::string name;
    for (const char c : field) {
        if (c != '"')
            name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const std::size_t first = name.find_first_not_of(" \t\r");
    if (first == std::string::npos)
        return {};
    return name.substr(first, name.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> split(std::string_view header, std::optional<char> separator)
{
    std::vector<std::string> names;
    std::size_t start = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < header.size(); ++at) {
        if (header[at] == '"') {
            quoted = !quoted;
        } else if (separator == header[at] && !quoted) {
            names.push_back(plain_name(header.substr(start, at - start)));
            start = at + 1;
        }
    }
    names.push_back(plain_name(header.substr(start)));
    return names;
}

bool names_tokens(const std::string& name)
{
    return name == "token" || name == "campaign_token";
}

// With one column only. A list without a header would lose its first token, silently: so it is
// refused. Without a rule nobody can tell yet.
result<csv_layout> only_column(std::string_view header, const token_rule* rule)
{
    const std::string name = split(header, std::nullopt).front();
    token_field field;
    for (const char c : header) {
        if (c != '"' && c != '\r')
            field.take(c);
    }
    if (!names_tokens(name) && rule != nullptr && rule->accepts(field.text()))
        return fault{"the header is itself a token: a .csv needs a header line, such as \"token\""};
    return csv_layout{};
}

}  // namespace

result<csv_layout> read_csv_header(std::string_view header, const token_rule* rule)
{
    std::vector<csv_layout> possible;
    bool separated = false;
    for (const char separator : separators) {
        if (!stands_outside_quotes(header, separator))
            continue;
        separated = true;
        const std::vector<std::string> names = split(header, separator);
        const auto found = std::find_if(names.begin(), names.end(), names_tokens);
        if (found == names.end())
            continue;
        if (std::find_if(found + 1, names.end(), names_tokens) != names.end())
            return fault{"two columns of the header could hold the tokens: keep one of them"};
        const auto column = static_cast<std::size_t>(found - names.begin());
        possible.push_back(csv_layout{separator, column, names.size()});
    }
    if (!separated)
        return only_column(header, rule);
    if (possible.empty())
        return fault{"no column of the header is named token or campaign_token"};
    if (possible.size() > 1)
        return fault{"the header does not tell its separator: use only one of , ; and tab"};
    return possible.front();
}

}  // namespace reaper::job_file
