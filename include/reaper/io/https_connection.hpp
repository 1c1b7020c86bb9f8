#pragma once
// One connection to the API: the only client of TLS in the program. It carries bytes and knows no
// HTTP. Everything happens on one single-threaded io_context, and events come only from its
// handlers: never from inside a call into the connection.

#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
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

struct connection_target
{
    std::string host{};  // a name, or an address (IPv6 with or without brackets)
    std::uint16_t port = 443;
    bool tls = true;

    // For all of it: resolving, connecting, the TLS handshake. Each address of the host gets an
    // equal share of what is left, so that one that swallows packets does not use up the time of
    // the next.
    duration connect_timeout = std::chrono::seconds(10);

    std::size_t read_buffer_bytes = 128 * 1024;
};

// Either connect_failed() comes, once; or connected(), then received() and written() in any number,
// then at most one closed(). Nothing comes after connect_failed() or closed(). Sentences are for
// people. An event may call any function of the connection, and may destroy it.
class connection_events
{
public:
    virtual void connected() = 0;
    virtual void connect_failed(std::string sentence) = 0;

    // All that has arrived, as far as the buffer holds it. The bytes live until the event returns.
    virtual void received(std::string_view bytes) = 0;

    // The kernel has all bytes of the last write().
    virtual void written() = 0;

    // The connection is gone, and everything that had arrived was handed over before. `clean_eof`
    // is true if the peer said that it was done (with TLS: close_notify), so that what it sent last
    // is complete.
    virtual void closed(std::string sentence, bool clean_eof) = 0;

protected:
    ~connection_events() = default;
};

class https_connection
{
public:
    // `context` may be null only if the target is without TLS. `events` must live until shut().
    https_connection(
        boost::asio::any_io_executor executor,
        std::shared_ptr<tls_context> context,
        connection_target target,
        connection_events& events
    );
    ~https_connection();  // as shut()

    https_connection(const https_connection&) = delete;
    https_connection& operator=(const https_connection&) = delete;

    // Resolves the name, afresh each time, and tries every address. Once per object.
    void open();

    // Bytes are copied. Only after connected(), and not before the written() of the write before.
    // If the peer is gone, closed() follows instead of written(), after what it had still sent.
    void write(std::string_view bytes);

    // Closes without waiting. No event comes any more.
    void shut();

private:
    class state;
    std::shared_ptr<state> state_;  // outlives this object until its handlers have run
};

}  // namespace reaper
