// SPDX-License-Identifier: MPL-2.0

#include "bridge/crypto/curve.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <stdexcept>
#include <string>

namespace kea_encryption::bridge {

namespace {

constexpr uint8_t UNCOMPRESSED = 0x04;
constexpr const char* X25519 = "X25519";
constexpr size_t X25519_LENGTH = 32;

using ScalarPointer = std::unique_ptr<BIGNUM, Release<BIGNUM, BN_clear_free>>;
using BuilderPointer =
    std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using ParametersPointer = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM, OSSL_PARAM_free>>;

KeyPointer
fromData(int selection, OSSL_PARAM* parameters) {
    const KeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, selection, parameters) != 1) {
        return nullptr;
    }
    return KeyPointer(key);
}

}  // namespace

KeyPointer
Curve::freshKey() const {
    const KeyContextPointer context = generationContext();
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
        EVP_PKEY_keygen(context.get(), &key) != 1) {
        return nullptr;
    }
    return KeyPointer(key);
}

NistCurve::NistCurve(const char* name, size_t field_length)
    : Curve(field_length, 1 + 2 * field_length), name_(name) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(name), 0),
        OSSL_PARAM_construct_end()};
    parameters_ = fromData(EVP_PKEY_KEY_PARAMETERS, parameters);
    if (!parameters_) {
        throw std::runtime_error(std::string("OpenSSL has no curve ") + name);
    }
}

KeyPointer
NistCurve::publicKey(const Octets& point) const {
    if (point.length != pointLength() || point.data[0] != UNCOMPRESSED) {
        return nullptr;
    }
    KeyPointer key(EVP_PKEY_dup(parameters_.get()));
    // Refuses coordinates beyond the field, and a point that is not on the curve.
    if (!key || EVP_PKEY_set1_encoded_public_key(key.get(), point.data, point.length) != 1) {
        return nullptr;
    }
    return key;
}

KeyPointer
NistCurve::privateKey(const Octets& scalar, const Octets& point) const {
    if (scalar.length != fieldLength() || !publicKey(point)) {
        return nullptr;
    }
    const ScalarPointer number(BN_bin2bn(scalar.data, static_cast<int>(scalar.length), nullptr));
    const BuilderPointer builder(OSSL_PARAM_BLD_new());
    if (!number || !builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name_, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data,
                                         point.length) != 1 ||
        OSSL_PARAM_BLD_push_BN_pad(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get(),
                                   scalar.length) != 1) {
        return nullptr;
    }
    const ParametersPointer parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    if (!parameters) {
        return nullptr;
    }
    KeyPointer key = fromData(EVP_PKEY_KEYPAIR, parameters.get());
    OSSL_PARAM* secret = OSSL_PARAM_locate(parameters.get(), OSSL_PKEY_PARAM_PRIV_KEY);
    OPENSSL_cleanse(secret->data, secret->data_size);
    return key;
}

KeyContextPointer
NistCurve::generationContext() const {
    return KeyContextPointer(EVP_PKEY_CTX_new_from_pkey(nullptr, parameters_.get(), nullptr));
}

X25519Curve::X25519Curve() : Curve(X25519_LENGTH, X25519_LENGTH) {
}

KeyPointer
X25519Curve::publicKey(const Octets& point) const {
    return KeyPointer(
        EVP_PKEY_new_raw_public_key_ex(nullptr, X25519, nullptr, point.data, point.length));
}

KeyPointer
X25519Curve::privateKey(const Octets& scalar, const Octets&) const {
    return KeyPointer(
        EVP_PKEY_new_raw_private_key_ex(nullptr, X25519, nullptr, scalar.data, scalar.length));
}

KeyContextPointer
X25519Curve::generationContext() const {
    return KeyContextPointer(EVP_PKEY_CTX_new_from_name(nullptr, X25519, nullptr));
}

bool
agree(EVP_PKEY_CTX* context, EVP_PKEY* peer, uint8_t* secret, size_t length) {
    size_t written = length;
    // 0: the peer's key was checked when it was made; checking it again multiplies it by the order
    // of the curve.
    return EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1 &&
           EVP_PKEY_derive(context, secret, &written) == 1 && written == length;
}

KeyContextPointer
agreementContext(EVP_PKEY* key) {
    KeyContextPointer context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    if (!context || EVP_PKEY_derive_init(context.get()) != 1) {
        return nullptr;
    }
    return context;
}

}  // namespace kea_encryption::bridge
