#pragma once
// Requests to the sandbox and what its answers say, for tests of the server.

#include "sandbox/tokens.hpp"
#include "support/raw_client.hpp"
#include "support/sandbox_server.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace reaper::test {

inline sandbox::server_options plain_options()
{
    sandbox::server_options options;
    options.plain = true;
    return options;
}

inline std::string token_number(int number)
{
    return sandbox::format_token({0, static_cast<std::uint64_t>(number)});
}

inline std::string call(
    const std::string& method_and_rest, std::string_view rest_key = sandbox::default_rest_key
)
{
    return method_and_rest +
           " HTTP/1.1\r\nHost: localhost\r\nX-Authorization: " + std::string(rest_key) +
           "\r\nContent-Length: 0\r\n\r\n";
}

inline std::string path(const std::string& rest)
{
    return "/1.1/" + std::string(sandbox::default_api_key) + rest;
}

inline std::string remove_call(int number)
{
    return call("POST " + path("/campaigns/delete/" + token_number(number)));
}

inline int status_of(const std::string& answer)
{
    return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

inline std::string body_of(const std::string& answer)
{
    return answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size()));
}

// The answer to one request on a connection of its own.
inline std::string ask(sandbox_server& server, const std::string& request)
{
    raw_client client(server.port());
    client.send(request);
    return client.read_answer();
}

}  // namespace reaper::test
