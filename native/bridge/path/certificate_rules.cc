// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/certificate_rules.h"

#include "bridge/path/der.h"
#include "bridge/path/key_rules.h"
#include "bridge/path/name_rules.h"

#include <algorithm>

namespace kea_encryption::bridge {

namespace {

/// RFC 5280 section 4.1.2.2.
constexpr int MAX_SERIAL_OCTETS = 20;

Violation
tooComplex(const char* what, int count, int max) {
    return {Rule::TOO_COMPLEX,
            std::to_string(count) + " " + what + ", more than " + std::to_string(max)};
}

template <typename T>
T*
extension(const X509* certificate, int nid, int* critical = nullptr) {
    int found = -1;
    void* value = X509_get_ext_d2i(certificate, nid, &found, nullptr);
    if (critical != nullptr) {
        *critical = found;
    }
    return static_cast<T*>(value);
}

bool
hasExtension(const X509* certificate, int nid) {
    return X509_get_ext_by_NID(certificate, nid, -1) >= 0;
}

bool
isCritical(const X509* certificate, int nid) {
    const int at = X509_get_ext_by_NID(certificate, nid, -1);
    return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate, at)) == 1;
}

bool
isCa(const X509* certificate) {
    return (X509_get_extension_flags(const_cast<X509*>(certificate)) & EXFLAG_CA) != 0;
}

uint32_t
flagsOf(const X509* certificate) {
    return X509_get_extension_flags(const_cast<X509*>(certificate));
}

/// All bits if there is no keyUsage.
uint32_t
keyUsageOf(const X509* certificate) {
    return X509_get_key_usage(const_cast<X509*>(certificate));
}

/// The extensions of RFC 5280 section 4.2: those that are looked into.
bool
isUnderstood(int nid) {
    switch (nid) {
    case NID_authority_key_identifier:
    case NID_subject_key_identifier:
    case NID_key_usage:
    case NID_certificate_policies:
    case NID_policy_mappings:
    case NID_subject_alt_name:
    case NID_issuer_alt_name:
    case NID_subject_directory_attributes:
    case NID_basic_constraints:
    case NID_name_constraints:
    case NID_policy_constraints:
    case NID_ext_key_usage:
    case NID_crl_distribution_points:
    case NID_inhibit_any_policy:
    case NID_freshest_crl:
    case NID_info_access:
    case NID_sinfo_access:
        return true;
    default:
        return false;
    }
}

CheckResult
checkVersion(const X509* certificate) {
    if (X509_get_version(certificate) != X509_VERSION_3) {
        return Violation{Rule::VERSION, "not version 3 (RFC 5280 section 4.1.2.1)"};
    }
    return std::nullopt;
}

CheckResult
checkSerialNumber(const X509* certificate) {
    const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
    const int length = ASN1_STRING_length(serial);
    const unsigned char* octets = ASN1_STRING_get0_data(serial);
    if (ASN1_STRING_type(serial) != V_ASN1_INTEGER ||
        std::all_of(octets, octets + length, [](unsigned char octet) { return octet == 0; })) {
        return Violation{Rule::SERIAL_NUMBER,
                         "the serial number is not positive (RFC 5280 section 4.1.2.2)"};
    }
    if (length + (octets[0] >> 7) > MAX_SERIAL_OCTETS) {
        return Violation{Rule::SERIAL_NUMBER,
                         "the serial number has more than 20 octets (RFC 5280 section 4.1.2.2)"};
    }
    return std::nullopt;
}

