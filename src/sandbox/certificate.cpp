#include "sandbox/certificate.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <string_view>

namespace sandbox {
namespace {

template <auto Free>
struct deleter
{
    template <class T>
    void operator()(T* pointer) const
    {
        Free(pointer);
    }
};

using key_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, deleter<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;
using bio_ptr = std::unique_ptr<BIO, deleter<BIO_free_all>>;

// OpenSSL calls return 1 for success, or a pointer.
template <class T>
T required(T value, const char* what)
{
    if (!value || value == T{}) {
        char text[256];
        ERR_error_string_n(ERR_get_error(), text, sizeof(text));
        throw std::runtime_error(std::string(what) + " failed: " + text);
    }
    return value;
}

key_ptr make_key()
{
    return key_ptr(required(EVP_EC_gen("P-256"), "making a P-256 key"));
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const extension_ptr extension(
        required(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()), "making an extension")
    );
    required(X509_add_ext(certificate, extension.get(), -1), "adding an extension");
}

// A certificate with everything but its extensions and its signature.
certificate_ptr make_bare_certificate(EVP_PKEY* key, const char* name)
{
    constexpr long day_s = 24L * 3600;
    certificate_ptr certificate(required(X509_new(), "making a certificate"));
    required(X509_set_version(certificate.get(), X509_VERSION_3), "setting the version");

    // Random, because a client may remember the serials that an issuer of this name has used.
    std::uint64_t serial = 0;
    required(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)), "a serial");
    required(
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1 | 1),
        "setting the serial"
    );
    required(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day_s), "setting a date");
    required(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 365 * day_s), "setting a date");
    required(X509_set_pubkey(certificate.get(), key), "setting the key");
    required(
        X509_NAME_add_entry_by_txt(
            X509_get_subject_name(certificate.get()),
            "CN",
            MBSTRING_ASC,
            reinterpret_cast<const unsigned char*>(name),
            -1,
            -1,
            0
        ),
        "setting the name"
    );
    return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key)
{
    required(
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer)), "setting the issuer"
    );
    required(X509_sign(certificate, issuer_key, EVP_sha256()), "signing");
}

std::string alternative_names(const std::vector<std::string>& names)
{
    std::string list = "DNS:localhost,IP:127.0.0.1,IP:::1";
    for (const auto& name : names) {
        boost::system::error_code not_an_address;
        boost::asio::ip::make_address(name, not_an_address);
        list += (not_an_address ? ",DNS:" : ",IP:") + name;
    }
    return list;
}

std::string to_pem(X509* certificate)
{
    const bio_ptr bio(required(BIO_new(BIO_s_mem()), "making a buffer"));
    required(PEM_write_bio_X509(bio.get(), certificate), "writing a certificate");
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

tls_context make_context(X509* certificate, EVP_PKEY* key)
{
    tls_context context(required(SSL_CTX_new(TLS_server_method()), "making a TLS context"));
    SSL_CTX* raw = context.get();
    required(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION), "setting the TLS version");
    required(SSL_CTX_use_certificate(raw, certificate), "using the certificate");
    required(SSL_CTX_use_PrivateKey(raw, key), "using the key");
    SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(raw, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
    // Several records per system call: clients that pipeline send many.
    SSL_CTX_set_read_ahead(raw, 1);
    SSL_CTX_set_default_read_buffer_len(raw, std::size_t{128} * 1024);
    return context;
}

}  // namespace

tls_identity make_tls_identity(const std::vector<std::string>& names)
{
    const key_ptr ca_key = make_key();
    const certificate_ptr ca = make_bare_certificate(ca_key.get(), "batch-sandbox CA");
    add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    sign(ca.get(), ca.get(), ca_key.get());

    const key_ptr key = make_key();
    const certificate_ptr leaf = make_bare_certificate(key.get(), "batch-sandbox");
    add_extension(leaf.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf.get(), ca.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(leaf.get(), ca.get(), NID_ext_key_usage, "serverAuth");
    add_extension(leaf.get(), ca.get(), NID_subject_alt_name, alternative_names(names));
    add_extension(leaf.get(), ca.get(), NID_authority_key_identifier, "keyid");
    sign(leaf.get(), ca.get(), ca_key.get());
    return {make_context(leaf.get(), key.get()), to_pem(ca.get())};
}

}  // namespace sandbox
