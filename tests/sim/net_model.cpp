#include "net_model.hpp"

#include "net_wire.hpp"

namespace reaper::test {

net_model::net_model(event_queue& clock, api_model& api, random_source random)
    : ground_{.clock = clock, .api = api, .random = random}
{
}

net_model::~net_model() = default;

std::unique_ptr<connection> net_model::make(
    std::shared_ptr<tls_context> /*context*/, connection_target target, connection_events& events
)
{
    return std::make_unique<net_connection>(*this, events, target);
}

void net_model::process_died()
{
    for (const auto& each : wires_)
        each->leave();
    ground_.api.process_died();
}

net_wire& net_model::add_wire(connection_events& events, duration connect_timeout)
{
    wires_.push_back(std::make_unique<net_wire>(ground_, wires_.size() + 1, events, connect_timeout)
    );
    return *wires_.back();
}

net_connection::net_connection(
    net_model& net, connection_events& events, const connection_target& target
)
    : wire_(net.add_wire(events, target.connect_timeout))
{
}

net_connection::~net_connection()
{
    shut();
}

void net_connection::open()
{
    wire_.open();
}

void net_connection::write(std::string_view bytes)
{
    wire_.write(bytes);
}

void net_connection::shut()
{
    wire_.leave();
}

}  // namespace reaper::test
