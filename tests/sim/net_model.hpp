#pragma once
// A modelled network in virtual time: what a connection of the daemon (https_connection) does as
// its user sees it, with a modelled server at the other end. The contract is connection_events',
// to the letter; what a user of a connection must not do is a violation in the API's truth.

#include "api_model.hpp"
#include "event_queue.hpp"
#include "reaper/io/connection.hpp"
#include "trace_hash.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace reaper::test {

class net_wire;

// What all connections share.
struct net_ground
{
    event_queue& clock;
    api_model& api;
    random_source random;
    trace_hash trace{};

    [[nodiscard]] const network_shape& shape() const { return api.shape().network; }

    // A mishap happens, which none does when the world is calm.
    [[nodiscard]] bool mishap_chance(double probability)
    {
        return !api.is_calm() && random.chance(probability);
    }

    // When a piece that leaves then arrives at the other end.
    [[nodiscard]] mono_time arrival(mono_time leaving);
};

// Must outlive its connections, and the events that it has put into the queue.
class net_model final : public connector
{
public:
    net_model(event_queue& clock, api_model& api, random_source random);
    ~net_model() override;

    net_model(const net_model&) = delete;
    net_model& operator=(const net_model&) = delete;

    // The context is not looked at: there is no TLS.
    [[nodiscard]] std::unique_ptr<connection> make(
        std::shared_ptr<tls_context> context, connection_target target, connection_events& events
    ) override;

    // The daemon is gone without a word (kill -9): no event comes to any of its connections, whose
    // objects may be destroyed before or after. What it had written may still go out, in part.
    void process_died();

    // Two runs of the same seed have the same.
    [[nodiscard]] std::uint64_t trace() const { return ground_.trace.value(); }

    // Connections that were ever opened.
    [[nodiscard]] std::size_t connections() const { return wires_.size(); }

private:
    friend class net_connection;

    net_wire& add_wire(connection_events& events, duration connect_timeout);

    net_ground ground_;
    std::vector<std::unique_ptr<net_wire>> wires_;  // those that are over as well: events know them
};

// The daemon's end.
class net_connection final : public connection
{
public:
    // `events` must live until shut().
    net_connection(net_model& net, connection_events& events, const connection_target& target);
    ~net_connection() override;

    void open() override;
    void write(std::string_view bytes) override;
    void shut() override;

private:
    net_wire& wire_;
};

}  // namespace reaper::test
