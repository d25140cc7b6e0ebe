// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/key_rules.h"

#include "bridge/path/der.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

namespace kea_encryption::bridge {

namespace {

constexpr int MIN_RSA_BITS = 2048;
constexpr int MAX_RSA_BITS = 4096;
constexpr int MAX_AUTHORITY_RSA_BITS = 8192;
/// A longer public exponent makes each verification dear.
constexpr int MAX_RSA_EXPONENT_BITS = 64;

constexpr unsigned char UNCOMPRESSED_POINT = 0x04;

struct KeyView {
    int algorithm;
    int parameter_type;
    const void* parameter;
    const unsigned char* octets;
    int length;
    const EVP_PKEY* key;
};

/// @return without a key if it cannot be decoded
KeyView
viewOf(const X509* certificate) {
    KeyView view = {};
    ASN1_OBJECT* ignored = nullptr;
    X509_ALGOR* algorithm = nullptr;
    X509_PUBKEY* key = X509_get_X509_PUBKEY(certificate);
    if (X509_PUBKEY_get0_param(&ignored, &view.octets, &view.length, &algorithm, key) != 1) {
        return view;
    }
    const ASN1_OBJECT* name = nullptr;
    X509_ALGOR_get0(&name, &view.parameter_type, &view.parameter, algorithm);
    view.algorithm = OBJ_obj2nid(name);
    // The key is a whole number of octets; its BIT STRING keeps the number of unused bits in its
    // flags.
    const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(certificate);
    if (bits == nullptr || (bits->flags & 0x07) == 0) {
        view.key = X509_get0_pubkey(certificate);
    }
    return view;
}

bool
hasShortExponent(const EVP_PKEY* key) {
    BIGNUM* exponent = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) {
        return false;
    }
    const bool is_short = BN_is_odd(exponent) && !BN_is_one(exponent) &&
                          BN_num_bits(exponent) <= MAX_RSA_EXPONENT_BITS;
    BN_free(exponent);
    return is_short;
}

std::optional<Violation>
checkRsa(const KeyView& view, int max_bits) {
    if (view.parameter_type != V_ASN1_NULL && view.algorithm == NID_rsaEncryption) {
        return Violation{Rule::KEY_ENCODING,
                         "the parameters of an RSA key must be NULL (RFC 3279 section 2.3.1)"};
    }
    if (const std::optional<DerProblem> problem =
            checkDer(view.octets, static_cast<size_t>(view.length))) {
        return Violation{Rule::KEY_ENCODING, "the RSA key: " + textOf(*problem)};
    }
    const int bits = EVP_PKEY_get_bits(view.key);
    if (bits < MIN_RSA_BITS || bits > max_bits) {
        return Violation{Rule::KEY_SIZE, "an RSA key of " + std::to_string(bits) +
                                             " bits, not of " + std::to_string(MIN_RSA_BITS) +
                                             " to " + std::to_string(max_bits)};
    }
    if (!hasShortExponent(view.key)) {
        return Violation{Rule::KEY_SIZE,
                         "the RSA exponent must be odd, above 1 and at most 64 bits long"};
    }
    return std::nullopt;
}

std::optional<Violation>
checkCurve(const KeyView& view, bool with_p521) {
    if (view.parameter_type != V_ASN1_OBJECT) {
        return Violation{Rule::KEY_ENCODING,
                         "the EC key does not name its curve (RFC 5480 section 2.1.1)"};
    }
    const int curve = OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(view.parameter));
    if (curve != NID_X9_62_prime256v1 && curve != NID_secp384r1 &&
        !(with_p521 && curve == NID_secp521r1)) {
        const char* name = curve == NID_undef ? "unknown" : OBJ_nid2sn(curve);
        return Violation{Rule::KEY_TYPE, std::string("an EC key on the curve ") + name};
    }
    if (view.length < 1 || view.octets[0] != UNCOMPRESSED_POINT) {
        return Violation{Rule::KEY_ENCODING, "the EC point is not uncompressed"};
    }
    return std::nullopt;
}

Violation
unsupported(int algorithm) {
    const char* name = algorithm == NID_undef ? "unknown" : OBJ_nid2ln(algorithm);
    return Violation{Rule::KEY_TYPE, std::string("a key of the type ") + name};
}

bool
isKnown(int algorithm) {
    return algorithm == NID_rsaEncryption || algorithm == NID_rsassaPss ||
           algorithm == NID_X9_62_id_ecPublicKey || algorithm == NID_ED25519 ||
           algorithm == NID_ED448;
}

Violation
undecodable() {
    return Violation{Rule::KEY_ENCODING, "the public key cannot be decoded"};
}

}  // namespace

std::optional<Violation>
checkAuthorityKey(const X509* certificate) {
    const KeyView view = viewOf(certificate);
    if (!isKnown(view.algorithm)) {
        return unsupported(view.algorithm);
    }
    if (view.key == nullptr) {
        return undecodable();
    }
    switch (view.algorithm) {
    case NID_rsaEncryption:
    case NID_rsassaPss:
        return checkRsa(view, MAX_AUTHORITY_RSA_BITS);
    case NID_X9_62_id_ecPublicKey:
        return checkCurve(view, true);
    default:
        return std::nullopt;
    }
}

std::optional<Violation>
checkEndEntityKey(const X509* certificate) {
    const KeyView view = viewOf(certificate);
    if (view.algorithm != NID_rsaEncryption && view.algorithm != NID_X9_62_id_ecPublicKey) {
        return unsupported(view.algorithm);
    }
    if (view.key == nullptr) {
        return undecodable();
    }
    return view.algorithm == NID_rsaEncryption ? checkRsa(view, MAX_RSA_BITS) :
                                                 checkCurve(view, false);
}

bool
isAffordable(const X509* certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    if (key == nullptr) {
        return true;  // no signature is verified with it
    }
    const int type = EVP_PKEY_get_base_id(key);
    return EVP_PKEY_get_bits(key) <= MAX_AUTHORITY_RSA_BITS &&
           ((type != EVP_PKEY_RSA && type != EVP_PKEY_RSA_PSS) || hasShortExponent(key));
}

bool
isAcceptedSignature(int digest, int key) {
    switch (digest) {
    case NID_sha256:
    case NID_sha384:
    case NID_sha512:
        return true;
    default:
        return key == NID_ED25519 || key == NID_ED448;
    }
}

}  // namespace kea_encryption::bridge
