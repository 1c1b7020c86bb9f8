#pragma once
// One line of results.jsonl, as a value (SPEC 5). core/journal_codec knows its bytes.

#include "reaper/base/time.hpp"
#include "reaper/model/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

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

// The same, of texts that lie elsewhere: what is written for every token costs no allocation.
struct record_view
{
    wall_time ts{};
    std::uint64_t n = 0;
    std::uint64_t line = 0;
    std::string_view token;
    outcome result = outcome::deleted;
    int status = 0;
    std::string_view code;
    std::string_view message;
    unsigned attempts = 0;
    double milliseconds = -1;

    record_view() = default;

    explicit record_view(const result_record& of)
        : ts(of.ts),
          n(of.n),
          line(of.line),
          token(of.token),
          result(of.result),
          status(of.status),
          code(of.code),
          message(of.message),
          attempts(of.attempts),
          milliseconds(of.milliseconds)
    {
    }
};

}  // namespace reaper
