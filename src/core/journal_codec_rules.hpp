#pragma once
// What both directions of the journal codec agree on.

#include "reaper/model/token.hpp"

#include <algorithm>
#include <string_view>

namespace reaper::journal {

inline constexpr int status_max = 999;

[[nodiscard]] inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// The alphabet and length of SPEC 4. The account's shape is not looked at: it may have changed.
[[nodiscard]] inline bool is_token(std::string_view text)
{
    const auto admitted = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.size() <= token_bytes_max &&
           std::all_of(text.begin(), text.end(), admitted);
}

}  // namespace reaper::journal
