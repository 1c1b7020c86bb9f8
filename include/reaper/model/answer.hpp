#pragma once
// What the API answered to one request, as a value, and how the parts of it that come as text are
// read (SPEC 6). Text from the API is raw here: whoever records it makes it presentable() first.

#include "reaper/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reaper {

struct answer
{
    int status = 0;
    std::string code{};     // `code` or `error_code` of an error's JSON body, as text; or empty
    std::string message{};  // `message` or `error_message` of it, at most 1 KiB; or empty
    std::optional<duration> retry_after{};  // Retry-After, at most an hour
    bool close = false;                     // nothing more is answered on this connection

    friend bool operator==(const answer&, const answer&) = default;
};

// Takes code and message out of an error's body. A body that is no JSON object, or says them in
// another way, leaves both empty.
void read_error_body(std::string_view body, answer& into);

// Retry-After: seconds, or a date in any of the three forms of RFC 9110 5.6.7, from `now`. A date
// that has passed is zero, more than an hour is an hour; nullopt for anything else.
[[nodiscard]] std::optional<duration> parse_retry_after(std::string_view text, wall_time now);

// nullopt if the text is no HTTP date. `now` places the two-digit years of RFC 850.
[[nodiscard]] std::optional<wall_time> parse_http_date(std::string_view text, wall_time now);

}  // namespace reaper
