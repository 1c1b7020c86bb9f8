#pragma once
// What kind of world a run takes place in: plain data, all of it drawn from the seed or set by a
// test. What is 0 or empty does not happen, so a shape as it is made is a quiet, fast world without
// a limit.

#include "random_source.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace reaper::test {

using namespace std::chrono_literals;

enum class limiter_shape : std::uint8_t
{
    none,
    fixed_window,  // rate x window requests in each window
    sliding_log,   // rate x window requests in any span of a window's length
    token_bucket,  // `burst` seconds of work at once
    gcra,          // 30 ms of work at once, but at least two requests
};

struct limit_shape
{
    limiter_shape kind = limiter_shape::none;
    double rate_per_s = 100.0;
    duration window = 1s;          // fixed_window, sliding_log
    duration phase{};              // fixed_window: how long before the start one began
    duration burst = 1s;           // token_bucket
    bool counts_refused = false;   // sliding_log: refused requests use up the limit too
    bool bans = false;             // a request within 5 s of a 429 is answered 429, and so on
    double says_retry_after = 0;   // of the 429s, and of the 503s
    unsigned retry_after_max = 8;  // seconds; more often than not far less
};

// Another client on the same key. It is never seen but by what it does to the limit and to ours.
struct rival_shape
{
    double share = 0;    // of the limit that it asks for
    duration spell{};    // it is active and idle in turns of this length; 0: always active
    double removes = 0;  // of its requests: this many delete a campaign of ours
};

// What may become of one request.
enum class mishap : std::uint8_t
{
    server_error,   // 500, 502, 504
    maintenance,    // 503 with code 2: nothing was done
    timed_out,      // 408
    misuse,         // 403
    malformed,      // 400
    unauthorised,   // 401
    redirected,     // 3xx
    throttled,      // 429 out of the blue
    truncated,      // the connection ends inside the answer, as if that were all
    garbage,        // no HTTP
    stalled,        // nothing comes on this connection any more
    slow,           // the answer takes up to 45 s
    reset_before,   // the connection goes down instead of an answer
    reset_inside,   // ... inside of it
    reset_after,    // ... right after it
    surplus_bytes,  // something comes behind the answer while nothing is owed
    said_twice,     // the answer comes again while nothing is owed
    count_,
};

// How an answer may be written; several at once.
enum class manner : std::uint8_t
{
    interim,  // 1xx before it
    chunked,
    close_delimited,
    says_close,
    doubled_fields,
    odd_reason,
    html,
    tells_key,  // an error's message repeats the keys
    big,        // a body of tens of kilobytes
    http_1_0,   // as the error pages of old balancers: the end follows
    count_,
};

template <typename Kind>
struct odds
{
    std::array<double, static_cast<std::size_t>(Kind::count_)> of{};

    double& operator[](Kind kind) { return of[static_cast<std::size_t>(kind)]; }

    double operator[](Kind kind) const { return of[static_cast<std::size_t>(kind)]; }
};

// A time of the same trouble for everybody, counted from the start of the world.
enum class outage : std::uint8_t
{
    maintenance,  // 503 for everything
    failing,      // 500 for everything
    refusing,     // no connection is accepted
    black_hole,   // no packet arrives: those that were sent arrive afterwards
    wrong_route,  // 404 for everything
    locked_out,   // 401 for everything
};

struct outage_spell
{
    outage kind = outage::maintenance;
    duration from{};
    duration upto{};
};

struct network_shape
{
    duration latency = 10ms;  // one way, at least
    duration jitter{};        // on top, for each piece
    double loses_piece = 0;   // it arrives 200 ms to 3 s late, and holds up what follows
    double splits = 0;        // a write, or an answer, travels in several pieces

    double connect_fails = 0;  // refused, unresolved, no TLS
    double connect_hangs = 0;  // until the time-out of the connection

    duration written_delay{};        // at most, until the kernel has all of a write
    duration read_lag{};             // at most, until what has arrived is read: pieces meet
    std::size_t read_bytes_max = 0;  // at once; 0: all

    unsigned requests_max = 0;      // on one connection; 0: no end
    bool announces_last = false;    // Connection: close in the last answer
    duration idle_max{};            // then the server closes; 0: never
    double ends_at_once = 0;        // the server closes before the first request
    double ends_rudely = 0;         // of the ends: a reset
    double ends_unclean = 0;        // of the ends: no goodbye, so that the last bytes are in doubt
    double reset_loses_unread = 0;  // of the resets: what has arrived and was not read is lost
    double served_unheard = 0;      // of the requests that a server no longer answers: are done
};

struct world_shape
{
    limit_shape limit;
    rival_shape rival;
    odds<mishap> mishaps;
    odds<manner> manners;
    std::vector<outage_spell> spells;
    network_shape network;
    duration think = 5ms;       // the API's own time for a request, at most
    double unknown_tokens = 0;  // of a job's tokens: no campaign has them
    bool wrong_keys = false;    // the daemon starts with keys that are no longer valid

    // From then on the mishaps, the spells and the rival are over, so that a run comes to its end.
    // Latency, the limit and the server's ways of closing stay.
    duration calm_after{};

    [[nodiscard]] bool has_limit() const { return limit.kind != limiter_shape::none; }
};

// A whole class of worlds for each seed: in most of them most things work, in some a single thing
// is broken badly, in a few everything is.
[[nodiscard]] world_shape random_shape(random_source& random);

// For the message of a failed run: what is not as in a quiet world.
[[nodiscard]] std::string describe(const world_shape& shape);

}  // namespace reaper::test
