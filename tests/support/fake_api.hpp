#pragma once
// What the modelled API does with one request: what a test scripts.

#include "reaper/base/time.hpp"
#include "reaper/engine/ports.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace reaper::test {

struct api_request
{
    link_id link = 0;
    std::string account;
    std::string token;
    std::uint64_t ordinal = 0;  // on its connection, from 1
    std::uint64_t number = 0;   // of all, from 1
    unsigned times = 0;         // of this token, from 1
    bool exists = false;        // the campaign is there
    mono_time at{};
};

struct api_reply
{
    enum class end
    {
        keep,
        close,  // after the answer, if there is one; what was sent behind it is not looked at
        reset,
    };

    int status = 200;  // 0: no answer
    std::string body = "{}";
    std::string fields{};  // header lines, each with its line end
    std::string raw{};     // sent instead of an answer made of the above
    end then = end::keep;  // a request without answer or end stalls its connection
    duration delay = std::chrono::milliseconds(40);
    bool removes = false;  // the campaign is gone whatever the answer; a 2xx always removes

    // The bytes that come.
    [[nodiscard]] std::string bytes() const
    {
        if (!raw.empty() || status == 0)
            return raw;
        return "HTTP/1.1 " + std::to_string(status) + " Said\r\n" + fields +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
};

using api_script = std::function<api_reply(const api_request&)>;

// The API as its documentation has it: 200 for a campaign that is there, 404 for any other token.
inline api_reply honest(const api_request& asked)
{
    return asked.exists
               ? api_reply{}
               : api_reply{.status = 404, .body = R"({"code":20,"message":"ROUTE_NOT_FOUND"})"};
}

inline api_reply says(int status)
{
    return {.status = status, .body = R"({"code":7,"message":"SCRIPTED"})"};
}

// The connection goes down instead of an answer.
inline api_reply cut(bool removes = false)
{
    return {.status = 0, .then = api_reply::end::reset, .removes = removes};
}

// No answer ever comes on this connection again.
inline api_reply stall(bool removes = false)
{
    return {.status = 0, .removes = removes};
}

}  // namespace reaper::test
