// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/openssl.h"

#include <napi.h>

#include <cstdint>
#include <vector>

namespace kea_encryption::bridge {

using OctetString = std::vector<uint8_t>;

/// @brief The DER of a Name in the one form that all names have which X509_NAME_cmp(3) takes for
/// the same: text in UTF-8, ASCII letters small, white space folded (RFC 5280 section 7.1).
///
/// OpenSSL compares such a form itself, and shows it to nobody.
OctetString
canonicalName(const X509_NAME* name);

/// @brief canonicalName(der: Uint8Array): Buffer.
///
/// What OpenSSL cannot read as one Name in DER is its own form.
Napi::Value
canonicalName(const Napi::CallbackInfo& info);

}  // namespace kea_encryption::bridge
