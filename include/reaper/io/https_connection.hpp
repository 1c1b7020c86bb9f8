#pragma once
// One connection to the API: the only client of TLS in the program. It carries bytes and knows no
// HTTP. Everything happens on one single-threaded io_context, and events come only from its
// handlers: never from inside a call into the connection.

#include "reaper/base/result.hpp"
#include "reaper/io/connection.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace reaper {

// What connections to one endpoint share: the trusted authorities, and the rules of SPEC 8 (TLS >=
// 1.2, certificate and host name always verified).
class tls_context;

// `ca_file` is a PEM file of the authorities to trust; empty means the system's. The file is read
// now: make a new context when it has changed, connections that are open keep theirs.
[[nodiscard]] result<std::shared_ptr<tls_context>> make_tls_context(const std::string& ca_file);

class https_connection final : public connection
{
public:
    // `context` may be null only if the target is without TLS. `events` must live until shut().
    https_connection(
        boost::asio::any_io_executor executor,
        std::shared_ptr<tls_context> context,
        connection_target target,
        connection_events& events
    );
    ~https_connection() override;  // as shut()

    void open() override;
    void write(std::string_view bytes) override;
    void shut() override;

private:
    class state;
    std::shared_ptr<state> state_;  // outlives this object until its handlers have run
};

}  // namespace reaper
