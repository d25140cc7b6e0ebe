// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_BRIDGE_PATH_DER_H
#define KEA_ENCRYPTION_BRIDGE_PATH_DER_H

#include <cstddef>
#include <cstdint>

namespace kea_encryption {
namespace bridge {

/// Whether the octets are one value in DER (X.690), and nothing behind it, as far as that shows
/// without its ASN.1 type: minimal definite lengths, primitive strings, minimal integers and object
/// identifiers, zero unused bits, sorted sets, strings of their alphabet, times in the form of RFC
/// 5280 section 4.1.2.5, at most 32 levels. FALSE is refused as well: every BOOLEAN of RFC 5280 has
/// it as its default, and defaults are not encoded. What lies in an OCTET STRING is not looked at.
bool
isStrictDer(const uint8_t* octets, size_t length);

}  // namespace bridge
}  // namespace kea_encryption

#endif