CheckResult
checkSignatureAlgorithm(const X509* certificate) {
    const X509_ALGOR* outer = nullptr;
    X509_get0_signature(nullptr, &outer, certificate);
    if (X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(certificate)) != 0) {
        return Violation{Rule::SIGNATURE_ALGORITHM,
                         "the two signature algorithms differ (RFC 5280 section 4.1.1.2)"};
    }
    int digest = NID_undef;
    int key = NID_undef;
    X509_get_signature_info(const_cast<X509*>(certificate), &digest, &key, nullptr, nullptr);
    const ASN1_OBJECT* name = nullptr;
    int parameter_type = V_ASN1_UNDEF;
    X509_ALGOR_get0(&name, &parameter_type, nullptr, outer);
    const int nid = OBJ_obj2nid(name);
    if (!isAcceptedSignature(digest, key)) {
        return Violation{Rule::SIGNATURE_ALGORITHM,
                         std::string("signed with ") +
                             (nid == NID_undef ? "an unknown algorithm" : OBJ_nid2ln(nid))};
    }
    const bool has_parameters = parameter_type != V_ASN1_UNDEF;
    if (nid != NID_rsassaPss && has_parameters &&
        (key != EVP_PKEY_RSA || parameter_type != V_ASN1_NULL)) {
        return Violation{Rule::SIGNATURE_ALGORITHM,
                         "the signature algorithm has parameters (RFC 5758, RFC 8410)"};
    }
    return std::nullopt;
}

/// Strict DER that can be decoded, and not an empty list where RFC 5280 has SIZE (1..MAX).
bool
isWellFormed(X509_EXTENSION* extension, int nid) {
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
    const auto length = static_cast<size_t>(ASN1_STRING_length(value));
    if (checkDer(ASN1_STRING_get0_data(value), length)) {
        return false;
    }
    if (length == 2 && nid != NID_basic_constraints && nid != NID_authority_key_identifier &&
        nid != NID_subject_key_identifier) {
        return false;
    }
    const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
    if (method == nullptr || method->it == nullptr) {
        return true;  // subjectDirectoryAttributes, which OpenSSL only knows by name
    }
    void* decoded = X509V3_EXT_d2i(extension);
    if (decoded == nullptr) {
        return false;
    }
    ASN1_item_free(static_cast<ASN1_VALUE*>(decoded), ASN1_ITEM_ptr(method->it));
    return true;
}

CheckResult
checkExtensionForms(const X509* certificate) {
    const int count = X509_get_ext_count(certificate);
    for (int i = 0; i < count; ++i) {
        X509_EXTENSION* one = X509_get_ext(certificate, i);
        const ASN1_OBJECT* name = X509_EXTENSION_get_object(one);
        const int nid = OBJ_obj2nid(name);
        for (int j = i + 1; j < count; ++j) {
            if (OBJ_cmp(name, X509_EXTENSION_get_object(X509_get_ext(certificate, j))) == 0) {
                return Violation{Rule::DUPLICATE_EXTENSION,
                                 std::string("an extension occurs twice (RFC 5280 section 4.2): ") +
                                     (nid == NID_undef ? "unknown" : OBJ_nid2ln(nid))};
            }
        }
        if (isUnderstood(nid) && !isWellFormed(one, nid)) {
            return Violation{Rule::MALFORMED_EXTENSION,
                             std::string("empty, or not what it should be: ") + OBJ_nid2ln(nid)};
        }
    }
    if ((flagsOf(certificate) & EXFLAG_INVALID) != 0) {
        return Violation{Rule::MALFORMED_EXTENSION, "an extension cannot be decoded"};
    }
    return std::nullopt;
}

CheckResult
checkKeyUsageForm(const X509* certificate) {
    if (!hasExtension(certificate, NID_key_usage)) {
        return std::nullopt;
    }
    const BitStringPointer bits(extension<ASN1_BIT_STRING>(certificate, NID_key_usage));
    if (!bits) {
        return Violation{Rule::MALFORMED_EXTENSION, "keyUsage cannot be decoded"};
    }
    const int length = ASN1_STRING_length(bits.get());
    const unsigned char* octets = ASN1_STRING_get0_data(bits.get());
    if (length == 0 ||
        std::all_of(octets, octets + length, [](unsigned char octet) { return octet == 0; })) {
        return Violation{Rule::KEY_USAGE, "keyUsage has no bit set (RFC 5280 section 4.2.1.3)"};
    }
    // X.690 section 11.2.2: no zero bits at the end of a list of named bits.
    const int at = X509_get_ext_by_NID(certificate, NID_key_usage, -1);
    const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
    const unsigned char* encoded = ASN1_STRING_get0_data(value);
    const int end = ASN1_STRING_length(value);
    if (end < 4 || ((encoded[end - 1] >> encoded[2]) & 1) == 0) {
        return Violation{Rule::MALFORMED_EXTENSION, "not DER: keyUsage"};
    }
    return std::nullopt;
}

