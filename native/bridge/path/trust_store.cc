// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/trust_store.h"

#include "bridge/path/certificate_rules.h"
#include "bridge/path/crl_rules.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <new>

namespace kea_encryption::bridge {

namespace {

using Digest = std::array<uint8_t, 32>;

void
update(EVP_MD_CTX* hash, const void* octets, size_t length) {
    if (EVP_DigestUpdate(hash, octets, length) != 1) {
        throw std::bad_alloc();
    }
}

/// SHA-256 over the lists, their lengths and those of their elements.
Digest
digestOf(const TrustMaterial& material) {
    const std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX, EVP_MD_CTX_free>> hash(EVP_MD_CTX_new());
    if (!hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1) {
        throw std::bad_alloc();
    }
    for (const auto* list :
         {&material.anchors, &material.intermediates, &material.crls, &material.lapsed_crls}) {
        const uint64_t count = list->size();
        update(hash.get(), &count, sizeof(count));
        for (const OctetString& element : *list) {
            const uint64_t length = element.size();
            update(hash.get(), &length, sizeof(length));
            update(hash.get(), element.data(), element.size());
        }
    }
    Digest digest;
    if (EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr) != 1) {
        throw std::bad_alloc();
    }
    return digest;
}

/// The only state of the process: stores that somebody holds, by their material.
struct Registry {
    std::mutex mutex;
    std::map<Digest, std::weak_ptr<const TrustStore>> stores;
};

/// Never destroyed: threads may outlive static destruction.
Registry&
registry() {
    static Registry* const one = new Registry;
    return *one;
}

std::string
placeOf(const char* list, size_t index) {
    return std::string(list) + '[' + std::to_string(index) + "]: ";
}

/// Parses, and has OpenSSL decode the extensions now rather than in the first of several threads.
CertificatePointer
loadCertificate(const OctetString& octets, const char* list, size_t index) {
    CheckResult violation;
    CertificatePointer certificate = parseCertificate(octets.data(), octets.size(), violation);
    if (!certificate) {
        throw MaterialError(placeOf(list, index) + violation->detail);
    }
    X509_check_purpose(certificate.get(), -1, 0);
    return certificate;
}

}  // namespace

CertificateDigest
certificateDigest(const OctetString& canonical_issuer, const ASN1_INTEGER* serial) {
    unsigned char* der = nullptr;
    const int length = i2d_ASN1_INTEGER(const_cast<ASN1_INTEGER*>(serial), &der);
    if (length < 0) {
        throw std::bad_alloc();
    }
    OctetString octets = canonical_issuer;
    octets.insert(octets.end(), der, der + length);
    OPENSSL_free(der);
    std::array<uint8_t, 32> hash;
    if (EVP_Digest(octets.data(), octets.size(), hash.data(), nullptr, EVP_sha256(), nullptr) !=
        1) {
        throw std::bad_alloc();
    }
    CertificateDigest digest;
    std::copy_n(hash.begin(), digest.size(), digest.begin());
    return digest;
}

CertificateDigest
certificateDigest(const X509* certificate) {
    return certificateDigest(canonicalName(X509_get_issuer_name(certificate)),
                             X509_get0_serialNumber(certificate));
}

std::shared_ptr<const TrustStore>
TrustStore::of(const TrustMaterial& material) {
    const ErrorQueueMark mark;
    const Digest digest = digestOf(material);
    Registry& all = registry();
    const std::lock_guard<std::mutex> lock(all.mutex);
    for (auto entry = all.stores.begin(); entry != all.stores.end();) {
        entry = entry->second.expired() ? all.stores.erase(entry) : std::next(entry);
    }
    if (std::shared_ptr<const TrustStore> existing = all.stores[digest].lock()) {
        return existing;
    }
    auto made = std::make_shared<const TrustStore>(material);
    all.stores[digest] = made;
    return made;
}

TrustStore::TrustStore(const TrustMaterial& material)
    : anchors_(X509_STORE_new()), crls_(sk_X509_CRL_new_null()) {
    if (!anchors_ || !crls_) {
        throw std::bad_alloc();
    }
    addAnchors(material.anchors);
    addIntermediates(material.intermediates);
    addCrls(material.crls);
    addLapsedCrls(material.lapsed_crls);
    std::sort(listed_.begin(), listed_.end());
    ERR_clear_error();
}

