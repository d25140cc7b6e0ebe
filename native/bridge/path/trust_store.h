// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/openssl.h"
#include "bridge/path/canonical_name.h"
#include "bridge/path/rule.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace kea_encryption::bridge {

/// @brief A certificate as CRLs name it: SHA-256, cut, over its issuer's name in canonical form and
/// its serial number, both DER.
///
/// Nobody gains by a collision among what authorities have signed.
using CertificateDigest = std::array<uint8_t, 16>;

CertificateDigest
certificateDigest(const OctetString& canonical_issuer, const ASN1_INTEGER* serial);

CertificateDigest
certificateDigest(const X509* certificate);

/// @brief What a TrustStore is made of, all of it DER.
struct TrustMaterial {
    std::vector<OctetString> anchors;
    std::vector<OctetString> intermediates;
    std::vector<OctetString> crls;
    /// @brief CRLs that are no longer at hand: the last that there were.
    std::vector<OctetString> lapsed_crls;
};

/// @brief An element of the material that is not what it should be; the text names it: "crls[2]:
/// …".
class MaterialError : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

/// @brief Trust anchors, intermediates and CRLs, parsed once and immutable from then on, so that
/// any number of threads may verify with it at once.
///
/// Stores of the same material are one: each worker thread asks for what it needs, and the process
/// keeps it as long as one of them holds it.
class TrustStore {
public:
    /// @brief A CRL that cannot be used.
    ///
    /// Paths on which its issuer issued something are refused.
    struct UnusableCrl {
        CrlPointer crl;
        Violation violation;
    };

    /// @brief The store of this material, from the process's registry or new.
    /// @throw MaterialError
    static std::shared_ptr<const TrustStore> of(const TrustMaterial& material);

    /// @throw MaterialError
    explicit TrustStore(const TrustMaterial& material);
    TrustStore(const TrustStore&) = delete;
    TrustStore& operator=(const TrustStore&) = delete;

    X509_STORE* anchors() const {
        return anchors_.get();
    }
    const std::vector<CertificatePointer>& intermediates() const {
        return intermediates_;
    }
    /// @brief The newest first, since OpenSSL takes the first delta CRL that fits.
    STACK_OF(X509_CRL) * crls() const {
        return crls_.get();
    }
    const std::vector<UnusableCrl>& unusableCrls() const {
        return unusable_;
    }

    /// @brief Whether there is a CRL, usable or not, that speaks for the certificate's issuer: its
    /// own, one that the certificate points to, or one with entries of that issuer (RFC 5280
    /// sections 4.2.1.13 and 5.3.3).
    bool speaksFor(const X509* certificate) const;

    /// @brief Whether any CRL, usable or not, lists the certificate.
    bool lists(const CertificateDigest& certificate) const;

private:
    void addAnchors(const std::vector<OctetString>& anchors);
    void addIntermediates(const std::vector<OctetString>& intermediates);
    void addCrls(const std::vector<OctetString>& crls);
    void addLapsedCrls(const std::vector<OctetString>& crls);
    CrlPointer loadCrl(const OctetString& octets, const char* list, size_t index);
    void noteEntries(X509_CRL* crl);

    StorePointer anchors_;
    std::vector<CertificatePointer> intermediates_;
    CrlStack crls_;
    std::vector<UnusableCrl> unusable_;
    /// @brief Names in canonical form.
    std::set<OctetString> crl_issuers_;
    std::set<OctetString> certificate_issuers_;
    /// @brief Sorted.
    std::vector<CertificateDigest> listed_;
};

}  // namespace kea_encryption::bridge