CheckResult
checkExtendedKeyUsageForm(const X509* certificate) {
    if (!hasExtension(certificate, NID_ext_key_usage)) {
        return std::nullopt;
    }
    const ExtendedKeyUsagePointer purposes(
        extension<EXTENDED_KEY_USAGE>(certificate, NID_ext_key_usage));
    if (!purposes || sk_ASN1_OBJECT_num(purposes.get()) == 0) {
        return Violation{Rule::MALFORMED_EXTENSION,
                         "extKeyUsage has no purpose (RFC 5280 section 4.2.1.12)"};
    }
    return std::nullopt;
}

/// RFC 5280 sections 4.2.1.1 and 4.2.1.2 oblige CAs to put key identifiers in, but only to help
/// with building paths: section 6 does without, and so may a certificate. Those that are there have
/// to be in order.
CheckResult
checkKeyIdentifiers(const X509* certificate, bool is_anchor) {
    if (isCritical(certificate, NID_authority_key_identifier)) {
        return Violation{Rule::AUTHORITY_KEY_IDENTIFIER,
                         "authorityKeyIdentifier is critical (RFC 5280 section 4.2.1.1)"};
    }
    if (isCritical(certificate, NID_subject_key_identifier)) {
        return Violation{Rule::SUBJECT_KEY_IDENTIFIER,
                         "subjectKeyIdentifier is critical (RFC 5280 section 4.2.1.2)"};
    }
    X509* mutable_certificate = const_cast<X509*>(certificate);
    const ASN1_OCTET_STRING* authority = X509_get0_authority_key_id(mutable_certificate);
    const ASN1_OCTET_STRING* subject = X509_get0_subject_key_id(mutable_certificate);
    const bool names_issuer = X509_get0_authority_issuer(mutable_certificate) != nullptr;
    const bool is_empty = authority == nullptr ? !names_issuer : ASN1_STRING_length(authority) == 0;
    if (!is_anchor && hasExtension(certificate, NID_authority_key_identifier) && is_empty) {
        return Violation{Rule::AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier is empty"};
    }
    if (names_issuer != (X509_get0_authority_serial(mutable_certificate) != nullptr)) {
        return Violation{
            Rule::AUTHORITY_KEY_IDENTIFIER,
            "authorityKeyIdentifier has an issuer without a serial number, or the other way round "
            "(RFC 5280 section 4.2.1.1)"};
    }
    if (hasExtension(certificate, NID_subject_key_identifier) &&
        (subject == nullptr || ASN1_STRING_length(subject) == 0)) {
        return Violation{Rule::SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier is empty"};
    }
    if (is_anchor && authority != nullptr && subject != nullptr &&
        (flagsOf(certificate) & EXFLAG_SI) != 0 && ASN1_OCTET_STRING_cmp(authority, subject) != 0) {
        return Violation{Rule::AUTHORITY_KEY_IDENTIFIER,
                         "a self-issued trust anchor that names another key"};
    }
    return std::nullopt;
}

CheckResult
checkSubjectAltName(const X509* certificate) {
    const bool is_unnamed = X509_NAME_entry_count(X509_get_subject_name(certificate)) == 0;
    if (!hasExtension(certificate, NID_subject_alt_name)) {
        if (is_unnamed) {
            return Violation{Rule::EMPTY_NAME,
                             "neither subject nor subjectAltName (RFC 5280 section 4.1.2.6)"};
        }
        return std::nullopt;
    }
    int critical = 0;
    const GeneralNamesPointer names(
        extension<GENERAL_NAMES>(certificate, NID_subject_alt_name, &critical));
    if (!names || sk_GENERAL_NAME_num(names.get()) == 0) {
        return Violation{Rule::SUBJECT_ALT_NAME,
                         "subjectAltName has no name (RFC 5280 section 4.2.1.6)"};
    }
    if (is_unnamed && critical != 1) {
        return Violation{
            Rule::SUBJECT_ALT_NAME,
            "the subject is empty and subjectAltName not critical (RFC 5280 section 4.2.1.6)"};
    }
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        if (!isWellFormedName(*sk_GENERAL_NAME_value(names.get(), i))) {
            return Violation{Rule::SUBJECT_ALT_NAME,
                             "name " + std::to_string(i + 1) +
                                 " of subjectAltName is malformed (RFC 5280 section 4.2.1.6)"};
        }
    }
    return std::nullopt;
}

bool
areWellFormed(const STACK_OF(GENERAL_SUBTREE) * subtrees) {
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); ++i) {
        const GENERAL_SUBTREE* subtree = sk_GENERAL_SUBTREE_value(subtrees, i);
        if (subtree->minimum != nullptr || subtree->maximum != nullptr ||
            !isWellFormedConstraint(*subtree->base)) {
            return false;
        }
    }
    return true;
}

