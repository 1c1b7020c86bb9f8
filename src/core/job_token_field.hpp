#pragma once
// Part of core/job_reader: one token with blanks around it, byte by byte, as a text line or a CSV
// field may hold it. Bounded however long the line is: what can be no token any more is forgotten.

#include "reaper/core/job_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reaper::job_file {

[[nodiscard]] constexpr bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

class token_field
{
public:
    void clear()
    {
        size_ = 0;
        at_ = place::before;
    }

    void take(std::string_view bytes)
    {
        for (const char c : bytes)
            take(c);
    }

    void take(char c)
    {
        if (is_blank(c)) {
            if (at_ == place::inside)
                at_ = place::after;
            return;
        }
        const bool fits = at_ == place::before || at_ == place::inside;
        if (!fits || size_ == token_bytes_max || !is_token_byte(c)) {
            at_ = place::broken;
            return;
        }
        at_ = place::inside;
        text_[size_++] = c;
    }

    // Nothing but blanks so far.
    [[nodiscard]] bool blank() const { return at_ == place::before; }

    // The one word of token bytes that the field holds; empty if it holds none, or anything else.
    [[nodiscard]] std::string_view text() const
    {
        return at_ == place::broken ? std::string_view() : std::string_view(text_.data(), size_);
    }

private:
    enum class place : std::uint8_t
    {
        before,
        inside,
        after,
        broken,
    };

    std::array<char, token_bytes_max> text_{};
    std::size_t size_ = 0;
    place at_ = place::before;
};

// With no rule the form of a token is enough (see job_reader's constructor).
[[nodiscard]] inline bool accepts(const token_rule* rule, std::string_view text)
{
    return rule != nullptr ? rule->accepts(text) : has_token_form(text);
}

// For text that the end of the file may have cut: only a shape of fixed length tells that it is
// whole (SPEC 4, P4).
[[nodiscard]] inline bool accepts_cut(const token_rule* rule, std::string_view text)
{
    return accepts(rule, text) && (rule == nullptr || rule->has_fixed_length());
}

}  // namespace reaper::job_file
