// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <napi.h>

namespace kea_encryption::bridge {

/// @brief userId(name): the number of the user of that name, undefined where there is none.
Napi::Value
userId(const Napi::CallbackInfo& info);

/// @brief forbidCoreDumps(): the process leaves no core, whatever its limit was.
Napi::Value
forbidCoreDumps(const Napi::CallbackInfo& info);

}  // namespace kea_encryption::bridge
