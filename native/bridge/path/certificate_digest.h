// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_BRIDGE_PATH_CERTIFICATE_DIGEST_H
#define KEA_ENCRYPTION_BRIDGE_PATH_CERTIFICATE_DIGEST_H

#include "bridge/path/canonical_name.h"

#include <array>

namespace kea_encryption {
namespace bridge {

/// A certificate as CRLs name it: SHA-256, cut, over its issuer's name in canonical form and its
/// serial number, both DER. Nobody gains by a collision among what authorities have signed.
using CertificateDigest = std::array<uint8_t, 16>;

CertificateDigest
certificateDigest(const OctetString& canonical_issuer, const ASN1_INTEGER* serial);

CertificateDigest
certificateDigest(const X509* certificate);

}  // namespace bridge
}  // namespace kea_encryption

#endif
