#pragma once
// What an answer means: the table of SPEC 6. The HTTP status alone decides; code and message are
// for the record.

#include "reaper/model/answer.hpp"

#include <cstdint>
#include <string_view>

namespace reaper {

enum class verdict : std::uint8_t
{
    deleted,      // any 2xx
    throttled,    // 429: the gate shuts
    gone,         // 404: already gone or not found, which the token's past decides
    blocked,      // 401: the account's key is refused
    misuse,       // 403: refused, and five in a row hold the job
    refused,      // any other 4xx
    maintenance,  // 503: the account pauses
    unclear,      // 408, any other 5xx: the request's fate is unknown
    broken,  // 1xx, 3xx or no status at all: the connection is closed, all in flight is unknown
};

[[nodiscard]] verdict judge(const answer& given);

[[nodiscard]] std::string_view to_string(verdict value);

}  // namespace reaper
