// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/path/trust_store.h"

#include <napi.h>

#include <memory>

namespace kea_encryption::bridge {

/// @brief A TrustStore for JavaScript.
///
/// Verification runs on the calling thread: handing it to another one and waiting for that costs as
/// much again, and even a hostile chain takes few milliseconds (bench/paths.ts).
class PathStore final : public Napi::ObjectWrap<PathStore> {
public:
    static Napi::Function define(Napi::Env env);

    /// @brief new PathStore(anchors, intermediates, crls, lapsedCrls)
    explicit PathStore(const Napi::CallbackInfo& info);

private:
    /// @brief verify(chain, options)
    Napi::Value verify(const Napi::CallbackInfo& info);

    /// @brief lists(certificate)
    Napi::Value lists(const Napi::CallbackInfo& info);

    /// @brief release(): from here on the others throw.
    ///
    /// The garbage collector sees a small object and takes its time.
    void release(const Napi::CallbackInfo& info);

    void requireStore(Napi::Env env) const;

    std::shared_ptr<const TrustStore> store_;
};

/// @brief The names of all rules.
Napi::Value
pathRules(Napi::Env env);

}  // namespace kea_encryption::bridge
