#pragma once
// From a request to the bytes of its answer: asks the API's rules, lets faults strike, and says
// what becomes of the connection. No sockets.

#include "sandbox/api.hpp"
#include "sandbox/fault_source.hpp"
#include "sandbox/ledger.hpp"
#include "sandbox/options.hpp"
#include "sandbox/request_parser.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sandbox {

// What becomes of the connection once the answer is out. After anything but `serve` no further
// request of the connection is read.
enum class aftermath : std::uint8_t
{
    serve,
    finish,      // orderly end
    half_close,  // the sending side is shut, the connection stays
    reset,
    stall,  // nothing is ever sent again
};

struct handling
{
    ledger_entry entry;  // times, connection and ordinal are for the caller to fill in
    aftermath then = aftermath::serve;
    bool has_answer = true;
    bool slow = false;  // to be sent one byte at a time
};

class responder
{
public:
    responder(const server_options& options, std::unique_ptr<campaign_store> campaigns);

    // Appends the bytes to send, if any, to `out`. `is_last` says that the connection has had as
    // many requests as it may.
    [[nodiscard]] handling handle(
        const request& from, mono_time now, bool is_last, std::string& out
    );

    // The answer to what is no request that this server reads; the connection ends with it.
    static void append_protocol_error(std::string& out, parse_state state);

    [[nodiscard]] api& rules() { return api_; }

    [[nodiscard]] fault_source& faults() { return faults_; }

private:
    [[nodiscard]] api_reply perform_struck(
        fault_kind kind, const api_call& call, const request& from, mono_time now
    );
    void compose(
        std::optional<fault_kind> kind,
        const answer& content,
        answer_form form,
        handling& done,
        std::string& out
    );
    void spoil(
        fault_kind kind, std::size_t start, std::size_t head_bytes, handling& done, std::string& out
    );

    api api_;
    fault_source faults_;
    std::string both_keys_;  // what the `echo` fault tells
    bool close_silently_;
};

}  // namespace sandbox
