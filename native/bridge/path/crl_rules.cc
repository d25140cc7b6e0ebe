// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/crl_rules.h"

#include "bridge/path/der.h"
#include "bridge/path/key_rules.h"

#include <openssl/objects.h>

namespace kea_encryption::bridge {

namespace {

/// RFC 5280 section 5.2.3.
constexpr int MAX_NUMBER_OCTETS = 20;

enum class Criticality { ABSENT, NOT_CRITICAL, CRITICAL };

Criticality
criticalityOf(const X509_CRL* crl, int nid) {
    const int at = X509_CRL_get_ext_by_NID(crl, nid, -1);
    if (at < 0) {
        return Criticality::ABSENT;
    }
    return X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, at)) == 1 ? Criticality::CRITICAL :
                                                                         Criticality::NOT_CRITICAL;
}

bool
isAcceptedNumber(const ASN1_INTEGER* number) {
    const int length = ASN1_STRING_length(number);
    return ASN1_STRING_type(number) == V_ASN1_INTEGER && length > 0 &&
           length + (ASN1_STRING_get0_data(number)[0] >> 7) <= MAX_NUMBER_OCTETS;
}

bool
hasRepeatedExtension(const X509_CRL* crl) {
    for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
        const ASN1_OBJECT* name = X509_EXTENSION_get_object(X509_CRL_get_ext(crl, i));
        if (X509_CRL_get_ext_by_OBJ(crl, name, i) >= 0) {
            return true;
        }
    }
    return false;
}

std::optional<Violation>
checkSignatureAlgorithm(const X509_CRL* crl) {
    const X509_ALGOR* algorithm = nullptr;
    X509_CRL_get0_signature(crl, nullptr, &algorithm);
    const ASN1_OBJECT* name = nullptr;
    X509_ALGOR_get0(&name, nullptr, nullptr, algorithm);
    const int nid = OBJ_obj2nid(name);
    int digest = NID_undef;
    int key = NID_undef;
    if (nid == NID_rsassaPss) {
        // What follows the identifier has to name SHA-2 everywhere; SHA-1 is what stands for
        // nothing said.
        return Violation{Rule::CRL_SIGNATURE_ALGORITHM,
                         "signed with RSASSA-PSS, which is not supported for CRLs"};
    }
    OBJ_find_sigid_algs(nid, &digest, &key);
    if (!isAcceptedSignature(digest, key)) {
        return Violation{Rule::CRL_SIGNATURE_ALGORITHM,
                         std::string("signed with ") +
                             (nid == NID_undef ? "an unknown algorithm" : OBJ_nid2ln(nid))};
    }
    return std::nullopt;
}

std::optional<Violation>
checkNumber(const X509_CRL* crl) {
    if (criticalityOf(crl, NID_crl_number) == Criticality::ABSENT) {
        return isDelta(crl) ?
                   std::optional(Violation{
                       Rule::CRL_NUMBER, "a delta CRL without a number (RFC 5280 section 5.2.4)"}) :
                   std::nullopt;
    }
    const IntegerPointer number = crlNumber(crl);
    if (!number || criticalityOf(crl, NID_crl_number) != Criticality::NOT_CRITICAL ||
        !isAcceptedNumber(number.get())) {
        return Violation{Rule::CRL_NUMBER,
                         "a critical, negative or overlong CRL number (RFC 5280 section 5.2.3)"};
    }
    return std::nullopt;
}

}  // namespace

CrlPointer
parseCrl(const unsigned char* octets, size_t length, std::string& problem) {
    if (const std::optional<DerProblem> der_problem = checkDer(octets, length)) {
        problem = textOf(*der_problem);
        return nullptr;
    }
    const unsigned char* at = octets;
    CrlPointer crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(length)));
    if (!crl || at != octets + length) {
        problem = "no X.509 CRL";
        return nullptr;
    }
    return crl;
}

bool
isDelta(const X509_CRL* crl) {
    return criticalityOf(crl, NID_delta_crl) != Criticality::ABSENT;
}

IntegerPointer
crlNumber(const X509_CRL* crl) {
    return IntegerPointer(
        static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr)));
}

std::optional<Violation>
checkCrl(const X509_CRL* crl) {
    if (X509_CRL_get_version(crl) != X509_CRL_VERSION_2) {
        return Violation{Rule::CRL_VERSION, "not version 2 (RFC 5280 section 5.1.2.1)"};
    }
    if (const std::optional<Violation> violation = checkSignatureAlgorithm(crl)) {
        return violation;
    }
    if (X509_CRL_get0_nextUpdate(crl) == nullptr) {
        return Violation{Rule::CRL_NEXT_UPDATE, "no next update (RFC 5280 section 5.1.2.5)"};
    }
    if (hasRepeatedExtension(crl)) {
        return Violation{Rule::CRL_EXTENSION, "an extension occurs twice (RFC 5280 section 4.2)"};
    }
    if (const std::optional<Violation> violation = checkNumber(crl)) {
        return violation;
    }
    for (const int nid : {NID_delta_crl, NID_issuing_distribution_point}) {
        if (criticalityOf(crl, nid) == Criticality::NOT_CRITICAL) {
            return Violation{Rule::CRL_EXTENSION,
                             std::string(OBJ_nid2ln(nid)) +
                                 " is not critical (RFC 5280 sections 5.2.4, 5.2.5)"};
        }
    }
    return std::nullopt;
}

}  // namespace kea_encryption::bridge
