// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "engine_configuration.h"

#include <dhcp/duid.h>
#include <dhcpsrv/cfg_duid.h>

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::data::ElementPtr;
using isc::dhcp::CfgDUID;
using isc::dhcp::SrvConfig;

namespace kea_encryption {

namespace {

const char* const ENGINE_IN_BUILD_TREE = "/../../dist/engine/main.js";
const char* const ENGINE_INSTALLED = "/usr/lib/kea-encryption/dist/engine/main.js";

/// Node.js opens its inspector at SIGUSR1 until a script handles that signal. Here it cannot: no
/// TCP socket can be bound to a multicast address.
const char* const NO_INSPECTOR = "--inspect-port=[ff02::1]:0";

/// Leaves room in a CONFIGURE frame for what is around the subnets.
constexpr size_t MAX_CONFIGURATION = channel::MAX_FRAME_LENGTH - channel::HEADER_LENGTH;

/// The engine that belongs to this library: the build tree's, or the installed one.
std::string
findEngine() {
    std::string beside;
    Dl_info library;
    char path[PATH_MAX];
    if (::dladdr(reinterpret_cast<const void*>(&findEngine), &library) != 0 &&
        ::realpath(library.dli_fname, path)) {
        beside = path;
        beside.erase(beside.rfind('/'));
        beside += ENGINE_IN_BUILD_TREE;
        if (::realpath(beside.c_str(), path)) {
            return (path);
        }
    }
    if (::access(ENGINE_INSTALLED, R_OK) == 0) {
        return (ENGINE_INSTALLED);
    }
    throw EngineError("the engine is neither at " + beside + " nor at " + ENGINE_INSTALLED +
                      ": build or install it");
}

std::string
toHex(const std::vector<uint8_t>& octets) {
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (const uint8_t octet : octets) {
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return (text);
}

/// The DUID that Kea uses as its server identifier.
std::vector<uint8_t>
serverIdentifier(const SrvConfig& config) {
    CfgDUID duid(*config.getCfgDUID());
    if (duid.getCurrentDuid()) {
        return (duid.getCurrentDuid()->getDuid());
    }
    // kea-dhcp6 -T checks a configuration without creating the DUID. Any will do for that.
    duid.setPersist(false);
    return (duid.create("")->getDuid());
}

}  // namespace

std::string
describeConfiguration(const ConstElementPtr& parameters,
                      const SrvConfig& config,
                      SubnetModes& modes) {
    const ElementPtr configuration = Element::createMap();
    configuration->set("parameters", parameters ? parameters : Element::createMap());
    configuration->set("server-identifier", Element::create(toHex(serverIdentifier(config))));
    const ElementPtr subnets = modes.read(config);
    configuration->set("subnets", subnets);
    std::string text = configuration->str();
    if (text.size() > MAX_CONFIGURATION) {
        // All modes have been checked here already; the list serves the engine's own check only.
        configuration->set("subnets", Element::createList());
        text = configuration->str();
    }
    if (text.size() > MAX_CONFIGURATION) {
        throw BadSetting("\"parameters\" of the encryption hook has " +
                         std::to_string(text.size()) + " characters: it must have fewer than " +
                         std::to_string(MAX_CONFIGURATION));
    }
    return (text);
}

EngineSettings
engineSettings(const ShimSettings& settings) {
    EngineSettings engine;
    engine.timeout = settings.engine_timeout;
    engine.socket = settings.engine_socket;
    if (engine.socket.empty()) {
        engine.command = {settings.node, NO_INSPECTOR, findEngine(), "--control-fd",
                          std::to_string(ENGINE_CONTROL_DESCRIPTOR)};
    }
    return (engine);
}

}  // namespace kea_encryption
