#pragma once
// A certificate authority that lives as long as a test, and what it issues.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace reaper::test {

template <auto Free>
struct freed_by
{
    template <class T>
    void operator()(T* pointer) const
    {
        Free(pointer);
    }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freed_by<X509_free>>;

struct credentials
{
    x509_ptr certificate;
    key_ptr key;
};

struct certificate_wishes
{
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
    long from_s = -3600;  // relative to now
    long until_s = 3600;
};

class test_authority
{
public:
    explicit test_authority(const char* name = "A Test Authority")
        : own_(make(name, {.names = ""}, nullptr))
    {
    }

    [[nodiscard]] credentials issue(const certificate_wishes& wishes = {}) const
    {
        return make("peer", wishes, &own_);
    }

    // One that no authority stands behind.
    [[nodiscard]] static credentials self_signed() { return make("peer", {}, nullptr); }

    [[nodiscard]] std::string pem() const
    {
        const std::unique_ptr<BIO, freed_by<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509(bio.get(), own_.certificate.get());
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &data);
        return std::string(data, static_cast<std::size_t>(size));
    }

private:
    static void extend(X509* certificate, X509* issuer, int id, const std::string& value)
    {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
        const std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>> extension(
            X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str())
        );
        if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1)
            throw std::runtime_error("cannot extend a certificate");
    }

    static credentials make(
        const char* name, const certificate_wishes& wishes, const credentials* issuer
    )
    {
        credentials made{.certificate = x509_ptr(X509_new()), .key = key_ptr(EVP_EC_gen("P-256"))};
        X509* const x509 = made.certificate.get();
        static long serial = 1;
        X509_set_version(x509, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
        X509_gmtime_adj(X509_getm_notBefore(x509), wishes.from_s);
        X509_gmtime_adj(X509_getm_notAfter(x509), wishes.until_s);
        X509_set_pubkey(x509, made.key.get());
        X509_NAME_add_entry_by_txt(
            X509_get_subject_name(x509),
            "CN",
            MBSTRING_ASC,
            reinterpret_cast<const unsigned char*>(name),
            -1,
            -1,
            0
        );
        X509* const signer = issuer != nullptr ? issuer->certificate.get() : x509;
        X509_set_issuer_name(x509, X509_get_subject_name(signer));
        if (issuer == nullptr && wishes.names.empty())
            extend(x509, signer, NID_basic_constraints, "critical,CA:TRUE");
        if (!wishes.names.empty())
            extend(x509, signer, NID_subject_alt_name, wishes.names);
        const EVP_PKEY* const key = issuer != nullptr ? issuer->key.get() : made.key.get();
        if (X509_sign(x509, const_cast<EVP_PKEY*>(key), EVP_sha256()) == 0)
            throw std::runtime_error("cannot sign a certificate");
        return made;
    }

    credentials own_;
};

}  // namespace reaper::test
