// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_CALLOUTS_H
#define KEA_ENCRYPTION_CALLOUTS_H

#include "encryption.h"

#include <hooks/hooks.h>

#include <functional>
#include <memory>
#include <string>

namespace kea_encryption {

/// The loaded library's one instance; null before load() and after unload().
extern std::unique_ptr<Encryption> encryption;

/// Registers the callouts that the configuration needs: each one costs on every packet.
/// @param can_refuse whether any query can be refused because of a mode.
/// @param identifies_hosts whether Kea is to look for host reservations by the client's
/// certificate.
void
registerCallouts(isc::hooks::LibraryHandle& handle, bool can_refuse, bool identifies_hosts);

/// Brings the library in service with a configuration of Kea's.
/// @return what is wrong with it, which the log says too; empty if nothing. Every packet is dropped
/// then.
std::string
configureEncryption(const std::function<isc::dhcp::SrvConfigPtr()>& config);

}  // namespace kea_encryption

#endif
