#pragma once
// What a sandbox server can be told: plain values, filled by main.cpp from the command line and by
// tests directly. docs/sandbox.md explains them to users.

#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

using reaper::duration;
using reaper::fault;
using reaper::mono_time;
using reaper::result;

// Made-up keys of the looks that real ones mostly have. They open nothing but a sandbox.
inline constexpr std::string_view default_api_key = "5A4DB0C0FFEE5A4DB0C0FFEE5A4DB0";
inline constexpr std::string_view default_rest_key = "5a4db0c0ffee5a4db0c0ffee5a4db0c0";

enum class limit_shape : std::uint8_t
{
    fixed,    // windows that follow each other; a count starts afresh with each
    sliding,  // never more than rate x window in any stretch as long as the window
    bucket,   // token bucket that starts full
    leaky,    // spacing of 1/rate with 30 ms of tolerance (GCRA)
};

struct limit_options
{
    double rate_per_s = 10;
    limit_shape shape = limit_shape::fixed;
    duration window = std::chrono::seconds(1);  // of fixed and sliding
    double burst = 1;                           // of bucket, in requests
    bool ban = false;  // a request within `ban_for` of a 429 is refused and extends the ban
    duration ban_for = std::chrono::seconds(5);
};

// "fixed", "sliding", "leaky" or "bucket:BURST", written into `limit`.
[[nodiscard]] result<void> parse_limit_shape(std::string_view text, limit_options& limit);

enum class fault_kind : std::uint8_t
{
    reset,            // connection reset, request not executed
    reset_after,      // executed, connection reset, no answer
    truncate,         // executed, a part of the answer, then the end of the stream
    stall,            // executed or not; this connection never answers again
    error_500,        // not executed
    error_500_after,  // executed, and yet answered 500
    error_503,        // maintenance, not executed
    error_429,
    error_400,
    error_401,
    error_403,
    error_408,        // not executed, and the connection is closed
    garbage,          // executed, bytes that are no HTTP
    surplus,          // executed, answered, and one answer more that nobody asked for
    surplus_bytes,    // executed, answered, and stray bytes behind it
    redirect,         // not executed, 302 to another host
    no_json,          // not executed, 500 with an HTML body
    chunked,          // the true answer, chunked
    close_delimited,  // the true answer without a length; its end is the end of the stream
    informational,    // 100 and 103 before the true answer
    dup_headers,      // the true answer with an odd reason and two Content-Type
    no_content,       // 204 instead of 200
    slow,             // the true answer, one byte at a time
    half_close,       // the true answer, then the sending side is shut and input ignored
    echo,             // not executed, 400 whose message holds both keys: nobody may record them
};

[[nodiscard]] std::string_view to_string(fault_kind kind);

struct fault_rule
{
    fault_kind kind = fault_kind::reset;
    double probability = 0;
};

// "KIND:PROBABILITY", as in "reset:0.01".
[[nodiscard]] result<fault_rule> parse_fault_rule(std::string_view text);

// At most one fault strikes a request: the probabilities must sum to 1 or less.
struct fault_options
{
    std::vector<fault_rule> rules;
    std::uint64_t after = 0;                                          // requests spared at first
    std::uint64_t count = std::numeric_limits<std::uint64_t>::max();  // faults in all
};

// Which campaigns exist at the start: `any` well-formed token, `generated` ones (tokens.hpp), or
// those that `file` lists.
struct campaign_options
{
    enum class source : std::uint8_t
    {
        any,
        generated,
        file,
    };

    source from = source::any;
    std::uint64_t count = 0;
    std::string file;
};

// "any", a number, or the name of a file with one token per line.
[[nodiscard]] campaign_options parse_campaigns(std::string_view text);

struct server_options
{
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;          // 0: the system chooses
    bool plain = false;              // HTTP without TLS
    std::vector<std::string> names;  // further names and addresses for the certificate
    std::string api_key{default_api_key};
    std::string rest_key{default_rest_key};
    std::string only_kind;  // empty: `campaigns` and `in-app-campaigns`
    campaign_options campaigns;
    std::optional<limit_options> limit;
    std::optional<unsigned> retry_after_s;          // header of a 429
    duration latency{};                             // from request to answer
    duration jitter{};                              // added to the latency, evenly distributed
    std::uint64_t max_requests_per_connection = 0;  // 0: no end
    bool close_silently = false;                    // the last answer does not say that it is
    fault_options faults;
    std::uint64_t seed = 1;
    std::string ledger_file;        // empty: none
    bool ledger_in_memory = false;  // for tests
};

// Says what cannot be, in one sentence.
[[nodiscard]] result<void> validate(const server_options& options);

}  // namespace sandbox
