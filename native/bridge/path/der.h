// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace kea_encryption::bridge {

/// @brief Why octets are not DER.
struct DerProblem {
    /// @brief Octets from the start to the value at fault.
    size_t offset;
    std::string detail;
};

/// @brief Checks that the octets are one value in DER (X.690) and nothing else.
///
/// This is the one rule for whatever comes from outside: certificates, CRLs, keys, requests. It
/// goes as far as DER shows without an ASN.1 type: minimal definite lengths, primitive strings,
/// minimal integers and object identifiers, zero unused bits, sorted sets, strings of their
/// alphabet, times in the form of RFC 5280 section 4.1.2.5, at most 32 levels. FALSE is refused as
/// well: every BOOLEAN of RFC 5280 has it as its default, and defaults are not encoded
/// (X.690 section 11.5). Contents of OCTET STRINGs, BIT STRINGs and implicitly tagged values are
/// left to those who know their types.
///
/// @return the first problem; nothing if there is none
std::optional<DerProblem>
checkDer(const uint8_t* octets, size_t length);

/// @brief The problem for a message: "not DER: … (at octet N)".
std::string
textOf(const DerProblem& problem);

/// @brief derProblem(octets: Uint8Array): { offset, detail }, or undefined if the octets are
/// DER.
Napi::Value
derProblem(const Napi::CallbackInfo& info);

}  // namespace kea_encryption::bridge
