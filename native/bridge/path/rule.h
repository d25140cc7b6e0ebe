// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <cstddef>
#include <string>

namespace kea_encryption::bridge {

/// @brief The rules that a certification path can break.
///
/// The names are public: src/bridge has them as a type.
#define KEA_ENCRYPTION_PATH_RULES(RULE)                                                            \
    RULE(NO_CERTIFICATE, "no-certificate")                                                         \
    RULE(TOO_MANY_CERTIFICATES, "too-many-certificates")                                           \
    RULE(CERTIFICATE_TOO_LARGE, "certificate-too-large")                                           \
    RULE(TOO_COMPLEX, "too-complex")                                                               \
    RULE(MALFORMED, "malformed")                                                                   \
    RULE(VERSION, "version")                                                                       \
    RULE(SERIAL_NUMBER, "serial-number")                                                           \
    RULE(SIGNATURE_ALGORITHM, "signature-algorithm")                                               \
    RULE(SIGNATURE, "signature")                                                                   \
    RULE(KEY_TYPE, "key-type")                                                                     \
    RULE(KEY_SIZE, "key-size")                                                                     \
    RULE(KEY_ENCODING, "key-encoding")                                                             \
    RULE(INVALID_DATE, "invalid-date")                                                             \
    RULE(NOT_YET_VALID, "not-yet-valid")                                                           \
    RULE(EXPIRED, "expired")                                                                       \
    RULE(ISSUER_UNKNOWN, "issuer-unknown")                                                         \
    RULE(SELF_SIGNED, "self-signed")                                                               \
    RULE(END_ENTITY_IS_TRUST_ANCHOR, "end-entity-is-trust-anchor")                                 \
    RULE(END_ENTITY_IS_CA, "end-entity-is-ca")                                                     \
    RULE(NOT_A_CA, "not-a-ca")                                                                     \
    RULE(BASIC_CONSTRAINTS, "basic-constraints")                                                   \
    RULE(PATH_TOO_LONG, "path-too-long")                                                           \
    RULE(PATH_LENGTH_CONSTRAINT, "path-length-constraint")                                         \
    RULE(KEY_USAGE, "key-usage")                                                                   \
    RULE(EXTENDED_KEY_USAGE, "extended-key-usage")                                                 \
    RULE(PURPOSE, "purpose")                                                                       \
    RULE(EMPTY_NAME, "empty-name")                                                                 \
    RULE(SUBJECT_ALT_NAME, "subject-alt-name")                                                     \
    RULE(AUTHORITY_KEY_IDENTIFIER, "authority-key-identifier")                                     \
    RULE(SUBJECT_KEY_IDENTIFIER, "subject-key-identifier")                                         \
    RULE(DUPLICATE_EXTENSION, "duplicate-extension")                                               \
    RULE(MALFORMED_EXTENSION, "malformed-extension")                                               \
    RULE(UNKNOWN_CRITICAL_EXTENSION, "unknown-critical-extension")                                 \
    RULE(UNSUPPORTED_EXTENSION, "unsupported-extension")                                           \
    RULE(NAME_CONSTRAINTS, "name-constraints")                                                     \
    RULE(NAME_NOT_PERMITTED, "name-not-permitted")                                                 \
    RULE(NAME_EXCLUDED, "name-excluded")                                                           \
    RULE(POLICY_EXTENSION, "policy-extension")                                                     \
    RULE(NO_VALID_POLICY, "no-valid-policy")                                                       \
    RULE(RESOURCES_NOT_NESTED, "resources-not-nested")                                             \
    RULE(REVOKED, "revoked")                                                                       \
    RULE(CRL_MISSING, "crl-missing")                                                               \
    RULE(CRL_NOT_YET_VALID, "crl-not-yet-valid")                                                   \
    RULE(CRL_EXPIRED, "crl-expired")                                                               \
    RULE(CRL_ISSUER, "crl-issuer")                                                                 \
    RULE(CRL_SCOPE, "crl-scope")                                                                   \
    RULE(CRL_SIGNATURE, "crl-signature")                                                           \
    RULE(CRL_SIGNATURE_ALGORITHM, "crl-signature-algorithm")                                       \
    RULE(CRL_VERSION, "crl-version")                                                               \
    RULE(CRL_NUMBER, "crl-number")                                                                 \
    RULE(CRL_NEXT_UPDATE, "crl-next-update")                                                       \
    RULE(CRL_EXTENSION, "crl-extension")                                                           \
    RULE(INTERNAL, "internal")

enum class Rule {
#define KEA_ENCRYPTION_RULE(id, name) id,
    KEA_ENCRYPTION_PATH_RULES(KEA_ENCRYPTION_RULE)
#undef KEA_ENCRYPTION_RULE
};

constexpr size_t RULES = static_cast<size_t>(Rule::INTERNAL) + 1;

const char*
ruleName(Rule rule);

/// @brief Whether an X509_V_ERR_… of OpenSSL is about CRLs, or what they say.
bool
isRevocationError(int error);

/// @brief The rule behind an X509_V_ERR_… of OpenSSL.
Rule
ruleOfError(int error);

/// @brief A rule that a certificate or CRL breaks, and how.
struct Violation {
    Rule rule;
    std::string detail;
};

}  // namespace kea_encryption::bridge
