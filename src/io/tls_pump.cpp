#include "tls_pump.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cassert>
#include <new>
#include <utility>

namespace reaper {
namespace {

// The reason of the oldest error in OpenSSL's queue, which is then empty.
std::string taken_error()
{
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    if (reason == nullptr)
        return "unknown error";
    if (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER)
        return std::string(reason) + "; is that a port for TLS?";
    return reason;
}

// SSL_get_error() looks into the queue of errors, so it must be empty before a call. Emptying an
// empty one is the dearer part.
void forget_errors()
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

bool is_address(const std::string& host)
{
    const std::unique_ptr<ASN1_OCTET_STRING, openssl_deleter<ASN1_OCTET_STRING_free>> address(
        a2i_IPADDRESS(host.c_str())
    );
    ERR_clear_error();
    return address != nullptr;
}

// What is wrong with the peer's certificate, and what to do about it.
std::string certificate_sentence(const std::string& host, long verdict)
{
    const char* const reason = X509_verify_cert_error_string(verdict);
    switch (verdict) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return fmt::format("the certificate of {} is for another name: check the host", host);
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fmt::format("the certificate of {} has expired", host);
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fmt::format(
                "the certificate of {} is not valid yet: check the clock of this machine", host
            );
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return fmt::format(
                "the certificate of {} is not trusted: {}; set ca_file to the authority that "
                "signed it",
                host,
                reason
            );
        default:
            return fmt::format("the certificate of {} is not trusted: {}", host, reason);
    }
}

}  // namespace

// A BIO that reads from and writes to a channel.
const BIO_METHOD* tls_pump::bio_method()
{
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tls_pump");
        assert(made != nullptr);
        BIO_meth_set_read(made, [](BIO* bio, char* into, int room) {
            auto& from = *static_cast<channel*>(BIO_get_data(bio));
            BIO_clear_retry_flags(bio);
            const std::size_t size = from.below.receive(into, static_cast<std::size_t>(room));
            if (size > 0)
                return static_cast<int>(size);
            if (!from.below.ended())
                BIO_set_retry_read(bio);
            return -1;
        });
        BIO_meth_set_write(made, [](BIO* bio, const char* from, int size) {
            auto& into = *static_cast<channel*>(BIO_get_data(bio));
            BIO_clear_retry_flags(bio);
            std::string_view bytes(from, static_cast<std::size_t>(size));
            if (into.out.empty() && !into.gathers)
                bytes.remove_prefix(into.below.send(bytes));
            into.out += bytes;
            return size;
        });
        BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long {
            return command == BIO_CTRL_FLUSH ? 1 : 0;
        });
        return made;
    }();
    return method;
}

tls_pump::tls_pump(std::shared_ptr<tls_context> context, std::string host, tls_stream& below)
    : context_(std::move(context)),
      host_(std::move(host)),
      channel_(std::make_unique<channel>(channel{.below = below, .out = {}})),
      ssl_(SSL_new(context_->get()))
{
    BIO* const bio = BIO_new(bio_method());
    if (ssl_ == nullptr || bio == nullptr)
        throw std::bad_alloc();
    BIO_set_data(bio, channel_.get());
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_connect_state(ssl_.get());

    // RFC 6066 3: an address is no server name.
    X509_VERIFY_PARAM* const demands = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(demands, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    bool accepted = false;
    if (is_address(host_)) {
        accepted = X509_VERIFY_PARAM_set1_ip_asc(demands, host_.c_str()) == 1;
    } else {
        // What SSL_set_tlsext_host_name() does; OpenSSL copies the name.
        const long sni = SSL_ctrl(
            ssl_.get(),
            SSL_CTRL_SET_TLSEXT_HOSTNAME,
            TLSEXT_NAMETYPE_host_name,
            const_cast<char*>(host_.c_str())
        );
        accepted =
            sni == 1 && X509_VERIFY_PARAM_set1_host(demands, host_.c_str(), host_.size()) == 1;
    }
    // Without a name to insist on, any certificate would do.
    if (!accepted)
        failure_ = fmt::format("{} is no host name", host_);
}

tls_step tls_pump::handshake()
{
    if (!failure_.empty())
        return tls_step::failed;
    forget_errors();
    const int returned = SSL_do_handshake(ssl_.get());
    return returned == 1 ? tls_step::done : after(returned);
}

tls_step tls_pump::read(char* plain, std::size_t room, std::size_t& size)
{
    size = 0;
    forget_errors();
    while (size < room) {
        std::size_t got = 0;
        const int returned = SSL_read_ex(ssl_.get(), plain + size, room - size, &got);
        if (returned != 1)
            return after(returned);
        size += got;
    }
    return tls_step::done;
}

bool tls_pump::write(std::string_view plain)
{
    std::size_t size = 0;
    forget_errors();
    // One record goes out from where OpenSSL has encrypted it; of several, each would be a system
    // call and a packet of its own.
    channel_->gathers = plain.size() > SSL3_RT_MAX_PLAIN_LENGTH;
    if (plain.empty() || SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &size) == 1)
        return true;
    note_failure();
    return false;
}

void tls_pump::say_goodbye()
{
    forget_errors();
    if (failure_.empty())
        (void)SSL_shutdown(ssl_.get());
    forget_errors();
}

// What a call of OpenSSL that did not succeed means.
tls_step tls_pump::after(int returned)
{
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ:
            return tls_step::starved;
        case SSL_ERROR_ZERO_RETURN:
            return tls_step::ended;
        default:
            note_failure();
            return tls_step::failed;
    }
}

void tls_pump::note_failure()
{
    const long verdict = SSL_get_verify_result(ssl_.get());
    untrusted_ = verdict != X509_V_OK;
    failure_ = untrusted_ ? certificate_sentence(host_, verdict)
                          : fmt::format("TLS with {} failed: {}", host_, taken_error());
    ERR_clear_error();
}

}  // namespace reaper
