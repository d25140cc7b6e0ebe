// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "encryption_messages.h"

#include <log/log_dbglevels.h>
#include <log/logger_support.h>
#include <log/macros.h>

namespace kea_encryption {

/// @brief Everything that this library logs goes through here; in Kea's "loggers" it is
/// "kea-dhcp6.encryption-hooks".
extern isc::log::Logger encryption_logger;

}  // namespace kea_encryption
