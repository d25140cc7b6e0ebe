// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <napi.h>

#include <sys/un.h>

#include <string>

namespace kea_encryption::bridge {

/// @brief The descriptor of a Unix SEQPACKET socket, connected or listening.
int
socketArgument(const Napi::Value& value, const char* name, bool listening);

/// @brief The address of a socket in the file system.
struct sockaddr_un
pathArgument(const Napi::Value& value, const char* name);

}  // namespace kea_encryption::bridge
