// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_BRIDGE_ENVIRONMENT_H
#define KEA_ENCRYPTION_BRIDGE_ENVIRONMENT_H

#include "bridge/receive_slab.h"

#include <napi.h>

#include <memory>

namespace kea_encryption {
namespace bridge {

/// What one environment (the main thread, a worker thread) keeps; freed with it.
class Environment {
public:
    static Environment &of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

    /// Made when the first channel opens.
    ReceiveSlab &slab(Napi::Env env) {
        if (!slab_) {
            slab_ = std::make_unique<ReceiveSlab>(env);
        }
        return *slab_;
    }

private:
    std::unique_ptr<ReceiveSlab> slab_;
};

} // namespace bridge
} // namespace kea_encryption

#endif
