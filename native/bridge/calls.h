// SPDX-License-Identifier: MPL-2.0

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
