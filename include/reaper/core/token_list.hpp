#pragma once
// The tokens of an `allow` or `deny` file (SPEC 4): exact membership, nothing else. The file is
// written as a .txt job: one token a line, blank lines and `#` comments. A line that is no token is
// an error: it may be a token misspelt, and a list that guards must not lose one silently.

#include "reaper/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

class token_list
{
public:
    // Contains nothing.
    token_list() = default;

    // A fault names the line, never its text. The last line needs no line end: the file is kept by
    // an operator and not dropped half-way. An empty list is no fault here; whether it may be empty
    // depends on what it is for.
    [[nodiscard]] static result<token_list> parse(std::string_view text);

    // Exact: tokens differ by case.
    [[nodiscard]] bool contains(std::string_view token) const;

    [[nodiscard]] bool empty() const { return entries_.empty(); }

    // Different tokens.
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    // Where a token stands in text_.
    struct entry
    {
        std::uint64_t start : 56;
        std::uint64_t size : 8;
    };

    [[nodiscard]] std::string_view text_of(entry e) const;
    void add(std::string_view token);
    void sort();

    std::string text_;            // of all tokens, without anything between
    std::vector<entry> entries_;  // by their text
};

}  // namespace reaper
