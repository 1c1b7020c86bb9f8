#pragma once
// One connection of an account, as the engine sees it.

#include "reaper/core/pipeline.hpp"
#include "reaper/core/reply_parser.hpp"
#include "reaper/core/scheduler.hpp"
#include "reaper/engine/pending_token.hpp"
#include "reaper/engine/ports.hpp"

#include <cstdint>
#include <string>

namespace reaper {

struct account;
struct limit;

// A server that closes for the number of its answers does so at once; later it is for idleness.
inline constexpr duration link_linger = std::chrono::seconds(1);

// A request in flight: whose token it is, and what its answer decides beside the token.
struct flight
{
    job_key job = 0;
    pending_token token;
    bool canary = false;  // of the limit, after a silence
    bool probe = false;   // of the account, while it is in trouble
};

struct link
{
    enum class phase : std::uint8_t
    {
        opening,
        up,
        draining,  // sends nothing more, closes when everything is answered and it has lingered
    };

    link_id id = 0;
    account* owner = nullptr;
    limit* under = nullptr;  // when it was opened: a reload may give the account another one
    phase is = phase::opening;
    pipeline<flight> fifo;
    reply_parser parser;
    bool writable = false;  // no write is under way
    bool awaited = false;   // a turn would have filled it, had it been writable
    bool staged = false;    // something was sent and not flushed
    bool proven = false;    // a clean reply came: may pipeline (RFC 9112 9.3.2)
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    mono_time opened_at{};
    mono_time used_at{};  // last send or answer
    // It has had all the answers that a server is thought to give on one connection: it stays open
    // until then, to see whether the server closes it.
    mono_time lingers_until{};
};

}  // namespace reaper