void
TrustStore::addAnchors(const std::vector<OctetString>& anchors) {
    for (size_t i = 0; i < anchors.size(); ++i) {
        const CertificatePointer anchor = loadCertificate(anchors[i], "anchors", i);
        if (X509_STORE_add_cert(anchors_.get(), anchor.get()) != 1) {
            throw std::bad_alloc();
        }
    }
}

void
TrustStore::addIntermediates(const std::vector<OctetString>& intermediates) {
    for (size_t i = 0; i < intermediates.size(); ++i) {
        intermediates_.push_back(loadCertificate(intermediates[i], "intermediates", i));
    }
}

void
TrustStore::addCrls(const std::vector<OctetString>& crls) {
    std::vector<CrlPointer> usable;
    for (size_t i = 0; i < crls.size(); ++i) {
        CrlPointer crl = loadCrl(crls[i], "crls", i);
        if (std::optional<Violation> violation = checkCrl(crl.get())) {
            violation->detail = placeOf("crls", i) + violation->detail;
            unusable_.push_back({std::move(crl), std::move(*violation)});
            continue;
        }
        // Sorts the entries now rather than in the first of several threads.
        X509_REVOKED* ignored = nullptr;
        const IntegerPointer any(ASN1_INTEGER_new());
        X509_CRL_get0_by_serial(crl.get(), &ignored, any.get());
        usable.push_back(std::move(crl));
    }
    std::stable_sort(usable.begin(), usable.end(),
                     [](const CrlPointer& left, const CrlPointer& right) {
                         return ASN1_TIME_compare(X509_CRL_get0_lastUpdate(left.get()),
                                                  X509_CRL_get0_lastUpdate(right.get())) > 0;
                     });
    for (CrlPointer& crl : usable) {
        if (sk_X509_CRL_push(crls_.get(), crl.get()) == 0) {
            throw std::bad_alloc();
        }
        crl.release();
    }
}

void
TrustStore::addLapsedCrls(const std::vector<OctetString>& crls) {
    for (size_t i = 0; i < crls.size(); ++i) {
        unusable_.push_back({loadCrl(crls[i], "lapsedCrls", i),
                             Violation{Rule::CRL_MISSING,
                                       "the last one is no longer there, and no other has come"}});
    }
}

CrlPointer
TrustStore::loadCrl(const OctetString& octets, const char* list, size_t index) {
    std::string problem;
    CrlPointer crl = parseCrl(octets.data(), octets.size(), problem);
    if (!crl) {
        throw MaterialError(placeOf(list, index) + problem);
    }
    noteEntries(crl.get());
    return crl;
}

/// Before anything is looked up in the CRL: OpenSSL sorts the entries then, and an entry without a
/// certificateIssuer is of the same issuer as the one before it (RFC 5280 section 5.3.3).
void
TrustStore::noteEntries(X509_CRL* crl) {
    OctetString issuer = canonicalName(X509_CRL_get_issuer(crl));
    crl_issuers_.insert(issuer);
    certificate_issuers_.insert(issuer);
    STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
        const GeneralNamesPointer names(static_cast<GENERAL_NAMES*>(
            X509_REVOKED_get_ext_d2i(entry, NID_certificate_issuer, nullptr, nullptr)));
        for (int j = 0; j < sk_GENERAL_NAME_num(names.get()); ++j) {
            const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), j);
            if (name->type == GEN_DIRNAME) {
                issuer = canonicalName(name->d.directoryName);
                certificate_issuers_.insert(issuer);
                break;
            }
        }
        listed_.push_back(certificateDigest(issuer, X509_REVOKED_get0_serialNumber(entry)));
    }
}

bool
TrustStore::speaksFor(const X509* certificate) const {
    if (crl_issuers_.empty()) {
        return false;
    }
    if (certificate_issuers_.count(canonicalName(X509_get_issuer_name(certificate))) != 0) {
        return true;
    }
    const DistributionPointsPointer points(static_cast<CRL_DIST_POINTS*>(
        X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
    for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
        const GENERAL_NAMES* issuers = sk_DIST_POINT_value(points.get(), i)->CRLissuer;
        for (int j = 0; j < sk_GENERAL_NAME_num(issuers); ++j) {
            const GENERAL_NAME* name = sk_GENERAL_NAME_value(issuers, j);
            if (name->type == GEN_DIRNAME &&
                crl_issuers_.count(canonicalName(name->d.directoryName)) != 0) {
                return true;
            }
        }
    }
    return false;
}

bool
TrustStore::lists(const CertificateDigest& certificate) const {
    return std::binary_search(listed_.begin(), listed_.end(), certificate);
}

}  // namespace kea_encryption::bridge