CheckResult
checkNameConstraints(const X509* certificate) {
    if (!hasExtension(certificate, NID_name_constraints)) {
        return std::nullopt;
    }
    if (!isCa(certificate)) {
        return Violation{Rule::NAME_CONSTRAINTS,
                         "nameConstraints in a certificate of no CA (RFC 5280 section 4.2.1.10)"};
    }
    if (!isCritical(certificate, NID_name_constraints)) {
        return Violation{Rule::NAME_CONSTRAINTS,
                         "nameConstraints is not critical (RFC 5280 section 4.2.1.10)"};
    }
    const NameConstraintsPointer constraints(
        extension<NAME_CONSTRAINTS>(certificate, NID_name_constraints));
    if (!constraints || countSubtrees(certificate) == 0) {
        return Violation{Rule::NAME_CONSTRAINTS,
                         "nameConstraints is empty (RFC 5280 section 4.2.1.10)"};
    }
    // sk_num is -1 for a stack that is not there: an empty one that is there is no less wrong.
    if (sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) == 0 ||
        sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees) == 0 ||
        !areWellFormed(constraints->permittedSubtrees) ||
        !areWellFormed(constraints->excludedSubtrees)) {
        return Violation{Rule::NAME_CONSTRAINTS,
                         "a subtree is malformed (RFC 5280 section 4.2.1.10)"};
    }
    return std::nullopt;
}

CheckResult
checkPolicyExtensions(const X509* certificate) {
    for (const int nid : {NID_policy_constraints, NID_inhibit_any_policy}) {
        if (hasExtension(certificate, nid) && !isCritical(certificate, nid)) {
            return Violation{Rule::POLICY_EXTENSION,
                             std::string(OBJ_nid2ln(nid)) +
                                 " is not critical (RFC 5280 sections 4.2.1.11, 4.2.1.14)"};
        }
    }
    return std::nullopt;
}

/// Runs checks in order until one fails.
template <typename... Checks>
CheckResult
firstOf(Checks... checks) {
    CheckResult result;
    (void)((result = checks(), result.has_value()) || ...);
    return result;
}

template <typename T>
int
countExtension(const X509* certificate, int nid, int (*count)(const T*), void (*release)(T*)) {
    T* value = extension<T>(certificate, nid);
    if (value == nullptr) {
        return 0;
    }
    const int number = count(value);
    release(value);
    return number;
}

int
countPolicies(const X509* certificate) {
    return countExtension<CERTIFICATEPOLICIES>(
        certificate, NID_certificate_policies,
        [](const auto* value) { return sk_POLICYINFO_num(value); }, CERTIFICATEPOLICIES_free);
}

