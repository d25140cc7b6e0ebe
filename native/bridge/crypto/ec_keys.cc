// SPDX-License-Identifier: MPL-2.0

#include "bridge/crypto/ec_keys.h"

#include "bridge/environment.h"
#include "bridge/openssl.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>

#include <array>

namespace kea_encryption::bridge {

namespace {

/// Of the longest curve, P-384.
constexpr size_t MAX_FIELD_LENGTH = 48;

using SignaturePointer = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG, ECDSA_SIG_free>>;
using DigestContextPointer = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX, EVP_MD_CTX_free>>;

struct Freed {
    void operator()(unsigned char* octets) const {
        OPENSSL_free(octets);
    }
};

const Curve&
curveArgument(const Napi::Value& value) {
    const std::string name = stringArgument(value, "curve");
    Environment& environment = Environment::of(value.Env());
    if (name == "P-256") {
        return environment.p256();
    }
    if (name == "P-384") {
        return environment.p384();
    }
    if (name == "X25519") {
        return environment.x25519();
    }
    refuse(value.Env(), "curve", "must be P-256, P-384 or X25519, not '" + name + "'");
}

[[noreturn]] void
fail(Napi::Env env, const char* what) {
    throw Napi::Error::New(env, what);
}

/// The point of a key as it is sent; empty where that fails.
struct EncodedPoint {
    explicit EncodedPoint(EVP_PKEY* key) {
        unsigned char* encoded = nullptr;
        length = EVP_PKEY_get1_encoded_public_key(key, &encoded);
        octets.reset(encoded);
    }
    std::unique_ptr<unsigned char, Freed> octets;
    size_t length;
};

/// r || s in the form that OpenSSL takes, the DER of RFC 3279 section 2.2.3.
/// @return octets, 0 if there was no memory
int
derOf(const Octets& signature, std::unique_ptr<unsigned char, Freed>& der) {
    const int half = static_cast<int>(signature.length / 2);
    const SignaturePointer pair(ECDSA_SIG_new());
    BIGNUM* r = BN_bin2bn(signature.data, half, nullptr);
    BIGNUM* s = BN_bin2bn(signature.data + half, half, nullptr);
    if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return 0;
    }
    unsigned char* octets = nullptr;
    const int length = i2d_ECDSA_SIG(pair.get(), &octets);
    der.reset(octets);
    return length;
}

}  // namespace

Napi::Function
EcPublicKey::define(Napi::Env env) {
    return DefineClass(env, "EcPublicKey",
                       {InstanceMethod<&EcPublicKey::verify>("verify"),
                        InstanceMethod<&EcPublicKey::encapsulate>("encapsulate")});
}

EcPublicKey::EcPublicKey(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<EcPublicKey>(info), curve_(&curveArgument(info[0])) {
    const ErrorQueueMark mark;
    key_ = curve_->publicKey(octetsArgument(info[1], "point"));
    if (!key_) {
        fail(info.Env(), "not a point of the curve");
    }
}

Napi::Value
EcPublicKey::verify(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    const std::string hash = stringArgument(info[0], "hash");
    const Octets data = octetsArgument(info[1], "data");
    const Octets signature = octetsArgument(info[2], "signature");
    if (signature.length != 2 * curve_->fieldLength()) {
        return Napi::Boolean::New(info.Env(), false);
    }
    std::unique_ptr<unsigned char, Freed> der;
    const int length = derOf(signature, der);
    const DigestContextPointer context(EVP_MD_CTX_new());
    if (length <= 0 || !context ||
        EVP_DigestVerifyInit_ex(context.get(), nullptr, hash.c_str(), nullptr, nullptr, key_.get(),
                                nullptr) != 1) {
        fail(info.Env(), "the signature cannot be verified");
    }
    const int result = EVP_DigestVerify(context.get(), der.get(), static_cast<size_t>(length),
                                        data.data, data.length);
    return Napi::Boolean::New(info.Env(), result == 1);
}

Napi::Value
EcPublicKey::encapsulate(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    const KeyPointer fresh = curve_->freshKey();
    const KeyContextPointer context = fresh ? agreementContext(fresh.get()) : nullptr;
    if (!context) {
        fail(info.Env(), "no fresh key");
    }
    const EncodedPoint point(fresh.get());
    std::array<uint8_t, MAX_FIELD_LENGTH> secret;
    if (point.length != curve_->pointLength() ||
        !bridge::agree(context.get(), key_.get(), secret.data(), curve_->fieldLength())) {
        return info.Env().Undefined();
    }
    Napi::Buffer<uint8_t> both =
        Napi::Buffer<uint8_t>::New(info.Env(), point.length + curve_->fieldLength());
    std::copy_n(point.octets.get(), point.length, both.Data());
    std::copy_n(secret.data(), curve_->fieldLength(), both.Data() + point.length);
    OPENSSL_cleanse(secret.data(), secret.size());
    return both;
}

Napi::Function
EcPrivateKey::define(Napi::Env env) {
    return DefineClass(env, "EcPrivateKey",
                       {InstanceMethod<&EcPrivateKey::point>("point"),
                        InstanceMethod<&EcPrivateKey::agree>("agree"),
                        InstanceMethod<&EcPrivateKey::release>("release")});
}

EcPrivateKey::EcPrivateKey(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<EcPrivateKey>(info), curve_(&curveArgument(info[0])) {
    const ErrorQueueMark mark;
    const Octets scalar = octetsArgument(info[1], "scalar");
    const Octets point = curve_ == &Environment::of(info.Env()).x25519() ?
                             Octets{nullptr, 0} :
                             octetsArgument(info[2], "point");
    key_ = curve_->privateKey(scalar, point);
    context_ = key_ ? agreementContext(key_.get()) : nullptr;
    if (!context_) {
        fail(info.Env(), "no key pair of the curve");
    }
}

Napi::Value
EcPrivateKey::point(const Napi::CallbackInfo& info) {
    requireKey(info.Env());
    const EncodedPoint point(key_.get());
    if (point.length != curve_->pointLength()) {
        fail(info.Env(), "the key has no point");
    }
    return Napi::Buffer<uint8_t>::Copy(info.Env(), point.octets.get(), point.length);
}

void
EcPrivateKey::release(const Napi::CallbackInfo&) {
    context_.reset();
    key_.reset();
}

void
EcPrivateKey::requireKey(Napi::Env env) const {
    if (!context_) {
        fail(env, "the key was released");
    }
}

Napi::Value
EcPrivateKey::agree(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    requireKey(info.Env());
    const KeyPointer peer = curve_->publicKey(octetsArgument(info[0], "point"));
    std::array<uint8_t, MAX_FIELD_LENGTH> secret;
    const size_t length = curve_->fieldLength();
    if (!peer || !bridge::agree(context_.get(), peer.get(), secret.data(), length)) {
        return info.Env().Undefined();
    }
    const Napi::Value result = Napi::Buffer<uint8_t>::Copy(info.Env(), secret.data(), length);
    OPENSSL_cleanse(secret.data(), secret.size());
    return result;
}

}  // namespace kea_encryption::bridge
