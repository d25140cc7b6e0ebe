// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_ENGINE_CONFIGURATION_H
#define KEA_ENCRYPTION_ENGINE_CONFIGURATION_H

/// @file engine_configuration.h
///
/// What the engine has to know of Kea's configuration, and how it is started.

#include "shim_settings.h"
#include "subnet_modes.h"
#include <hook/engine/engine_supervisor.h>

#include <cc/data.h>
#include <dhcpsrv/srv_config.h>

#include <string>

namespace kea_encryption {

/// The text of the CONFIGURE frame (docs/engine-channel.md).
/// @param parameters the hook's; null if there are none.
/// @throw BadSetting if a subnet's mode is wrong, or the whole is too long for a frame.
std::string
describeConfiguration(const isc::data::ConstElementPtr& parameters,
                      const isc::dhcp::SrvConfig& config,
                      SubnetModes& modes);

/// @throw EngineError if no engine is installed.
EngineSettings
engineSettings(const ShimSettings& settings);

}  // namespace kea_encryption

#endif
