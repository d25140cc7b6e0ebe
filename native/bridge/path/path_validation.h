// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/path/certificate_rules.h"
#include "bridge/path/trust_store.h"

#include <ctime>
#include <string>
#include <vector>

namespace kea_encryption::bridge {

/// @brief Certificates that one request may bring along (docs/protocol.md 2).
constexpr size_t MAX_CERTIFICATES = 8;

/// @brief Which certificates of a path must have a valid CRL that does not list them (RFC 5280
/// section 6.3).
///
/// The trust anchor is no part of the path, and none of them (section 6.1).
enum class Revocation {
    NONE,
    LISTED,  ///< those for whose issuer there is any CRL (TrustStore::speaksFor())
    ALL,
};

/// @brief The inputs of RFC 5280 section 6.1.1 besides path and trust anchors.
struct PathRequest {
    /// @brief What the peer sent: the end entity, then untrusted intermediates in any order.
    std::vector<OctetString> chain;
    Purpose purpose = Purpose::CLIENT;
    /// @brief The end entity's key must be allowed to decrypt, too (checkEndEntity()).
    bool decrypts = false;
    time_t time = 0;
    /// @brief As OpenSSL counts: 2 is 112 bits.
    int security_level = 2;
    Revocation revocation = Revocation::LISTED;
    /// @brief user-initial-policy-set; object identifiers in dotted form.
    std::vector<std::string> policies = {"2.5.29.32.0"};
    bool require_explicit_policy = false;
    bool inhibit_policy_mapping = false;
    bool inhibit_any_policy = false;
    /// @brief Take what RFC 5280 forbids CAs to issue and lets others process (checkOnPath()).
    bool lenient_issuers = false;
};

struct PathVerdict {
    bool accepted = false;
    /// @brief 0 is the end entity.
    int depth = 0;
    Rule rule = Rule::INTERNAL;
    std::string message;
    /// @brief Of an accepted path: its certificates without the trust anchor, the end entity first.
    std::vector<CertificateDigest> path;
    /// @brief When the first certificate of an accepted path ends, the trust anchor among them.
    time_t not_after = 0;
    /// @brief What is not as RFC 5280 wants it, and is accepted all the same.
    std::vector<std::string> warnings;
};

/// @brief Verifies the certification path (RFC 5280 section 6).
///
/// Blocks for as long as the cryptography takes; several threads may do so with one store.
///
/// Work that a peer can cause is bounded: sizes and numbers are checked first, the end entity's own
/// rules next, then the path without CRLs; and only for a path whose signatures are good are CRLs,
/// whose length the peer does not choose but whose hashing it would cause, looked into.
PathVerdict
validatePath(const TrustStore& store, const PathRequest& request);

}  // namespace kea_encryption::bridge
