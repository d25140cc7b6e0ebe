// SPDX-License-Identifier: MPL-2.0

#pragma once

// How a lease was obtained: encrypted, or in clear (docs/protocol.md 8). It is noted in the lease
// itself, so that whoever knows the lease knows it, whatever became of the engine's key table: Kea
// after a restart, and another server that shares the leases.

#include <channel/frame.h>
#include <dhcpsrv/lease.h>
#include <dhcpsrv/subnet_id.h>

#include <functional>
#include <string>

namespace kea_encryption {

/// @brief Notes in the user-context of a lease that it was obtained, or extended, encrypted.
/// @param identity who the client is, in the engine's words.
void
noteEncrypted(isc::dhcp::Lease6& lease, const std::string& identity);

/// @brief Takes that out of a lease that is obtained, or extended, in clear: Kea 2.2 keeps the
/// user-context of an expired lease for its next holder.
void
noteClear(isc::dhcp::Lease6& lease);

/// @brief Tells whether a DUID has a lease, not expired, that was obtained in clear.
/// @param counts whether leases of a subnet do.
/// @throw isc::Exception if Kea's leases cannot be read.
bool
hasLeaseInClear(const Octets& duid, const std::function<bool(isc::dhcp::SubnetID)>& counts);

}  // namespace kea_encryption
