// SPDX-License-Identifier: MPL-2.0

#pragma once

// What this library has in Kea's user-contexts, under the name "encryption". The engine judges
// those of a configuration; commands and databases change subnets and leases later, so what stands
// here may be anything.

#include <cc/data.h>
#include <channel/frame.h>

#include <optional>

namespace kea_encryption {

extern const char* const USER_CONTEXT_NAME;

/// @brief Returns a member of what may be no map, or null.
isc::data::ConstElementPtr
memberOf(const isc::data::ConstElementPtr& element, const char* name);

/// @brief Reads a mode. What is none is taken for the strictest.
channel::Mode
readMode(const isc::data::ConstElementPtr& value);

/// @brief Reads the mode that the user-context of a subnet or shared network names, if it does.
/// What is wrong there is taken for the strictest.
std::optional<channel::Mode>
namedMode(const isc::data::ConstElementPtr& user_context);

/// @brief The mode's name in the configuration.
const char*
modeName(channel::Mode mode);

}  // namespace kea_encryption
