// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "bridge/path/certificate_digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <new>

namespace kea_encryption {
namespace bridge {

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

}  // namespace bridge
}  // namespace kea_encryption