int
countMappings(const X509* certificate) {
    return countExtension<POLICY_MAPPINGS>(
        certificate, NID_policy_mappings,
        [](const auto* value) { return sk_POLICY_MAPPING_num(value); },
        [](POLICY_MAPPINGS* value) { sk_POLICY_MAPPING_pop_free(value, POLICY_MAPPING_free); });
}

int
countDistributionPoints(const X509* certificate) {
    return countExtension<CRL_DIST_POINTS>(
        certificate, NID_crl_distribution_points,
        [](const auto* value) { return sk_DIST_POINT_num(value); }, CRL_DIST_POINTS_free);
}

int
countKeyPurposes(const X509* certificate) {
    return countExtension<EXTENDED_KEY_USAGE>(
        certificate, NID_ext_key_usage, [](const auto* value) { return sk_ASN1_OBJECT_num(value); },
        freeExtendedKeyUsage);
}

bool
hasPurpose(const X509* certificate, int purpose) {
    const ExtendedKeyUsagePointer purposes(
        extension<EXTENDED_KEY_USAGE>(certificate, NID_ext_key_usage));
    for (int i = 0; purposes && i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
        if (OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes.get(), i)) == purpose) {
            return true;
        }
    }
    return false;
}

}  // namespace

CertificatePointer
parseCertificate(const unsigned char* octets, size_t length, CheckResult& violation) {
    if (length > MAX_CERTIFICATE_LENGTH) {
        violation =
            Violation{Rule::CERTIFICATE_TOO_LARGE, std::to_string(length) + " octets, more than " +
                                                       std::to_string(MAX_CERTIFICATE_LENGTH)};
        return nullptr;
    }
    if (const std::optional<DerProblem> problem = checkDer(octets, length)) {
        violation = Violation{Rule::MALFORMED, textOf(*problem)};
        return nullptr;
    }
    const unsigned char* at = octets;
    CertificatePointer certificate(d2i_X509(nullptr, &at, static_cast<long>(length)));
    if (!certificate || at != octets + length) {
        violation = Violation{Rule::MALFORMED, "no X.509 certificate"};
        return nullptr;
    }
    return certificate;
}

size_t
countNames(const X509* certificate) {
    const int alternative = countExtension<GENERAL_NAMES>(
        certificate, NID_subject_alt_name,
        [](const auto* value) { return sk_GENERAL_NAME_num(value); }, GENERAL_NAMES_free);
    return static_cast<size_t>(alternative) +
           static_cast<size_t>(X509_NAME_entry_count(X509_get_subject_name(certificate)));
}

size_t
countSubtrees(const X509* certificate) {
    const NameConstraintsPointer constraints(
        extension<NAME_CONSTRAINTS>(certificate, NID_name_constraints));
    if (!constraints) {
        return 0;
    }
    return static_cast<size_t>(std::max(0, sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees)) +
                               std::max(0, sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees)));
}

CheckResult
checkBounds(const X509* certificate) {
    const int extensions = X509_get_ext_count(certificate);
    if (extensions > MAX_EXTENSIONS) {
        return tooComplex("extensions", extensions, MAX_EXTENSIONS);
    }
    const int attributes = std::max(X509_NAME_entry_count(X509_get_subject_name(certificate)),
                                    X509_NAME_entry_count(X509_get_issuer_name(certificate)));
    if (attributes > MAX_ATTRIBUTES) {
        return tooComplex("attributes in a name", attributes, MAX_ATTRIBUTES);
    }
    const int names = static_cast<int>(countNames(certificate));
    if (names > MAX_NAMES) {
        return tooComplex("names", names, MAX_NAMES);
    }
    const int subtrees = static_cast<int>(countSubtrees(certificate));
    if (subtrees > MAX_SUBTREES) {
        return tooComplex("subtrees of name constraints", subtrees, MAX_SUBTREES);
    }
    const int policies = std::max(countPolicies(certificate), countMappings(certificate));
    if (policies > MAX_POLICIES) {
        return tooComplex("policies", policies, MAX_POLICIES);
    }
    const int points = countDistributionPoints(certificate);
    if (points > MAX_DISTRIBUTION_POINTS) {
        return tooComplex("distribution points", points, MAX_DISTRIBUTION_POINTS);
    }
    const int purposes = countKeyPurposes(certificate);
    if (purposes > MAX_KEY_PURPOSES) {
        return tooComplex("key purposes", purposes, MAX_KEY_PURPOSES);
    }
    if (!isAffordable(certificate)) {
        return Violation{Rule::KEY_SIZE, "the modulus or the exponent of its key is too long"};
    }
    return std::nullopt;
}

