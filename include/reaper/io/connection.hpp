#pragma once
// A connection to the API, as whoever uses one sees it: bytes out, bytes in, and how it ended. The
// daemon's are TLS connections on its event loop (https_connection.hpp), a simulation's are models.

#include "reaper/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace reaper {

// What connections to one endpoint share (https_connection.hpp).
class tls_context;

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

class connection
{
public:
    virtual ~connection() = default;  // as shut()

    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // Resolves the name, afresh each time, and tries every address. Once per object.
    virtual void open() = 0;

    // Bytes are copied. Only after connected(), and not before the written() of the write before.
    // If the peer is gone, closed() follows instead of written(), after what it had still sent.
    virtual void write(std::string_view bytes) = 0;

    // Closes without waiting. No event comes any more.
    virtual void shut() = 0;

protected:
    connection() = default;
};

// Makes connections. No event of one comes before open() has returned.
class connector
{
public:
    virtual ~connector() = default;

    // `context` may be null only if the target is without TLS. `events` must live until shut().
    [[nodiscard]] virtual std::unique_ptr<connection> make(
        std::shared_ptr<tls_context> context, connection_target target, connection_events& events
    ) = 0;
};

}  // namespace reaper
