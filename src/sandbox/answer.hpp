#pragma once
// Answers, and the ways in which they can be put into bytes.

#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

struct answer
{
    int status = 200;
    std::string body = "{}";
    std::string_view content_type = "application/json";
    std::optional<unsigned> retry_after_s{};
    std::string location{};
};

// The error body of the API: {"code": ..., "message": "..."}.
[[nodiscard]] answer make_error(int status, int code, std::string_view message);

// Departures from the plain form, all of which HTTP allows and a client must take.
struct answer_form
{
    bool close = false;            // says `Connection: close`
    bool chunked = false;          // the body in chunks
    bool close_delimited = false;  // no length: the end of the stream ends it
    bool informational = false;    // 100 and 103 go ahead
    bool odd_headers = false;      // an odd reason phrase, two Content-Type
};

// Appends the answer. Returns the size of its head, blank line included.
std::size_t append_answer(std::string& out, const answer& content, const answer_form& form);

}  // namespace sandbox
