// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

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
