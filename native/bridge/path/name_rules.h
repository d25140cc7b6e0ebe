// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/openssl.h"

namespace kea_encryption::bridge {

/// @brief Whether a name of a subjectAltName has the form that RFC 5280 section 4.2.1.6 gives its
/// type.
///
/// A dNSName may have the label `*` in front; no rule of this project lets that match another name.
bool
isWellFormedName(const GENERAL_NAME& name);

/// @brief Whether the base of a subtree has the form that RFC 5280 section 4.2.1.10 gives its type:
/// a dNSName without a leading dot, an address with a prefix, not with any mask, and so on.
bool
isWellFormedConstraint(const GENERAL_NAME& base);

}  // namespace kea_encryption::bridge
