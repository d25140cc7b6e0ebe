// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/openssl.h"
#include "bridge/path/rule.h"

#include <optional>

namespace kea_encryption::bridge {

/// @brief A key that may sign certificates and CRLs: RSA of 2048 to 8192 bits, P-256, P-384, P-521,
/// Ed25519, Ed448.
std::optional<Violation>
checkAuthorityKey(const X509* certificate);

/// @brief A key of docs/protocol.md 2: RSA of 2048 to 4096 bits, P-256, P-384.
std::optional<Violation>
checkEndEntityKey(const X509* certificate);

/// @brief Whether the key makes verifying a signature no dearer than a key that checkAuthorityKey()
/// takes.
bool
isAffordable(const X509* certificate);

/// @brief A signature with SHA-256, SHA-384 or SHA-512, or Ed25519, Ed448.
/// @param digest as X509_get_signature_info(3) gives it
bool
isAcceptedSignature(int digest, int key);

}  // namespace kea_encryption::bridge
