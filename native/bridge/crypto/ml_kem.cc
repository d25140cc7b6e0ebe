// SPDX-License-Identifier: MPL-2.0

#include "bridge/crypto/ml_kem.h"

#include "bridge/openssl.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include <array>

namespace kea_encryption::bridge {

namespace {

constexpr const char* ML_KEM_768 = "ML-KEM-768";
/// Names of parameters that the headers of OpenSSL before 3.5 do not have.
constexpr const char* SEED = "seed";
constexpr const char* IKME = "ikme";

constexpr size_t SEED_LENGTH = 64;
constexpr size_t RANDOM_LENGTH = 32;
constexpr size_t PUBLIC_KEY_LENGTH = 1184;
constexpr size_t CIPHERTEXT_LENGTH = 1088;
constexpr size_t SECRET_LENGTH = 32;

/// A key made of one octet string; null where OpenSSL takes it for none.
KeyPointer
fromOctets(int selection, const char* parameter, const Octets& octets) {
    const KeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, ML_KEM_768, nullptr));
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(
                                   parameter, const_cast<uint8_t*>(octets.data), octets.length),
                               OSSL_PARAM_construct_end()};
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, selection, parameters) != 1) {
        return nullptr;
    }
    return KeyPointer(key);
}

KeyContextPointer
contextOf(EVP_PKEY* key) {
    return KeyContextPointer(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
}

Octets
octetsOf(const Napi::Value& value, const char* name, size_t length) {
    const Octets octets = octetsArgument(value, name);
    if (octets.length != length) {
        refuse(value.Env(), name, "must have " + std::to_string(length) + " octets");
    }
    return octets;
}

[[noreturn]] void
fail(Napi::Env env, const char* what) {
    throw Napi::Error::New(env, what);
}

}  // namespace

Napi::Value
hasMlKem(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    const KeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, ML_KEM_768, nullptr));
    return Napi::Boolean::New(info.Env(), context != nullptr);
}

Napi::Function
MlKemPublicKey::define(Napi::Env env) {
    return DefineClass(env, "MlKemPublicKey",
                       {InstanceMethod<&MlKemPublicKey::encapsulate>("encapsulate")});
}

MlKemPublicKey::MlKemPublicKey(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<MlKemPublicKey>(info) {
    const ErrorQueueMark mark;
    // Refuses another length, and coefficients that are not reduced.
    key_ = fromOctets(EVP_PKEY_PUBLIC_KEY, OSSL_PKEY_PARAM_PUB_KEY, octetsArgument(info[0], "key"));
    if (!key_) {
        fail(info.Env(), "not an encapsulation key of ML-KEM-768");
    }
}

Napi::Value
MlKemPublicKey::encapsulate(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    const Octets random = octetsOf(info[0], "m", RANDOM_LENGTH);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(IKME, const_cast<uint8_t*>(random.data), random.length),
        OSSL_PARAM_construct_end()};
    const KeyContextPointer context = contextOf(key_.get());
    Napi::Buffer<uint8_t> both =
        Napi::Buffer<uint8_t>::New(info.Env(), CIPHERTEXT_LENGTH + SECRET_LENGTH);
    size_t ciphertext_length = CIPHERTEXT_LENGTH;
    size_t secret_length = SECRET_LENGTH;
    if (!context || EVP_PKEY_encapsulate_init(context.get(), parameters) != 1 ||
        EVP_PKEY_encapsulate(context.get(), both.Data(), &ciphertext_length,
                             both.Data() + CIPHERTEXT_LENGTH, &secret_length) != 1 ||
        ciphertext_length != CIPHERTEXT_LENGTH || secret_length != SECRET_LENGTH) {
        fail(info.Env(), "no encapsulation");
    }
    return both;
}

Napi::Function
MlKemPrivateKey::define(Napi::Env env) {
    return DefineClass(env, "MlKemPrivateKey",
                       {InstanceMethod<&MlKemPrivateKey::publicKey>("publicKey"),
                        InstanceMethod<&MlKemPrivateKey::decapsulate>("decapsulate"),
                        InstanceMethod<&MlKemPrivateKey::release>("release")});
}

MlKemPrivateKey::MlKemPrivateKey(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<MlKemPrivateKey>(info) {
    const ErrorQueueMark mark;
    key_ = fromOctets(EVP_PKEY_KEYPAIR, SEED, octetsOf(info[0], "seed", SEED_LENGTH));
    context_ = key_ ? contextOf(key_.get()) : nullptr;
    if (!context_ || EVP_PKEY_decapsulate_init(context_.get(), nullptr) != 1) {
        fail(info.Env(), "no key pair of ML-KEM-768");
    }
}

void
MlKemPrivateKey::requireKey(Napi::Env env) const {
    if (!context_) {
        fail(env, "the key was released");
    }
}

Napi::Value
MlKemPrivateKey::publicKey(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    requireKey(info.Env());
    Napi::Buffer<uint8_t> key = Napi::Buffer<uint8_t>::New(info.Env(), PUBLIC_KEY_LENGTH);
    size_t length = PUBLIC_KEY_LENGTH;
    if (EVP_PKEY_get_raw_public_key(key_.get(), key.Data(), &length) != 1 ||
        length != PUBLIC_KEY_LENGTH) {
        fail(info.Env(), "the key has no public key");
    }
    return key;
}

Napi::Value
MlKemPrivateKey::decapsulate(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    requireKey(info.Env());
    const Octets ciphertext = octetsArgument(info[0], "ciphertext");
    std::array<uint8_t, SECRET_LENGTH> secret;
    size_t length = secret.size();
    if (ciphertext.length != CIPHERTEXT_LENGTH ||
        EVP_PKEY_decapsulate(context_.get(), secret.data(), &length, ciphertext.data,
                             ciphertext.length) != 1 ||
        length != secret.size()) {
        return info.Env().Undefined();
    }
    const Napi::Value result = Napi::Buffer<uint8_t>::Copy(info.Env(), secret.data(), length);
    OPENSSL_cleanse(secret.data(), secret.size());
    return result;
}

void
MlKemPrivateKey::release(const Napi::CallbackInfo&) {
    context_.reset();
    key_.reset();
}

}  // namespace kea_encryption::bridge
