// .jsonl, .ndjson: a string or an object per line; a first line {"job": {...}} holds options (SPEC
// 4). A JSON value says itself where it ends: one that is closed is whole, with or without a line
// end.

#include "job_json_stream.hpp"
#include "job_scanner.hpp"
#include "job_token_field.hpp"

namespace reaper::job_file {
namespace {

constexpr std::size_t line_bytes_max = 64 * 1024;

class jsonl_scanner : public scanner
{
public:
    jsonl_scanner(const token_rule* rule, job_options& options)
        : scanner(rule), json_(json_form::first_line, rule, options)
    {
    }

    std::optional<found_line> next() override
    {
        while (!failure() && !rest_.empty()) {
            drop_read();
            const std::size_t end = rest_.find('\n');
            const std::string_view piece = rest_.substr(0, end);
            rest_.remove_prefix(end == std::string_view::npos ? piece.size() : end + 1);
            if (begun_.size() + piece.size() > line_bytes_max)
                return fail("this line is longer than 64 KiB", line_);
            if (end == std::string_view::npos) {
                begun_ += piece;
                break;
            }
            if (const auto found = read_line(join(piece)))
                return found;
        }
        if (failure() || !finished_ || std::exchange(ended_, true))
            return std::nullopt;
        drop_read();
        return read_line(join({}));
    }

private:
    // Forgets a line that was joined and read; its token may have been in use until now.
    void drop_read()
    {
        if (std::exchange(joined_, false))
            begun_.clear();
    }

    // The whole line that ends with `piece`.
    std::string_view join(std::string_view piece)
    {
        if (begun_.empty())
            return piece;
        joined_ = true;
        begun_ += piece;
        return begun_;
    }

    std::optional<found_line> read_line(std::string_view line)
    {
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            ++line_;
            return std::nullopt;
        }
        const bool first = std::exchange(first_, false);
        if (const auto token = whole_token(line); !token.empty())
            return found_line{line_++, true, token};
        json_.restart(first ? json_form::first_line : json_form::line);
        if (!json_.write(line) || !json_.finish())
            return fail(json_.failure(), line_);
        const std::uint64_t number = line_++;
        // The line with the options has no element.
        const auto found = json_.pop();
        if (!found)
            return std::nullopt;
        return found_line{number, found->valid, found->token};
    }

    // What nearly every line is: a token between quotes. Empty if it is anything else.
    [[nodiscard]] std::string_view whole_token(std::string_view line) const
    {
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.size() < 2 || line.front() != '"' || line.back() != '"')
            return {};
        line = line.substr(1, line.size() - 2);
        return accepts(rule_, line) ? line : std::string_view();
    }

    json_stream json_;
    std::string begun_;    // the part of the line in hand that came in earlier chunks
    bool joined_ = false;  // begun_ holds a line that was read
    bool first_ = true;
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<scanner> make_jsonl_scanner(const token_rule* rule, job_options& options)
{
    return std::make_unique<jsonl_scanner>(rule, options);
}

}  // namespace reaper::job_file
