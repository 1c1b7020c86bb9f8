#include "job_prelude.hpp"

#include "job_options.hpp"

#include <utility>

namespace reaper::job_file {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view opening = "---\r";
constexpr std::size_t dashes = 3;

// Options fill some lines: what is longer is not front matter, and must not fill the memory.
constexpr std::size_t front_matter_bytes_max = 64 * 1024;

constexpr const char* not_closed =
    "the front matter that line 1 opens is never closed by a line of three dashes";

}  // namespace

prelude::prelude(bool with_front_matter, job_options& options)
    : with_front_matter_(with_front_matter), options_(&options)
{
}

std::string_view prelude::take(std::string_view& bytes)
{
    std::string_view given_back;
    while (!bytes.empty() && given_back.empty() && !failure_ && !settled()) {
        switch (at_) {
            case place::mark:
                given_back = take_mark(bytes);
                break;
            case place::dashes:
                given_back = take_dashes(bytes);
                break;
            case place::inside:
                take_inside(bytes);
                break;
            case place::settled:
                break;
        }
    }
    return given_back;
}

std::string_view prelude::take_mark(std::string_view& bytes)
{
    const bool fits = bytes.front() == byte_order_mark[held_];
    if (fits) {
        bytes.remove_prefix(1);
        if (++held_ < byte_order_mark.size())
            return {};
    }
    // A character that only begins like the mark belongs to the body, which then has no front
    // matter.
    const std::string_view given_back = byte_order_mark.substr(0, fits ? 0 : held_);
    held_ = 0;
    at_ = with_front_matter_ && given_back.empty() ? place::dashes : place::settled;
    return given_back;
}

std::string_view prelude::take_dashes(std::string_view& bytes)
{
    const char c = bytes.front();
    if (held_ >= dashes && c == '\n') {
        bytes.remove_prefix(1);
        at_ = place::inside;
        ++line_;
        return {};
    }
    if (held_ < opening.size() && c == opening[held_]) {
        bytes.remove_prefix(1);
        ++held_;
        return {};
    }
    at_ = place::settled;
    return opening.substr(0, held_);
}

void prelude::take_inside(std::string_view& bytes)
{
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end == bytes.npos ? end : end + 1);
    bytes.remove_prefix(piece.size());
    if (text_.size() + piece.size() > front_matter_bytes_max) {
        fail("the front matter that line 1 opens is longer than 64 KiB, or is never closed");
        return;
    }
    text_ += piece;
    if (end == std::string_view::npos)
        return;
    ++line_;
    if (last_line_closes())
        close();
    line_start_ = text_.size();
}

bool prelude::last_line_closes() const
{
    const std::string_view line = std::string_view(text_).substr(line_start_);
    return line == "---" || line == "---\r" || line == "---\n" || line == "---\r\n";
}

void prelude::close()
{
    at_ = place::settled;
    text_.resize(line_start_);
    failure_ = read_front_matter(std::exchange(text_, {}), 2, *options_);
}

std::string_view prelude::finish()
{
    const place ended_at = std::exchange(at_, place::settled);
    switch (ended_at) {
        case place::mark:
            return byte_order_mark.substr(0, held_);
        case place::dashes:
            if (held_ < dashes)
                return opening.substr(0, held_);
            fail(not_closed);
            break;
        case place::inside:
            if (last_line_closes())
                close();
            else
                fail(not_closed);
            break;
        case place::settled:
            break;
    }
    return {};
}

void prelude::fail(std::string sentence)
{
    failure_ = located_fault{std::move(sentence), 1};
}

}  // namespace reaper::job_file
