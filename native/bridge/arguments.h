// SPDX-License-Identifier: MPL-2.0

#pragma once

// Arguments of calls from JavaScript. Each check throws an error that names the argument it
// refuses.

#include <napi.h>

#include <cstdint>
#include <string>

namespace kea_encryption::bridge {

/// @brief Throws a TypeError "NAME: REASON".
[[noreturn]] void
refuse(Napi::Env env, const char* name, const std::string& reason);

/// @brief Throws an Error "WHAT: text of the error", with the error's name (ECONNREFUSED) as its
/// code.
[[noreturn]] void
refuseErrno(Napi::Env env, const std::string& what, int error);

/// @brief An integer from 0 to `max`, at most 2^53 - 1.
uint64_t
unsignedArgument(const Napi::Value& value, const char* name, uint64_t max);

std::string
stringArgument(const Napi::Value& value, const char* name);

Napi::Object
objectArgument(const Napi::Value& value, const char* name);

Napi::Function
functionArgument(const Napi::Value& value, const char* name);

/// @brief Octets of a Buffer or another Uint8Array, valid while the value lives.
struct Octets {
    const uint8_t* data;
    size_t length;
};

Octets
octetsArgument(const Napi::Value& value, const char* name);

/// @brief Whether there is something to look at: neither undefined nor past the last argument.
bool
isGiven(const Napi::Value& value);

}  // namespace kea_encryption::bridge
