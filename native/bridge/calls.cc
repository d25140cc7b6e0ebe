// SPDX-License-Identifier: MPL-2.0

#include "bridge/calls.h"

namespace kea_encryption::bridge {

void
callHandler(napi_env env,
            const Napi::FunctionReference& handler,
            const napi_value* arguments,
            size_t count) {
    napi_value function = nullptr;
    napi_value receiver = nullptr;
    if (napi_get_reference_value(env, handler, &function) != napi_ok ||
        napi_get_undefined(env, &receiver) != napi_ok) {
        return;
    }
    if (napi_call_function(env, receiver, function, count, arguments, nullptr) == napi_ok) {
        return;
    }
    bool pending = false;
    napi_value error = nullptr;
    if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
        napi_get_and_clear_last_exception(env, &error) == napi_ok) {
        napi_fatal_exception(env, error);
    }
}

}  // namespace kea_encryption::bridge
