// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/openssl.h"
#include "bridge/path/rule.h"

#include <cstddef>
#include <optional>
#include <string>

namespace kea_encryption::bridge {

/// @brief One CRL: strict DER, nothing behind it.
/// @param problem says why there is none
CrlPointer
parseCrl(const unsigned char* octets, size_t length, std::string& problem);

/// @brief Rules of RFC 5280 section 5 that X509_verify_cert(3) leaves open: version 2, a next
/// update, a signature with a hash function that is still good, extensions critical if they have to
/// be, a CRL number that is one.
///
/// Section 5.2.3 obliges CAs to number their CRLs, but section 6.3 does without the number of a
/// complete one.
std::optional<Violation>
checkCrl(const X509_CRL* crl);

bool
isDelta(const X509_CRL* crl);

/// @brief The CRL number; null if there is none.
IntegerPointer
crlNumber(const X509_CRL* crl);

}  // namespace kea_encryption::bridge
