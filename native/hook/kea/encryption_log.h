// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "encryption_messages.h"

#include <log/log_dbglevels.h>
#include <log/logger_support.h>
#include <log/macros.h>

namespace kea_encryption {

/// @brief The logger of this library; in Kea's "loggers" it is "kea-dhcp6.encryption-hooks".
extern isc::log::Logger encryption_logger;

}  // namespace kea_encryption