CheckResult
checkOnPath(const X509* certificate, bool is_anchor, bool lenient_issuers) {
    return firstOf(
        [&] { return checkVersion(certificate); },
        [&] { return lenient_issuers ? std::nullopt : checkSerialNumber(certificate); },
        [&] { return is_anchor ? std::nullopt : checkSignatureAlgorithm(certificate); },
        [&] { return checkExtensionForms(certificate); },
        [&] { return checkKeyUsageForm(certificate); },
        [&] { return checkExtendedKeyUsageForm(certificate); },
        [&] { return checkKeyIdentifiers(certificate, is_anchor); },
        [&] { return checkSubjectAltName(certificate); },
        [&] { return checkNameConstraints(certificate); },
        [&] { return lenient_issuers ? std::nullopt : checkPolicyExtensions(certificate); });
}

CheckResult
checkAuthority(const X509* certificate) {
    if (!isCa(certificate)) {
        return Violation{
            Rule::NOT_A_CA,
            "basicConstraints does not say that it is a CA (RFC 5280 section 4.2.1.9)"};
    }
    if (!hasExtension(certificate, NID_key_usage) ||
        (keyUsageOf(certificate) & KU_KEY_CERT_SIGN) == 0) {
        return Violation{Rule::KEY_USAGE,
                         "keyUsage does not allow keyCertSign (RFC 5280 section 4.2.1.3)"};
    }
    return checkAuthorityKey(certificate);
}

std::optional<std::string>
authorityWarning(const X509* certificate) {
    if (!isCritical(certificate, NID_basic_constraints)) {
        return "basicConstraints is not critical (RFC 5280 section 4.2.1.9)";
    }
    return std::nullopt;
}

CheckResult
checkEndEntity(const X509* certificate, Purpose purpose, bool decrypts) {
    if (isCa(certificate)) {
        return Violation{Rule::END_ENTITY_IS_CA, "the end entity is a CA"};
    }
    if (purpose == Purpose::ANY) {
        return checkAuthorityKey(certificate);
    }
    if (CheckResult violation = checkEndEntityKey(certificate)) {
        return violation;
    }
    if (hasExtension(certificate, NID_key_usage)) {
        if ((keyUsageOf(certificate) & KU_DIGITAL_SIGNATURE) == 0) {
            return Violation{Rule::KEY_USAGE, "keyUsage does not allow digitalSignature"};
        }
        const bool is_rsa = EVP_PKEY_get_base_id(X509_get0_pubkey(certificate)) == EVP_PKEY_RSA;
        const uint32_t to_decrypt = is_rsa ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT;
        if (decrypts && (keyUsageOf(certificate) & to_decrypt) == 0) {
            return Violation{Rule::KEY_USAGE, is_rsa ? "keyUsage does not allow keyEncipherment" :
                                                       "keyUsage does not allow keyAgreement"};
        }
        if ((keyUsageOf(certificate) & KU_KEY_CERT_SIGN) != 0) {
            return Violation{
                Rule::KEY_USAGE,
                "keyUsage allows keyCertSign, and it is no CA (RFC 5280 section 4.2.1.3)"};
        }
    }
    if (!hasPurpose(certificate, purpose == Purpose::CLIENT ? NID_client_auth : NID_server_auth)) {
        return Violation{Rule::EXTENDED_KEY_USAGE,
                         purpose == Purpose::CLIENT ? "extKeyUsage does not name id-kp-clientAuth" :
                                                      "extKeyUsage does not name id-kp-serverAuth"};
    }
    return std::nullopt;
}

}  // namespace kea_encryption::bridge
