// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/crypto/curve.h"
#include "bridge/crypto/symmetric.h"
#include "bridge/receive_slab.h"

#include <napi.h>

#include <memory>

namespace kea_encryption::bridge {

/// @brief What one environment (the main thread, a worker thread) keeps; freed with it.
class Environment {
public:
    static Environment& of(Napi::Env env) {
        return *env.GetInstanceData<Environment>();
    }

    /// @brief Made when the first channel opens.
    ReceiveSlab& slab(Napi::Env env) {
        if (!slab_) {
            slab_ = std::make_unique<ReceiveSlab>(env);
        }
        return *slab_;
    }

    /// @brief The NIST curves are made when they are first asked for.
    const Curve& p256() {
        return curve(p256_, "prime256v1", 32);
    }
    const Curve& p384() {
        return curve(p384_, "secp384r1", 48);
    }
    const Curve& x25519() {
        return x25519_;
    }

    Symmetric& symmetric() {
        return symmetric_;
    }

private:
    static const Curve&
    curve(std::unique_ptr<NistCurve>& curve, const char* name, size_t field_length) {
        if (!curve) {
            curve = std::make_unique<NistCurve>(name, field_length);
        }
        return *curve;
    }

    std::unique_ptr<ReceiveSlab> slab_;
    std::unique_ptr<NistCurve> p256_;
    std::unique_ptr<NistCurve> p384_;
    X25519Curve x25519_;
    Symmetric symmetric_;
};

}  // namespace kea_encryption::bridge
