// SPDX-License-Identifier: MPL-2.0

#pragma once

// Rules of RFC 5280 and docs/protocol.md 2 that X509_verify_cert(3) leaves open.

#include "bridge/openssl.h"
#include "bridge/path/rule.h"

#include <cstddef>
#include <optional>
#include <string>

namespace kea_encryption::bridge {

/// @brief Bounds on what a peer can make anybody work through.
///
/// They lie far beyond what any CA issues.
constexpr size_t MAX_CERTIFICATE_LENGTH = 16384;
constexpr int MAX_EXTENSIONS = 64;
constexpr int MAX_NAMES = 256;
constexpr int MAX_SUBTREES = 256;
constexpr int MAX_POLICIES = 64;
constexpr int MAX_DISTRIBUTION_POINTS = 64;
constexpr int MAX_KEY_PURPOSES = 64;
constexpr int MAX_ATTRIBUTES = 64;

enum class Purpose {
    ANY,  ///< no role at all: what the certificate's key may be used for is not looked at
    CLIENT,
    SERVER,
};

using CheckResult = std::optional<Violation>;

/// @brief One certificate: strict DER, nothing behind it.
/// @param violation says why there is none
CertificatePointer
parseCertificate(const unsigned char* octets, size_t length, CheckResult& violation);

/// @brief What is to be known before any work is spent on a certificate: numbers of extensions,
/// names, constraints and policies, type and size of the key.
CheckResult
checkBounds(const X509* certificate);

/// @brief What holds for each certificate of a path.
/// @param is_anchor its signature is of no concern, it is trusted as it is
/// @param lenient_issuers take what RFC 5280 forbids CAs to issue and lets others process: serial
/// numbers that are not positive or longer than 20 octets, policy extensions that are not critical
CheckResult
checkOnPath(const X509* certificate, bool is_anchor, bool lenient_issuers);

/// @brief What holds for a certificate that issued another one.
CheckResult
checkAuthority(const X509* certificate);

/// @brief What RFC 5280 obliges a CA to, and section 6 accepts without.
std::optional<std::string>
authorityWarning(const X509* certificate);

/// @brief What holds for the end entity.
/// @param decrypts its key must be allowed to decrypt, too (docs/protocol.md 9); of no concern to
/// Purpose::ANY
CheckResult
checkEndEntity(const X509* certificate, Purpose purpose, bool decrypts);

/// @brief Names that name constraints are applied to, and subtrees that constrain others.
size_t
countNames(const X509* certificate);
size_t
countSubtrees(const X509* certificate);

}  // namespace kea_encryption::bridge
