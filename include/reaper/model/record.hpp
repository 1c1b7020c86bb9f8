#pragma once
// One line of results.jsonl, as a value (SPEC 5). core/journal_codec knows its bytes.

#include "reaper/base/time.hpp"
#include "reaper/model/outcome.hpp"

#include <cstdint>
#include <string>

namespace reaper {

struct result_record
{
    wall_time ts{};
    std::uint64_t n = 0;  // ordinal of the token in the job, from 1, invalid and duplicate ones too
    std::uint64_t line = 0;  // physical line, or element of a JSON array, from 1
    std::string token;       // empty for `invalid`: it may be a pasted key
    outcome result = outcome::deleted;
    int status = 0;            // HTTP status, 0 if no request was answered
    std::string code;          // the API's error code as it came ("31"), or empty
    std::string message;       // redacted, escaped, cut at 200 bytes; or empty
    unsigned attempts = 0;     // requests that were sent for it since the last crash
    double milliseconds = -1;  // from send to answer of the last request; -1 if none

    friend bool operator==(const result_record&, const result_record&) = default;
};

}  // namespace reaper
