// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/rule.h"

#include <openssl/x509_vfy.h>

namespace kea_encryption::bridge {

const char*
ruleName(Rule rule) {
    static constexpr const char* NAMES[] = {
#define KEA_ENCRYPTION_RULE(id, name) name,
        KEA_ENCRYPTION_PATH_RULES(KEA_ENCRYPTION_RULE)
#undef KEA_ENCRYPTION_RULE
    };
    return NAMES[static_cast<size_t>(rule)];
}

bool
isRevocationError(int error) {
    switch (ruleOfError(error)) {
    case Rule::REVOKED:
    case Rule::CRL_MISSING:
    case Rule::CRL_NOT_YET_VALID:
    case Rule::CRL_EXPIRED:
    case Rule::CRL_ISSUER:
    case Rule::CRL_SCOPE:
    case Rule::CRL_SIGNATURE:
    case Rule::CRL_EXTENSION:
        return true;
    default:
        return false;
    }
}

Rule
ruleOfError(int error) {
    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
    case X509_V_ERR_SUBJECT_ISSUER_MISMATCH:
    case X509_V_ERR_PATH_LOOP:
        return Rule::ISSUER_UNKNOWN;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return Rule::SELF_SIGNED;
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return Rule::SIGNATURE;
    case X509_V_ERR_CA_MD_TOO_WEAK:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
    case X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY:
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM:
        return Rule::SIGNATURE_ALGORITHM;
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_NO_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_EC_KEY_EXPLICIT_PARAMS:
        return Rule::KEY_ENCODING;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
        return Rule::KEY_SIZE;
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
        return Rule::INVALID_DATE;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return Rule::NOT_YET_VALID;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return Rule::EXPIRED;
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
        return Rule::PATH_TOO_LONG;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        return Rule::PATH_LENGTH_CONSTRAINT;
    case X509_V_ERR_INVALID_CA:
        return Rule::NOT_A_CA;
    case X509_V_ERR_INVALID_NON_CA:
        return Rule::END_ENTITY_IS_CA;
    case X509_V_ERR_CA_BCONS_NOT_CRITICAL:
    case X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA:
        return Rule::BASIC_CONSTRAINTS;
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE:
    case X509_V_ERR_CA_CERT_MISSING_KEY_USAGE:
    case X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN:
    case X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA:
        return Rule::KEY_USAGE;
    case X509_V_ERR_INVALID_PURPOSE:
        return Rule::PURPOSE;
    case X509_V_ERR_ISSUER_NAME_EMPTY:
    case X509_V_ERR_SUBJECT_NAME_EMPTY:
        return Rule::EMPTY_NAME;
    case X509_V_ERR_EMPTY_SUBJECT_ALT_NAME:
    case X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL:
        return Rule::SUBJECT_ALT_NAME;
    case X509_V_ERR_AKID_SKID_MISMATCH:
    case X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH:
    case X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER:
    case X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL:
        return Rule::AUTHORITY_KEY_IDENTIFIER;
    case X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER:
    case X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL:
        return Rule::SUBJECT_KEY_IDENTIFIER;
    case X509_V_ERR_INVALID_EXTENSION:
        return Rule::MALFORMED_EXTENSION;
    case X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3:
        return Rule::VERSION;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
        return Rule::UNKNOWN_CRITICAL_EXTENSION;
    case X509_V_ERR_UNSUPPORTED_EXTENSION_FEATURE:
    case X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED:
    case X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_PROXY_SUBJECT_NAME_VIOLATION:
        return Rule::UNSUPPORTED_EXTENSION;
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
        return Rule::NAME_CONSTRAINTS;
    case X509_V_ERR_PERMITTED_VIOLATION:
        return Rule::NAME_NOT_PERMITTED;
    case X509_V_ERR_EXCLUDED_VIOLATION:
        return Rule::NAME_EXCLUDED;
    case X509_V_ERR_INVALID_POLICY_EXTENSION:
        return Rule::POLICY_EXTENSION;
    case X509_V_ERR_OUT_OF_MEM:
        // What OpenSSL says of a policy tree of more than a thousand nodes.
        return Rule::TOO_COMPLEX;
    case X509_V_ERR_NO_EXPLICIT_POLICY:
        return Rule::NO_VALID_POLICY;
    case X509_V_ERR_UNNESTED_RESOURCE:
        return Rule::RESOURCES_NOT_NESTED;
    case X509_V_ERR_CERT_REVOKED:
        return Rule::REVOKED;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
        return Rule::CRL_MISSING;
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
        return Rule::CRL_NOT_YET_VALID;
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
        return Rule::CRL_EXPIRED;
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
        return Rule::CRL_ISSUER;
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
        return Rule::CRL_SCOPE;
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
        return Rule::CRL_SIGNATURE;
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
        return Rule::CRL_EXTENSION;
    default:
        return Rule::INTERNAL;
    }
}

}  // namespace kea_encryption::bridge
