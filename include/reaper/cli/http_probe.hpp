#pragma once
// One request on a connection of its own, and its answer: for the commands that call the API
// themselves.

#include "reaper/base/result.hpp"
#include "reaper/io/https_connection.hpp"
#include "reaper/model/answer.hpp"

#include <memory>
#include <string>

namespace reaper {

// Blocks until the answer is there, the connection fails, or `timeout` has passed since it was
// opened. A fault says what went wrong and never quotes the request, which holds keys. `now` turns
// a date in Retry-After into a wait.
[[nodiscard]] result<answer> request_once(
    connection_target target,
    std::shared_ptr<tls_context> tls,
    const std::string& request,
    duration timeout,
    wall_time now
);

}  // namespace reaper
