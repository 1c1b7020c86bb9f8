// Becoming connected: names, addresses, trust, time.

#include "reaper/io/https_connection.hpp"

#include "support/tls_bench.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace reaper {
namespace {

using namespace std::chrono_literals;
using namespace test;

class HttpsConnection : public tls_bench
{
protected:
    // The sentence of a connection that must fail.
    std::string failure_of(const tls_peer& peer, const std::string& host = "localhost")
    {
        connect_to(peer, host);
        EXPECT_TRUE(client.run_until_ended());
        EXPECT_FALSE(client.is_connected);
        return client.connect_failure.value_or("");
    }
};

void wait_for_end(peer_stream& stream)
{
    while (!stream.read_some().empty()) {
    }
}

TEST_F(HttpsConnection, ConnectsAndCarriesBytesBothWays)
{
    std::string seen, name, version;
    {
        const tls_peer peer = secure_peer([&](peer_stream& stream) {
            name = stream.server_name();
            version = stream.tls_version();
            seen = stream.read_exactly(5);
            stream.write("world");
            wait_for_end(stream);
        });
        ASSERT_TRUE(connected_to(peer));
        client.write("hello");
        ASSERT_TRUE(client.run_until([&] { return client.received_bytes.size() == 5; }));
        EXPECT_EQ(client.received_bytes, "world");
        EXPECT_EQ(client.written_calls, 1);
        client.shut();
    }
    EXPECT_EQ(seen, "hello");
    EXPECT_EQ(name, "localhost") << "the name is sent ahead (SNI)";
    EXPECT_EQ(version, "TLSv1.3");
}

TEST_F(HttpsConnection, SpeaksTls12WhereThePeerKnowsNoBetter)
{
    const tls_peer peer(
        authority.issue(),
        [](peer_stream& stream) {
            if (stream.handshake())
                stream.write(stream.tls_version());
            wait_for_end(stream);
        },
        TLS1_2_VERSION
    );
    ASSERT_TRUE(connected_to(peer));
    ASSERT_TRUE(client.run_until([&] { return !client.received_bytes.empty(); }));
    EXPECT_EQ(client.received_bytes, "TLSv1.2");
}

TEST_F(HttpsConnection, RefusesAnythingOlder)
{
    const tls_peer peer(
        authority.issue(), [](peer_stream& stream) { stream.handshake(); }, TLS1_1_VERSION
    );
    EXPECT_TRUE(failure_of(peer).starts_with("TLS with localhost failed: "));
}

TEST_F(HttpsConnection, VerifiesAnAddressAsAnAddress)
{
    std::string name = "none yet";
    {
        const tls_peer peer = secure_peer([&](peer_stream& stream) {
            name = stream.server_name();
            wait_for_end(stream);
        });
        connect_to(peer, "127.0.0.1");
        ASSERT_TRUE(client.run_until([&] { return client.is_connected; }));
        client.shut();
    }
    EXPECT_EQ(name, "") << "an address is no server name";
}

TEST_F(HttpsConnection, RefusesAnUnknownAuthority)
{
    const tls_peer peer(test_authority("Another Authority").issue(), [](peer_stream& stream) {
        stream.handshake();
    });
    const std::string sentence = failure_of(peer);
    EXPECT_TRUE(sentence.starts_with("the certificate of localhost is not trusted: ")) << sentence;
    EXPECT_TRUE(sentence.ends_with("; set ca_file to the authority that signed it")) << sentence;
}

TEST_F(HttpsConnection, RefusesAnAuthorityThatOnlyHasTheNameOfATrustedOne)
{
    const tls_peer peer(test_authority().issue(), [](peer_stream& stream) { stream.handshake(); });
    EXPECT_TRUE(failure_of(peer).starts_with("the certificate of localhost is not trusted: "));
}

TEST_F(HttpsConnection, RefusesACertificateThatSignedItself)
{
    const tls_peer peer(test_authority::self_signed(), [](peer_stream& stream) {
        stream.handshake();
    });
    EXPECT_EQ(
        failure_of(peer),
        "the certificate of localhost is not trusted: self-signed certificate; set ca_file to the "
        "authority that signed it"
    );
}

TEST_F(HttpsConnection, RefusesACertificateForAnotherName)
{
    for (const std::string names : {"DNS:example.com", "DNS:*.localhost", "IP:127.0.0.1"}) {
        const tls_peer peer(authority.issue({.names = names}), [](peer_stream& stream) {
            stream.handshake();
        });
        EXPECT_EQ(
            failure_of(peer), "the certificate of localhost is for another name: check the host"
        );
        client.connect_failure.reset();
    }
}

TEST_F(HttpsConnection, RefusesACertificateForAnotherAddress)
{
    const tls_peer peer(
        authority.issue({.names = "DNS:127.0.0.1,IP:127.0.0.2"}),
        [](peer_stream& stream) { stream.handshake(); }
    );
    EXPECT_EQ(
        failure_of(peer, "127.0.0.1"),
        "the certificate of 127.0.0.1 is for another name: check the host"
    );
}

TEST_F(HttpsConnection, RefusesACertificateOutsideItsTime)
{
    {
        const tls_peer peer(
            authority.issue({.from_s = -7200, .until_s = -3600}),
            [](peer_stream& stream) { stream.handshake(); }
        );
        EXPECT_EQ(failure_of(peer), "the certificate of localhost has expired");
    }
    client.connect_failure.reset();
    const tls_peer peer(
        authority.issue({.from_s = 3600, .until_s = 7200}),
        [](peer_stream& stream) { stream.handshake(); }
    );
    EXPECT_TRUE(failure_of(peer).starts_with("the certificate of localhost is not valid yet"));
}

TEST_F(HttpsConnection, TellsThePeerWhyItWasRefused)
{
    std::atomic<bool> told = false;
    {
        const tls_peer peer(test_authority("Another Authority").issue(), [&](peer_stream& stream) {
            stream.handshake();
            told = ERR_GET_REASON(ERR_peek_error()) == SSL_R_TLSV1_ALERT_UNKNOWN_CA;
        });
        failure_of(peer);
    }
    EXPECT_TRUE(told);
}

TEST_F(HttpsConnection, SaysWhoRefusedIt)
{
    std::uint16_t port = 0;
    {
        const tls_peer peer = secure_peer([](peer_stream&) {});
        port = peer.port();
    }
    client.open(context, {.host = "127.0.0.1", .port = port});
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_EQ(*client.connect_failure, "connection refused by 127.0.0.1:" + std::to_string(port));
}

TEST_F(HttpsConnection, TriesEveryAddress)
{
    // localhost may be ::1 first, where nobody listens.
    const tls_peer peer = secure_peer([](peer_stream& stream) { wait_for_end(stream); });
    EXPECT_TRUE(connected_to(peer));
}

TEST_F(HttpsConnection, SaysThatANameCannotBeResolved)
{
    client.open(context, {.host = "no-such-host.invalid"});
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_TRUE(client.connect_failure->starts_with("cannot resolve no-such-host.invalid: "))
        << *client.connect_failure;
}

TEST_F(HttpsConnection, APeerThatIsSilentInTheHandshakeUsesUpItsTime)
{
    const tls_peer peer(authority.issue(), [](peer_stream& stream) { wait_for_end(stream); });
    client.open(context, {.host = "127.0.0.1", .port = peer.port(), .connect_timeout = 50ms});
    ASSERT_TRUE(client.run_until_ended());
    EXPECT_EQ(
        *client.connect_failure,
        "no end of the TLS handshake with 127.0.0.1:" + std::to_string(peer.port())
    );
}

TEST_F(HttpsConnection, APeerThatBreaksOffTheHandshakeIsNamed)
{
    const std::string address = "127.0.0.1:";
    for (const bool reset : {true, false}) {
        for (const bool after_hello : {true, false}) {
            const tls_peer peer(authority.issue(), [&](peer_stream& stream) {
                if (after_hello)
                    stream.read_some();
                reset ? stream.reset() : stream.close();
            });
            const std::string sentence = failure_of(peer, "127.0.0.1");
            EXPECT_NE(sentence.find(address + std::to_string(peer.port())), std::string::npos)
                << sentence;
            // A reset at once may come before the connection is known to stand.
            EXPECT_TRUE(!after_hello || sentence.ends_with(" during the TLS handshake"))
                << sentence;
            client.connect_failure.reset();
        }
    }
}

TEST_F(HttpsConnection, APeerThatSpeaksNoTlsIsToldApart)
{
    const tls_peer peer(authority.issue(), [](peer_stream& stream) {
        stream.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        wait_for_end(stream);
    });
    EXPECT_EQ(
        failure_of(peer), "TLS with localhost failed: wrong version number; is that a port for TLS?"
    );
}

TEST_F(HttpsConnection, PlainConnectionsWorkWithoutAContext)
{
    const tls_peer peer(authority.issue(), [](peer_stream& stream) {
        stream.write(stream.read_exactly(4));
        wait_for_end(stream);
    });
    client.open(nullptr, {.host = "127.0.0.1", .port = peer.port(), .tls = false});
    ASSERT_TRUE(client.run_until([&] { return client.is_connected; }));
    client.write("echo");
    ASSERT_TRUE(client.run_until([&] { return client.received_bytes == "echo"; }));
    EXPECT_EQ(client.written_calls, 1);
}

TEST_F(HttpsConnection, CanBeShutAtAnyTimeBeforeItIsConnected)
{
    const tls_peer peer = secure_peer([](peer_stream& stream) { wait_for_end(stream); });
    for (int turns = 0; turns < 12; ++turns) {
        connect_to(peer);
        for (int i = 0; i < turns && !client.is_connected; ++i) {
            client.io.restart();
            client.io.run_one_for(5ms);
        }
        client.is_connected = false;
        client.on_connected = [] { ADD_FAILURE() << "an event after shut()"; };
        client.shut();
        client.connection.reset();
        client.run_out();
        client.on_connected = [] {};
    }
    EXPECT_FALSE(client.connect_failure);
}

TEST_F(HttpsConnection, MayBeDestroyedInsideTheEventThatItFailed)
{
    const tls_peer peer(test_authority("Another Authority").issue(), [](peer_stream& stream) {
        stream.handshake();
    });
    client.on_ended = [&] { client.connection.reset(); };
    connect_to(peer);
    EXPECT_TRUE(client.run_until_ended());
    client.run_out();
}

TEST(TlsContext, SaysWhatIsWrongWithTheFileOfAuthorities)
{
    const temp_dir dir;
    const auto none = make_tls_context(dir / "none.pem");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().error_number, ENOENT);
    EXPECT_NE(none.error().sentence.find(dir / "none.pem"), std::string::npos);

    put_content(dir / "empty.pem", "");
    const auto empty = make_tls_context(dir / "empty.pem");
    ASSERT_FALSE(empty);
    EXPECT_EQ(
        empty.error().sentence,
        "ca_file " + (dir / "empty.pem") + " holds no certificate in PEM form"
    );
    EXPECT_TRUE(make_tls_context(""));
}

}  // namespace
}  // namespace reaper
