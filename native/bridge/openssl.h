// SPDX-License-Identifier: MPL-2.0

#pragma once

// Owners of OpenSSL's objects.

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

namespace kea_encryption::bridge {

template <typename T, void (*release)(T*)>
struct Release {
    void operator()(T* object) const {
        release(object);
    }
};

inline void
freeUnownedCertificates(STACK_OF(X509) * stack) {
    sk_X509_free(stack);
}
inline void
freeCrls(STACK_OF(X509_CRL) * stack) {
    sk_X509_CRL_pop_free(stack, X509_CRL_free);
}
inline void
freeExtendedKeyUsage(EXTENDED_KEY_USAGE* usage) {
    sk_ASN1_OBJECT_pop_free(usage, ASN1_OBJECT_free);
}

using CertificatePointer = std::unique_ptr<X509, Release<X509, X509_free>>;
using CrlPointer = std::unique_ptr<X509_CRL, Release<X509_CRL, X509_CRL_free>>;
using StorePointer = std::unique_ptr<X509_STORE, Release<X509_STORE, X509_STORE_free>>;
using StoreContextPointer =
    std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX, X509_STORE_CTX_free>>;
/// @brief The stack alone; its certificates belong to somebody else.
using CertificateStack =
    std::unique_ptr<STACK_OF(X509), Release<STACK_OF(X509), freeUnownedCertificates>>;
using CrlStack = std::unique_ptr<STACK_OF(X509_CRL), Release<STACK_OF(X509_CRL), freeCrls>>;
using GeneralNamesPointer =
    std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES, GENERAL_NAMES_free>>;
using NameConstraintsPointer =
    std::unique_ptr<NAME_CONSTRAINTS, Release<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>>;
using PoliciesPointer =
    std::unique_ptr<CERTIFICATEPOLICIES, Release<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>>;
using ExtendedKeyUsagePointer =
    std::unique_ptr<EXTENDED_KEY_USAGE, Release<EXTENDED_KEY_USAGE, freeExtendedKeyUsage>>;
using DistributionPointsPointer =
    std::unique_ptr<CRL_DIST_POINTS, Release<CRL_DIST_POINTS, CRL_DIST_POINTS_free>>;
using IntegerPointer = std::unique_ptr<ASN1_INTEGER, Release<ASN1_INTEGER, ASN1_INTEGER_free>>;
using ObjectPointer = std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT, ASN1_OBJECT_free>>;
using BitStringPointer =
    std::unique_ptr<ASN1_BIT_STRING, Release<ASN1_BIT_STRING, ASN1_BIT_STRING_free>>;

/// @brief Takes back what was put on this thread's error queue while it lives: Node.js, which uses
/// the same threads and the same OpenSSL, would take it for an error of its own next operation.
class ErrorQueueMark {
public:
    ErrorQueueMark() {
        ERR_set_mark();
    }
    ~ErrorQueueMark() {
        ERR_pop_to_mark();
    }
    ErrorQueueMark(const ErrorQueueMark&) = delete;
    ErrorQueueMark& operator=(const ErrorQueueMark&) = delete;
};

}  // namespace kea_encryption::bridge
