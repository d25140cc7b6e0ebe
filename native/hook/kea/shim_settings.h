// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_SHIM_SETTINGS_H
#define KEA_ENCRYPTION_SHIM_SETTINGS_H

#include <cc/data.h>
#include <channel/frame.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace kea_encryption {

/// A setting is wrong. what() names the setting, its value and what would be right.
class BadSetting : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The part of the hook's parameters that the hook itself acts on. The engine gets the parameters
/// verbatim and checks them all, unknown names included.
struct ShimSettings {
    bool solution_b = false;
    /// For subnets that name none.
    channel::Mode mode = channel::MODE_OPTIONAL;
    /// Whether certificates (or keys) give host identifiers; the engine knows which.
    bool identifies_hosts = false;

    uint8_t encrypted_query = 251;
    uint8_t encrypted_response = 252;
    uint8_t encrypted_request = 253;
    uint8_t encrypted_reply = 254;
    uint16_t public_key = 701;
    uint16_t certificate = 702;
    uint16_t encrypted_message = 705;

    std::string node = "node";
    /// Where an engine that already runs listens; empty if the hook starts one.
    std::string engine_socket;
    std::chrono::milliseconds engine_timeout = std::chrono::milliseconds(500);

    /// Reads the hook's parameters.
    /// @param parameters the map, or null if there are none.
    /// @throw BadSetting for the first wrong one.
    static ShimSettings parse(const isc::data::ConstElementPtr& parameters);
};

/// Reads a mode.
/// @throw BadSetting if it is none; `setting` names it in the message.
channel::Mode
parseMode(const isc::data::ConstElementPtr& value, const std::string& setting);

/// The mode's name in the configuration.
const char*
modeName(channel::Mode mode);

}  // namespace kea_encryption

#endif
