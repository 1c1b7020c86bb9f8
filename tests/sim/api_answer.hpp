#pragma once
// What the modelled API says to one request, as bytes, and what then becomes of the connection.

#include "world_shape.hpp"

#include <string>
#include <string_view>

namespace reaper::test {

struct api_answer
{
    enum class ending
    {
        keep,
        close,
        reset,
        stall,  // nothing comes any more, and nobody closes
    };

    int status = 0;       // 0: there is none that a client can read
    std::string bytes{};  // may be empty
    ending then = ending::keep;
    duration think{};  // before the first byte leaves

    bool whole = true;           // false: the bytes end inside the answer
    bool needs_end = false;      // complete only when the server says that it is done
    bool announces_end = false;  // Connection: close
    bool spoils = false;         // having read it, a client has to close the connection

    // Comes behind the answer, if nothing else is owed by then: with an answer owed, it would be
    // that answer for every client (SPEC P2 names the case). Spoils the connection.
    std::string surplus{};
};

// What an answer says, before it is written.
struct answer_text
{
    int status = 200;
    int code = 0;  // of an error
    unsigned retry_after = 0;
    std::string_view odd_retry_after{};  // instead: not a number of seconds above 0
    std::string_view secrets{};          // for a message that repeats them
    bool is_last = false;                // announces the end of the connection
};

// Writes it in one of the ways that `manners` allows.
[[nodiscard]] api_answer write_answer(
    const answer_text& text, const odds<manner>& manners, random_source& random
);

// Bytes that no client can take for an answer, however many come: status 0, spoils.
[[nodiscard]] api_answer write_garbage(random_source& random);

// How many kinds of it there are, and each: for the test that no client takes them.
[[nodiscard]] std::size_t garbage_kinds();
[[nodiscard]] std::string garbage(std::size_t kind);

}  // namespace reaper::test
