// SPDX-License-Identifier: MPL-2.0

#ifndef KEA_ENCRYPTION_BRIDGE_SOCKETS_H
#define KEA_ENCRYPTION_BRIDGE_SOCKETS_H

#include <napi.h>

#include <sys/un.h>

#include <string>

namespace kea_encryption {
namespace bridge {

/// @brief The descriptor of a Unix SEQPACKET socket, connected or listening.
int
socketArgument(const Napi::Value& value, const char* name, bool listening);

/// @brief The address of a socket in the file system.
struct sockaddr_un
pathArgument(const Napi::Value& value, const char* name);

}  // namespace bridge
}  // namespace kea_encryption

#endif
