#pragma once
// What every test of a connection begins with: an authority, a context that trusts it, and a peer.

#include "reaper/io/https_connection.hpp"
#include "support/connection_recorder.hpp"
#include "support/temp_dir.hpp"
#include "support/tls_peer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace reaper::test {

class tls_bench : public ::testing::Test
{
protected:
    tls_bench()
    {
        put_content(dir / "ca.pem", authority.pem());
        auto made = make_tls_context(dir / "ca.pem");
        EXPECT_TRUE(made) << made.error().sentence;
        context = *made;
    }

    // A script on a secure connection.
    [[nodiscard]] tls_peer secure_peer(tls_peer::script play) const
    {
        return tls_peer(authority.issue(), [play](peer_stream& stream) {
            if (stream.handshake())
                play(stream);
        });
    }

    void connect_to(const tls_peer& peer, const std::string& host = "localhost")
    {
        client.open(context, {.host = host, .port = peer.port()});
    }

    bool connected_to(const tls_peer& peer)
    {
        connect_to(peer);
        client.run_until([&] { return client.is_connected || client.connect_failure; });
        EXPECT_TRUE(client.is_connected) << client.connect_failure.value_or("");
        return client.is_connected;
    }

    temp_dir dir;
    test_authority authority;
    std::shared_ptr<tls_context> context;
    connection_recorder client;
};

}  // namespace reaper::test
