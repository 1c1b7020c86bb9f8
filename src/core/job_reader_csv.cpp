// .csv: RFC 4180, with a header (SPEC 4).

#include "job_csv_header.hpp"
#include "job_scanner.hpp"
#include "job_token_field.hpp"

#include <fmt/format.h>

namespace reaper::job_file {
namespace {

constexpr std::size_t header_bytes_max = 64 * 1024;

// A row whose structure is in doubt (a quote or a carriage return where RFC 4180 has none, more
// fields than the header) is invalid: a misplaced separator may have put another column's text
// where the token belongs.
class csv_scanner : public scanner
{
public:
    using scanner::scanner;

    std::optional<found_line> next() override
    {
        if (failure() || (!layout_ && !read_header()))
            return std::nullopt;
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (!take(c))
                continue;
            ++line_;
            if (const auto found = close_row())
                return found;
        }
        if (finished_ && !std::exchange(ended_, true))
            return close_file();
        return std::nullopt;
    }

private:
    enum class place : std::uint8_t
    {
        field_start,
        plain,
        quoted,
        quote,  // a quote within quotes: the end of them, or the first of two
    };

    // True once the header is read.
    bool read_header()
    {
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"')
                header_quoted_ = !header_quoted_;
            line_ += c == '\n';
            if (c == '\n' && !header_quoted_) {
                if (close_header())
                    return true;
                if (failure())
                    return false;
                continue;
            }
            if (header_.size() == header_bytes_max) {
                fail("the header is longer than 64 KiB, or its quotes are not closed", row_line_);
                return false;
            }
            header_ += c;
        }
        if (finished_ && header_quoted_)
            fail("a quote in the header is never closed", row_line_);
        // A header that the file ends in has no rows: the file names no token.
        return false;
    }

    bool close_header()
    {
        const std::uint64_t line = std::exchange(row_line_, line_);
        if (header_.find_first_not_of(" \t\r") == std::string::npos) {
            header_.clear();
            return false;
        }
        const auto layout = read_csv_header(header_, rule_);
        if (!layout) {
            fail(layout.error().sentence, line);
            return false;
        }
        layout_ = *layout;
        return true;
    }

    // True at the end of a row.
    bool take(char c)
    {
        if (begin_row_) {
            begin_row_ = false;
            row_line_ = line_;
            field_.clear();
        }
        if (at_ == place::quoted) {
            take_quoted(c);
            return false;
        }
        if (c == '\n')
            return true;
        doubtful_ |= std::exchange(carriage_return_, c == '\r');
        if (c == '\r')
            return false;
        blank_ = blank_ && is_blank(c) && c != layout_->separator;
        if (c == layout_->separator) {
            ++column_;
            at_ = place::field_start;
        } else if (c == '"') {
            take_quote();
        } else {
            doubtful_ |= at_ == place::quote;
            at_ = place::plain;
            take_content(c);
        }
        return false;
    }

    void take_quoted(char c)
    {
        line_ += c == '\n';
        if (c == '"')
            at_ = place::quote;
        else
            take_content(c);
    }

    void take_quote()
    {
        doubtful_ |= at_ == place::plain;
        if (at_ == place::quote)
            take_content('"');
        if (at_ != place::plain)
            at_ = place::quoted;
    }

    void take_content(char c)
    {
        if (column_ == layout_->column)
            field_.take(c);
    }

    std::optional<found_line> close_row()
    {
        const bool reached = column_ >= layout_->column;
        return found(reached && accepts(rule_, field_.text()));
    }

    std::optional<found_line> close_file()
    {
        if (at_ == place::quoted)
            return fail(
                fmt::format("a quote opened in the row of line {} is never closed", row_line_),
                row_line_
            );
        // A separator behind the token tells that it is whole.
        const bool cut = column_ <= layout_->column;
        const std::string_view text = field_.text();
        return found(
            cut ? column_ == layout_->column && accepts_cut(rule_, text) : accepts(rule_, text)
        );
    }

    // Ends the row in hand. The token stays in `field_` until the next row begins.
    std::optional<found_line> found(bool accepted)
    {
        const bool valid = accepted && !doubtful_ && column_ < layout_->columns;
        const bool blank = blank_;
        const found_line line{row_line_, valid, valid ? field_.text() : std::string_view()};
        at_ = place::field_start;
        column_ = 0;
        doubtful_ = carriage_return_ = false;
        begin_row_ = blank_ = true;
        return blank ? std::nullopt : std::optional(line);
    }

    std::optional<csv_layout> layout_;
    std::string header_;
    bool header_quoted_ = false;

    token_field field_;
    place at_ = place::field_start;
    std::size_t column_ = 0;
    std::uint64_t row_line_ = 1;
    bool begin_row_ = true;
    bool blank_ = true;  // no byte of the row but blanks
    bool doubtful_ = false;
    bool carriage_return_ = false;  // the last byte was one
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<scanner> make_csv_scanner(const token_rule* rule)
{
    return std::make_unique<csv_scanner>(rule);
}

}  // namespace reaper::job_file
