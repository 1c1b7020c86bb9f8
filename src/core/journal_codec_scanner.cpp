#include "reaper/core/journal_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <string>

namespace reaper {
namespace {

// A line of more bytes is no record, of this version or a later one; it is not kept.
constexpr std::size_t line_bytes_max = 64 * 1024;

}  // namespace

void journal_scanner::feed(std::string_view bytes)
{
    assert(!finished_);
    buffer_.erase(0, position_);
    searched_ -= position_;
    position_ = 0;
    buffer_ += bytes;
    fed_bytes_ += bytes.size();
}

void journal_scanner::finish()
{
    finished_ = true;
}

std::optional<result_record> journal_scanner::next()
{
    if (damage_)
        return std::nullopt;
    if (suspicion_) {
        pass_over_tail();
        return std::nullopt;
    }

    const auto end = buffer_.find('\n', searched_);
    if (end == std::string::npos) {
        searched_ = buffer_.size();
        if (buffer_.size() - position_ > line_bytes_max) {
            // Whatever this is, its bytes are not needed: only what follows its end matters.
            suspicion_ = fault{"it is too long"};
            in_long_line_ = true;
            pass_over_tail();
        }
        return std::nullopt;
    }

    const auto line = std::string_view(buffer_).substr(position_, end - position_);
    auto record = decode_record(line);
    if (record) {
        valid_bytes_ += end + 1 - position_;
        ++line_;
    }
    position_ = end + 1;
    searched_ = position_;
    if (record)
        return std::move(*record);
    suspicion_ = record.error();
    suspicion_has_nul_ = line.find('\0') != std::string_view::npos;
    pass_over_tail();
    return std::nullopt;
}

// Behind a line that is no record: nothing, or NULs, and it was torn; anything else, and the log is
// damaged.
void journal_scanner::pass_over_tail()
{
    if (in_long_line_) {
        const auto end = buffer_.find('\n', position_);
        const auto next = end == std::string::npos ? buffer_.size() : end + 1;
        const auto line = std::string_view(buffer_).substr(position_, next - position_);
        suspicion_has_nul_ = suspicion_has_nul_ || line.find('\0') != std::string_view::npos;
        position_ = next;
        in_long_line_ = end == std::string::npos;
    }
    position_ = std::min(buffer_.find_first_not_of('\0', position_), buffer_.size());
    searched_ = position_;
    if (position_ < buffer_.size())
        damage_ = fault{fmt::format(
            "line {} of results.jsonl is no record ({}), and it is not the last",
            line_ + 1,
            suspicion_->sentence
        )};
}

std::uint64_t journal_scanner::torn_bytes() const
{
    return finished_ && !damage_ ? fed_bytes_ - valid_bytes_ : 0;
}

}  // namespace reaper
