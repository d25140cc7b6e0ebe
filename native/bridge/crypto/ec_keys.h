// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/crypto/curve.h"

#include <napi.h>

namespace kea_encryption::bridge {

/// @brief A point on P-256, P-384 or X25519, for ECDH and (but on X25519) ECDSA by OpenSSL. What
/// node:crypto spends on importing a point is ten times what OpenSSL needs, and twice on an
/// agreement, because it checks again what is known of the peer's point.
class EcPublicKey final : public Napi::ObjectWrap<EcPublicKey> {
public:
    static Napi::Function define(Napi::Env env);

    /// @brief new EcPublicKey(curve, point): throws an Error if the point is not on the curve.
    explicit EcPublicKey(const Napi::CallbackInfo& info);

private:
    /// @brief verify(hash, data, signature): whether it is the key's signature in the form r || s.
    Napi::Value verify(const Napi::CallbackInfo& info);
    /// @brief encapsulate(): a Buffer of a fresh key pair's public point and the secret agreed on
    /// with this key; undefined where that is, on X25519, zero.
    Napi::Value encapsulate(const Napi::CallbackInfo& info);

    const Curve* curve_;
    KeyPointer key_;
};

/// @brief A scalar and its point.
class EcPrivateKey final : public Napi::ObjectWrap<EcPrivateKey> {
public:
    static Napi::Function define(Napi::Env env);

    /// @brief new EcPrivateKey(curve, scalar, point): that the two belong together is the caller's
    /// to know. On X25519 the point is computed, and none is given.
    explicit EcPrivateKey(const Napi::CallbackInfo& info);

private:
    /// @brief point(): a Buffer of the public point.
    Napi::Value point(const Napi::CallbackInfo& info);
    /// @brief agree(point): a Buffer of the secret, or undefined where the point is none of the
    /// curve or the secret, on X25519, zero.
    Napi::Value agree(const Napi::CallbackInfo& info);
    /// release(): OpenSSL overwrites the scalar; from here on the others throw.
    void release(const Napi::CallbackInfo& info);
    void requireKey(Napi::Env env) const;

    const Curve* curve_;
    KeyPointer key_;
    KeyContextPointer context_;
};

}  // namespace kea_encryption::bridge
