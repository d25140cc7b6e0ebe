// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <napi.h>

namespace kea_encryption::bridge {

/// @brief Calls a handler from the event loop.
///
/// An exception that leaves it becomes an uncaught exception; in an environment that may run no
/// JavaScript any more nothing happens.
void
callHandler(napi_env env,
            const Napi::FunctionReference& handler,
            const napi_value* arguments,
            size_t count);

}  // namespace kea_encryption::bridge
