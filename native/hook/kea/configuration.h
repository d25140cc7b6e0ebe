// SPDX-License-Identifier: MPL-2.0

#pragma once

// What the engine is told of Kea's configuration, and what it tells the hook to do. The engine
// judges the settings; nothing here refuses one.

#include <cc/data.h>
#include <channel/frame.h>
#include <dhcpsrv/srv_config.h>
#include <hook/engine/engine.h>

#include <cstdint>
#include <string>

namespace kea_encryption {

/// @brief What has to be known before the engine has judged the settings: how to find the engine,
/// and which callouts to register. What cannot be read is taken for the strictest.
struct PeekedSettings {
    channel::Mode mode = channel::MODE_OPTIONAL;
    bool identifies_hosts = false;
    std::string node;
    /// @brief What an engine that the hook starts is given as its settings.
    std::string engine_settings;
    /// @brief Where an engine that already runs listens; empty if the hook starts one.
    std::string socket;

    /// @param parameters the hook's, null for none.
    explicit PeekedSettings(const isc::data::ConstElementPtr& parameters);

    /// @throw EngineError if the engine is nowhere.
    EngineSource engineSource() const;
};

/// @brief What the hook acts on, as CONFIGURED tells it.
struct HookSettings {
    bool solution_b = false;
    /// @brief For subnets that name none.
    channel::Mode mode = channel::MODE_AUTHENTICATED;
    uint8_t encrypted_query = 0;
    uint8_t encrypted_response = 0;
    uint8_t encrypted_request = 0;
    uint8_t encrypted_reply = 0;
    uint16_t public_key = 0;
    uint16_t certificate = 0;
    uint16_t encrypted_message = 0;
    uint16_t signature = 0;
    uint16_t cookie = 0;

    HookSettings() = default;

    /// @param told the text of CONFIGURED.
    /// @throw EngineError, or another isc::Exception, if something is missing or wrong.
    explicit HookSettings(const isc::data::ConstElementPtr& told);
};

/// @brief Writes the text of CONFIGURE (docs/engine-channel.md), which names no private key.
std::string
describeConfiguration(const isc::data::ConstElementPtr& parameters,
                      const isc::dhcp::SrvConfig& config);

}  // namespace kea_encryption
