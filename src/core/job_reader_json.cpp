// .json: an array of tokens, or an object with `tokens` beside the options (SPEC 4). The line of a
// token is its element.

#include "job_json_stream.hpp"
#include "job_scanner.hpp"

#include <algorithm>

namespace reaper::job_file {
namespace {

// What is parsed at once: it bounds the elements that are found ahead.
constexpr std::size_t piece_bytes_max = 4096;

class json_scanner : public scanner
{
public:
    json_scanner(const token_rule* rule, job_options& options)
        : scanner(rule), json_(json_form::document, rule, options)
    {
    }

    std::optional<found_line> next() override
    {
        while (!failure()) {
            if (const auto found = json_.pop())
                return found_line{++element_, found->valid, found->token};
            if (!json_.failure().empty())
                return fail(json_.failure(), line_);
            if (!rest_.empty())
                parse_piece();
            else if (finished_ && !std::exchange(ended_, true))
                json_.finish();
            else
                break;
        }
        return std::nullopt;
    }

private:
    // A piece ends with its line, so that a failure within it is on that line.
    void parse_piece()
    {
        std::string_view piece = rest_.substr(0, piece_bytes_max);
        piece = piece.substr(0, std::min(piece.find('\n'), piece.size() - 1) + 1);
        rest_.remove_prefix(piece.size());
        if (json_.write(piece) && piece.back() == '\n')
            ++line_;
    }

    json_stream json_;
    std::uint64_t element_ = 0;
    bool ended_ = false;
};

}  // namespace

std::unique_ptr<scanner> make_json_scanner(const token_rule* rule, job_options& options)
{
    return std::make_unique<json_scanner>(rule, options);
}

}  // namespace reaper::job_file
