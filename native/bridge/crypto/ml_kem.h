// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/crypto/curve.h"

#include <napi.h>

namespace kea_encryption::bridge {

/// ML-KEM-768 (FIPS 203) by OpenSSL 3.5 and later, which is fetched by name: the addon is built
/// with the headers of an older one, and runs with whichever Node.js brings.

/// hasMlKem(): whether this OpenSSL has it.
Napi::Value
hasMlKem(const Napi::CallbackInfo& info);

/// An encapsulation key.
class MlKemPublicKey final : public Napi::ObjectWrap<MlKemPublicKey> {
public:
    static Napi::Function define(Napi::Env env);

    /// new MlKemPublicKey(key): throws an Error where the check of FIPS 203 section 7.2 fails.
    explicit MlKemPublicKey(const Napi::CallbackInfo& info);

private:
    /// encapsulate(m): a Buffer of the ciphertext and the shared secret.
    Napi::Value encapsulate(const Napi::CallbackInfo& info);

    KeyPointer key_;
};

/// A decapsulation key, expanded from its seed.
class MlKemPrivateKey final : public Napi::ObjectWrap<MlKemPrivateKey> {
public:
    static Napi::Function define(Napi::Env env);

    /// new MlKemPrivateKey(seed): seed is d || z of FIPS 203 section 7.1.
    explicit MlKemPrivateKey(const Napi::CallbackInfo& info);

private:
    /// publicKey(): a Buffer of the encapsulation key.
    Napi::Value publicKey(const Napi::CallbackInfo& info);
    /// decapsulate(ciphertext): a Buffer of the shared secret; undefined where the ciphertext has
    /// another length.
    Napi::Value decapsulate(const Napi::CallbackInfo& info);
    /// release(): OpenSSL overwrites the key; from here on the others throw.
    void release(const Napi::CallbackInfo& info);
    void requireKey(Napi::Env env) const;

    KeyPointer key_;
    KeyContextPointer context_;
};

}  // namespace kea_encryption::bridge
