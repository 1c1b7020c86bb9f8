#pragma once
// Part of core/reply_parser: the answers that are taken without Boost.Beast, because their heads
// say what one that it has read before says.

#include "reply_parser_pattern.hpp"

#include <string>
#include <string_view>

namespace reaper {

class known_heads
{
public:
    explicit known_heads(const reply_limits& limits) : pattern_(limits) {}

    // Takes what Beast has read, as head_pattern does.
    void learn(std::string_view head, const head_meaning& meaning)
    {
        remember(head, meaning);
        pattern_.learn(head, meaning);
    }

    // True if the bytes begin with a whole answer whose head is the last one's, byte for byte, or
    // is like it: it is the last one from now on.
    [[nodiscard]] bool take(std::string_view bytes)
    {
        if (bytes.size() >= answer_bytes() && bytes.starts_with(head_))
            return !head_.empty();
        head_meaning found;
        if (bytes.empty() || pattern_.match(bytes, found) != head_pattern::fit::whole)
            return false;
        remember(bytes.substr(0, found.head_bytes), found);
        return true;
    }

    // True for the beginning of such an answer, and no more than that: the next bytes will tell.
    [[nodiscard]] bool is_begun(std::string_view bytes)
    {
        if (bytes.empty())
            return false;
        head_meaning found;
        return (bytes.size() < answer_bytes() &&
                bytes.starts_with(std::string_view(head_).substr(0, bytes.size()))) ||
               pattern_.match(bytes, found) == head_pattern::fit::begun;
    }

    // What the last head says.
    [[nodiscard]] const head_meaning& last() const { return last_; }

    [[nodiscard]] std::size_t answer_bytes() const { return last_.head_bytes + last_.body_bytes; }

private:
    void remember(std::string_view head, const head_meaning& meaning)
    {
        if (head.size() == head_.size())
            head.copy(head_.data(), head.size());  // nearly always: assigning costs thrice
        else
            head_ = head;
        last_ = meaning;
    }

    std::string head_;  // the last that was read in full; empty if there is none yet
    head_meaning last_;
    head_pattern pattern_;  // by the last that Beast has read
};

}  // namespace reaper
