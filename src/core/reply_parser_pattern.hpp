#pragma once
// Part of core/reply_parser: a head that Boost.Beast has read, as a pattern for those behind it.
//
// Servers put a request id, a date, a count of what is left into each head: no two are the same,
// and yet they say the same. A pattern is a head with gaps, each the value of a line that has
// differed; what is between the gaps must be the same, byte for byte. It knows no more of HTTP than
// what may be in a gap, so it is no second grammar: of whatever does not fit, Beast decides.

#include "reaper/core/reply_parser.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// What a head says that an answer needs, where the connection stays open.
struct head_meaning
{
    int status = 0;
    std::size_t head_bytes = 0;  // up to and with the empty line
    std::size_t body_bytes = 0;
};

class head_pattern
{
public:
    enum class fit
    {
        none,
        begun,  // so far; more bytes will tell
        whole,  // head and body
    };

    explicit head_pattern(const reply_limits& limits) : limits_(limits) {}

    // Takes a head that Beast has read, which has a Content-Length and no Retry-After.
    void learn(std::string_view head, const head_meaning& meaning);

    // Whether the bytes begin with an answer like the one that was learnt, and if it is whole, what
    // Beast would read in its head.
    [[nodiscard]] fit match(std::string_view bytes, head_meaning& into);

private:
    enum class kind
    {
        status,  // code and reason: behind "HTTP/1.1 "
        length,  // of Content-Length
        text,    // of a field that says nothing to Beast and to us
    };

    struct gap
    {
        std::size_t from;  // in text_
        std::size_t end;   // behind the end of its line
        kind is;
    };

    fit match_head(std::string_view bytes, head_meaning& into);
    static bool read_value(kind is, std::string_view value, head_meaning& into);
    bool open_gap(std::size_t index, std::size_t from, std::string_view rest);
    [[nodiscard]] bool may_differ(std::string_view line, gap& into) const;
    [[nodiscard]] bool has_one_length() const;

    const reply_limits& limits_;
    std::string text_;  // empty if there is no pattern
    head_meaning meaning_;
    std::vector<gap> gaps_;  // in the order of the text
};

}  // namespace reaper
