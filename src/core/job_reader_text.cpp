// .txt, .list and no extension: one token a line, `#` comments, blank lines (SPEC 4).

#include "job_scanner.hpp"
#include "job_token_field.hpp"
#include "reaper/base/hex.hpp"

namespace reaper::job_file {
namespace {

class text_scanner : public scanner
{
public:
    using scanner::scanner;

    std::optional<found_line> next() override
    {
        while (!rest_.empty()) {
            if (const auto token = short_cut(); !token.empty()) {
                rest_.remove_prefix(token.size() + 1);
                return found_line{line_++, true, token};
            }
            const std::size_t end = rest_.find('\n');
            if (end == std::string_view::npos) {
                take(std::exchange(rest_, {}));
                break;
            }
            const std::string_view piece = rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
            if (const auto token = whole_token(piece); !token.empty())
                return found_line{line_++, true, token};
            take(piece);
            if (const auto found = close_line(false))
                return found;
        }
        if (finished_ && !std::exchange(ended_, true))
            return close_line(true);
        return std::nullopt;
    }

private:
    // The token of the line that nearly every line is, without a search for its end: if the bytes
    // before a line feed are a token, there is no other line feed among them. Empty if the line is
    // anything else.
    [[nodiscard]] std::string_view short_cut() const
    {
        if (begun_ || rest_.size() <= hex_run || rest_[hex_run] != '\n')
            return {};
        const std::string_view piece = rest_.substr(0, hex_run);
        return accepts(rule_, piece) ? piece : std::string_view();
    }

    // Of any other line, without a copy: a token and nothing else. Empty if it is
    // anything else, or if its beginning was in an earlier chunk.
    [[nodiscard]] std::string_view whole_token(std::string_view piece) const
    {
        if (begun_)
            return {};
        if (piece.ends_with('\r'))
            piece.remove_suffix(1);
        return accepts(rule_, piece) ? piece : std::string_view();
    }

    void take(std::string_view piece)
    {
        if (piece.empty())
            return;
        if (!begun_)
            field_.clear();
        begun_ = true;
        if (in_comment_)
            return;
        // A carriage return ends a line if it is the last byte before the line feed, else it is
        // text like any other, and no token has it.
        if (std::exchange(carriage_return_, false))
            field_.take('\r');
        const std::size_t comment = piece.find('#');
        in_comment_ = comment != std::string_view::npos;
        piece = piece.substr(0, comment);
        carriage_return_ = !in_comment_ && piece.ends_with('\r');
        if (carriage_return_)
            piece.remove_suffix(1);
        field_.take(piece);
    }

    // `cut`: by the end of the file, not by a line end. Then only a fixed length tells a whole
    // token.
    std::optional<found_line> close_line(bool cut)
    {
        const std::uint64_t line = line_++;
        const bool empty = !begun_ || field_.blank();
        begun_ = in_comment_ = carriage_return_ = false;
        if (empty)
            return std::nullopt;
        const std::string_view text = field_.text();
        const bool valid = cut ? accepts_cut(rule_, text) : accepts(rule_, text);
        return found_line{line, valid, valid ? text : std::string_view()};
    }

    token_field field_;
    bool begun_ = false;  // field_ and what follows are of the line in hand
    bool in_comment_ = false;
    bool carriage_return_ = false;  // the last byte was one
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<scanner> make_text_scanner(const token_rule* rule)
{
    return std::make_unique<text_scanner>(rule);
}

}  // namespace reaper::job_file
