// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_BRIDGE_CALLS_H
#define KEA_ENCRYPTION_BRIDGE_CALLS_H

#include <napi.h>

namespace kea_encryption {
namespace bridge {

/// @brief Calls a handler from the event loop.
///
/// An exception that leaves it becomes an uncaught exception; in an environment that may run no
/// JavaScript any more nothing happens.
void
callHandler(napi_env env,
            const Napi::FunctionReference& handler,
            const napi_value* arguments,
            size_t count);

}  // namespace bridge
}  // namespace kea_encryption

#endif
