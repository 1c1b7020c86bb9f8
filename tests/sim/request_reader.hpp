#pragma once
// The requests of the daemon, read by somebody who did not write them: exactly the form that the
// API's documentation has for a deletion (kind `campaigns`), and nothing that an HTTP server would
// merely put up with. Shares no code with the daemon.

#include <cstddef>
#include <string>
#include <string_view>

namespace reaper::test {

// Views into the bytes that were read.
struct deletion
{
    std::string_view api_key{};
    std::string_view rest_key{};
    std::string_view token{};
    std::size_t bytes = 0;        // how long the request is
    const char* wrong = nullptr;  // a sentence, if this is no such request; the rest is then void
};

// The first request of `bytes`, which has to be there as a whole. `host` is what the Host field
// must say.
[[nodiscard]] deletion read_deletion(std::string_view bytes, std::string_view host);

}  // namespace reaper::test
