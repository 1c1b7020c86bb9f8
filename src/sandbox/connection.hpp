#pragma once
// One connection: reads what there is, answers every request in it, writes all answers at once, and
// ends as the answers ask. It lives as long as a handler of its own, or the server, holds it.

#include "sandbox/ledger.hpp"
#include "sandbox/options.hpp"
#include "sandbox/outbox.hpp"
#include "sandbox/request_parser.hpp"
#include "sandbox/responder.hpp"
#include "sandbox/transport.hpp"

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sandbox {

// What the connections of a server share; it outlives them.
struct connection_context
{
    const server_options& options;
    responder& answers;
    ledger& log;
    std::function<void(std::uint64_t)> on_closed;  // with the connection's number
};

class connection : public std::enable_shared_from_this<connection>
{
public:
    connection(connection_context& context, transport link, std::uint64_t number);

    void start() { pump(); }

    // Closes at once; answers that are owed are recorded as never given.
    void close();

private:
    // Does all that can be done now, then waits for the next event. Every handler calls it.
    void pump();
    [[nodiscard]] bool shake_hands();
    // These return false when there is nothing more to do for now.
    [[nodiscard]] bool read_some();
    [[nodiscard]] bool write_some();

    void answer_requests();
    void answer_one(const request& from, mono_time now);
    void refuse_protocol(parse_state state, mono_time now);
    void settle(mono_time now);
    void apply(aftermath then);
    [[nodiscard]] mono_time due_of(mono_time now);

    void wait_as(io_state state);
    void wait_readable();
    void wait_writable();
    void wait_until(mono_time time);

    connection_context& context_;
    transport link_;
    std::uint64_t number_;
    boost::asio::steady_timer timer_;
    request_parser parser_;
    std::string input_;  // bytes of requests that are not complete yet
    outbox outbox_;
    std::uint64_t requests_ = 0;
    bool established_ = false;  // the TLS handshake is done
    bool deaf_ = false;         // what comes in is dropped
    bool input_ended_ = false;  // the peer sends no more
    bool closed_ = false;
    bool waiting_read_ = false;
    bool waiting_write_ = false;
    mono_time timer_at_ = reaper::mono_never;
    std::optional<mono_time> close_at_;  // lingering ends then
};

}  // namespace sandbox
