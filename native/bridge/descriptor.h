// SPDX-License-Identifier: MPL-2.0

#ifndef KEA_ENCRYPTION_BRIDGE_DESCRIPTOR_H
#define KEA_ENCRYPTION_BRIDGE_DESCRIPTOR_H

#include <napi.h>

namespace kea_encryption {
namespace bridge {

/// @brief closeDescriptor(fd)
Napi::Value
closeDescriptor(const Napi::CallbackInfo& info);

/// @brief lockDescriptor(fd): whether the caller has the file or directory for itself now, see
/// flock(2).
Napi::Value
lockDescriptor(const Napi::CallbackInfo& info);

}  // namespace bridge
}  // namespace kea_encryption

#endif
