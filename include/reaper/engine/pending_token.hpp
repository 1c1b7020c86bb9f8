#pragma once
// A token that has been taken from its job and has no outcome yet.

#include "reaper/base/time.hpp"
#include "reaper/model/outcome.hpp"
#include "reaper/model/token.hpp"

#include <cstdint>
#include <string_view>

namespace reaper {

struct pending_token
{
    std::uint64_t n = 0;
    std::uint64_t line = 0;
    token_text token;
    unsigned attempts = 0;      // requests that count as sent
    unsigned charged = 0;       // of these, unclear ones that it has to answer for
    bool fate_unknown = false;  // an earlier request may have deleted it
};

// How a token ended, beside its name. Its texts lie elsewhere.
struct verdict_note
{
    outcome result = outcome::deleted;
    int status = 0;
    std::string_view code{};
    std::string_view message{};  // presentable
    double milliseconds = -1;
};

}  // namespace reaper
