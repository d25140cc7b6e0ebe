// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <napi.h>

namespace kea_encryption::bridge {

/// @brief closeDescriptor(fd)
Napi::Value
closeDescriptor(const Napi::CallbackInfo& info);

/// @brief lockDescriptor(fd): whether the caller has the file or directory for itself now, see
/// flock(2).
Napi::Value
lockDescriptor(const Napi::CallbackInfo& info);

}  // namespace kea_encryption::bridge
