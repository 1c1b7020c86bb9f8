// Job files of lines: text, CSV and JSON Lines. audit_input_json.cpp has the JSON documents.

#include "sandbox/audit_input.hpp"

#include "sandbox/audit_input_json.hpp"
#include "sandbox/tokens.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <optional>
#include <vector>

namespace json = boost::json;

namespace sandbox {
namespace {

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The lines of a file, without line ends and without a byte order mark.
class line_source
{
public:
    explicit line_source(const std::string& name) : file_(name, std::ios::binary) {}

    [[nodiscard]] bool is_open() const { return file_.is_open(); }

    bool next()
    {
        if (!std::getline(file_, text_))
            return false;
        if (++number_ == 1 && text_.starts_with("\xEF\xBB\xBF"))
            text_.erase(0, 3);
        has_end_ = !file_.eof();
        return true;
    }

    // Passes over options between two `---` lines. Call after the first next(); false if the file
    // ends in them.
    bool skip_front_matter()
    {
        if (number_ != 1 || trimmed(text_) != "---")
            return true;
        while (next())
            if (trimmed(text_) == "---")
                return next();
        return false;
    }

    [[nodiscard]] std::string_view text() const { return text_; }

    [[nodiscard]] std::uint64_t number() const { return number_; }

    // False for a last line that may have been cut.
    [[nodiscard]] bool has_end() const { return has_end_; }

private:
    std::ifstream file_;
    std::string text_;
    std::uint64_t number_ = 0;
    bool has_end_ = true;
};

// Whether text is a token: of the known shape, or of any.
struct token_test
{
    bool any_shape;

    [[nodiscard]] bool accepts(std::string_view text) const
    {
        return any_shape ? is_token_text(text) : is_hex_token(text);
    }

    // A line without an end may have been cut: only a known length tells that it was not.
    [[nodiscard]] bool accepts(std::string_view text, bool has_end) const
    {
        return accepts(text) && (has_end || !any_shape);
    }
};

void read_text(line_source& lines, token_test test, const input_callback& take)
{
    if (!lines.next() || !lines.skip_front_matter())
        return;
    do {
        const auto token = trimmed(lines.text().substr(0, lines.text().find('#')));
        if (!token.empty())
            take({lines.number(), test.accepts(token, lines.has_end()), token});
    } while (lines.next());
}

// Rows of a CSV file (RFC 4180): a quoted cell may hold separators, quotes and line ends.
class row_source
{
public:
    explicit row_source(line_source& lines) : lines_(lines) {}

    // Reads the row that begins with the current line; false if a quote is never closed.
    bool read_row(char separator)
    {
        cells_.assign(1, {});
        line_ = lines_.number();
        while (true) {
            for (const char c : lines_.text())
                take(c, separator);
            if (!in_quotes_)
                break;
            cells_.back() += '\n';
            if (!lines_.next())
                return false;
        }
        after_quote_ = false;
        for (auto& cell : cells_)
            cell = trimmed(cell);
        return true;
    }

    [[nodiscard]] const std::vector<std::string>& cells() const { return cells_; }

    [[nodiscard]] bool is_blank() const { return cells_.size() == 1 && cells_[0].empty(); }

    // 0 where the row spans lines.
    [[nodiscard]] std::uint64_t line() const { return line_ == lines_.number() ? line_ : 0; }

private:
    void take(char c, char separator)
    {
        if (c == '"') {
            if (after_quote_)  // "" within quotes
                cells_.back() += '"';
            after_quote_ = in_quotes_;
            in_quotes_ = !in_quotes_;
            return;
        }
        after_quote_ = false;
        if (c == separator && !in_quotes_)
            cells_.emplace_back();
        else
            cells_.back() += c;
    }

    line_source& lines_;
    std::vector<std::string> cells_;
    std::uint64_t line_ = 0;
    bool in_quotes_ = false;
    bool after_quote_ = false;  // a second quote would stand for itself
};

char separator_of(std::string_view header)
{
    const auto found = header.find_first_of(",;\t");
    return found == std::string_view::npos ? ',' : header[found];
}

result<std::size_t> token_column(const std::vector<std::string>& header)
{
    for (const std::string_view name : {"token", "campaign_token"})
        for (std::size_t i = 0; i < header.size(); ++i)
            if (header[i] == name)
                return i;
    if (header.size() == 1)
        return std::size_t{0};
    return fault{"the CSV input has no token column"};
}

result<void> read_csv(line_source& lines, token_test test, const input_callback& take)
{
    if (!lines.next() || !lines.skip_front_matter())
        return fault{"the CSV input has no header"};
    row_source rows(lines);
    const char separator = separator_of(lines.text());
    if (!rows.read_row(separator))
        return fault{"the CSV input ends within quotes"};
    const auto column = token_column(rows.cells());
    if (!column)
        return column.error();

    while (lines.next()) {
        if (!rows.read_row(separator))
            return fault{"the CSV input ends within quotes"};
        if (rows.is_blank())
            continue;
        const auto& cells = rows.cells();
        const std::string_view token = *column < cells.size() ? cells[*column] : std::string_view();
        take({rows.line(), test.accepts(token, lines.has_end()), token});
    }
    return {};
}

// The token of an element: a string, or the member of an object.
std::optional<std::string_view> token_of(const json::value& element)
{
    if (const auto* text = element.if_string())
        return std::string_view(*text);
    if (const auto* object = element.if_object())
        for (const std::string_view name : {"token", "campaign_token"})
            if (const auto* member = object->if_contains(name); member && member->is_string())
                return std::string_view(member->get_string());
    return std::nullopt;
}

result<void> read_json_lines(line_source& lines, token_test test, const input_callback& take)
{
    bool first = true;
    while (lines.next()) {
        if (trimmed(lines.text()).empty())
            continue;
        json::error_code error;
        const json::value element = json::parse(lines.text(), error);
        if (error)
            return fault{"line " + std::to_string(lines.number()) + " of the input is not JSON"};
        const auto* object = element.if_object();
        const bool is_options = first && object && object->contains("job");
        first = false;
        if (is_options)
            continue;
        const auto token = token_of(element);
        take({lines.number(), token && test.accepts(*token), token.value_or("")});
    }
    return {};
}

}  // namespace

result<void> read_job_input(
    const std::string& file,
    std::string_view format,
    bool any_token_shape,
    const input_callback& take
)
{
    const token_test test{any_token_shape};
    line_source lines(file);
    if (!lines.is_open())
        return reaper::system_fault("cannot open " + file);
    if (format == "text") {
        read_text(lines, test, take);
        return {};
    }
    if (format == "csv")
        return read_csv(lines, test, take);
    if (format == "jsonl")
        return read_json_lines(lines, test, take);
    if (format == "json")
        return read_json_elements(file, [&](std::uint64_t ordinal, std::string_view token) {
            take({ordinal, test.accepts(token), token});
        });
    return fault{"there is no job format '" + std::string(format) + "'"};
}

}  // namespace sandbox
