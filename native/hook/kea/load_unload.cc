// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "encryption_callouts.h"
#include "encryption_log.h"
#include "large_datagram_filter.h"

#include <dhcpsrv/cfgmgr.h>
#include <hooks/hooks.h>

using isc::dhcp::CfgMgr;
using isc::dhcp::SrvConfigPtr;
using namespace kea_encryption;

extern "C" {

/// @return 0 if the library is loaded. A configuration that is wrong is told by
/// dhcp6_srv_configured: a text from here would not reach the user.
__attribute__((visibility("default"))) int
load(isc::hooks::LibraryHandle& handle) {
    try {
        encryption = std::make_unique<Encryption>(handle.getParameters());
        // A new configuration names its libraries before Kea loads them. The command libreload
        // (Kea 2.2) loads them for the one in force, and calls no dhcp6_srv_configured after.
        const SrvConfigPtr staging = CfgMgr::instance().getStagingCfg();
        const bool is_reload = staging->getHooksConfig().get().empty();
        const SrvConfigPtr current = CfgMgr::instance().getCurrentCfg();
        // If the new configuration is refused, Kea (from 2.6 on) serves the old one with this
        // instance.
        const bool can_refuse = encryption->canRefuse(*staging) || encryption->canRefuse(*current);
        registerCallouts(handle, can_refuse, encryption->identifiesHosts());
        installLargeDatagramFilter(
            [](const Octets& datagram) { return (encryption->wantsWhole(datagram)); });
        if (is_reload) {
            configureEncryption([&current] { return (current); });
        }
        return (0);
    } catch (const std::exception& error) {
        LOG_ERROR(encryption_logger, ENCRYPTION_LOAD_FAILED).arg(error.what());
    } catch (...) {
        LOG_ERROR(encryption_logger, ENCRYPTION_LOAD_FAILED).arg("unknown exception");
    }
    encryption.reset();
    return (1);
}

/// No packet is on its way when Kea calls this. Ends the engine and the thread that watches over
/// it.
__attribute__((visibility("default"))) int
unload() {
    try {
        removeLargeDatagramFilter();  // it asks what the next line ends
        encryption.reset();
        LOG_INFO(encryption_logger, ENCRYPTION_UNLOADED);
        return (0);
    } catch (...) {
        return (1);
    }
}

/// Any number of packet threads may run the callouts at once.
__attribute__((visibility("default"))) int
multi_threading_compatible() {
    return (1);
}

}  // extern "C"
