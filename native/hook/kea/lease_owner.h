// SPDX-License-Identifier: MPL-2.0

#pragma once

// Who owns a lease (docs/protocol.md 8): a key, or its DUID in clear. It is noted in the lease
// itself, so that whoever knows the lease knows it: Kea after a restart, and another server that
// shares the leases.

#include "recognise.h"
#include "subnet_modes.h"

#include <dhcp/duid.h>
#include <dhcp/pkt6.h>
#include <dhcpsrv/lease.h>
#include <hook/engine/engine.h>

namespace kea_encryption {

/// @brief Notes in the user-context of a lease who owns it, or takes that out for an owner in
/// clear: Kea 2.2 keeps the user-context of an expired lease for its next holder.
/// @param owner null for one in clear.
/// @return whether the lease is changed.
bool
noteOwner(isc::dhcp::Lease6& lease, const Sender* owner);

/// @brief Has leases that Kea has committed belong to who sent the query, where Kea has called no
/// callout for them: it calls none where it hands out again a lease that there is.
/// @throw isc::Exception if a lease cannot be written.
void
settleOwner(const isc::dhcp::Lease6Collection& leases, const Sender* sender);

/// @brief Who uses which DUID, and where.
struct IdentityClaim {
    isc::dhcp::DuidPtr duid;         ///< null where the message names none
    const Sender* sender;            ///< null in clear
    bool is_bare;                    ///< the sender has shown no certificate
    SelectedSubnetPtr subnet;        ///< null for none
    const isc::dhcp::Pkt6& message;  ///< unpacked, for the addresses that it names
};

/// @brief What a message is refused for by docs/protocol.md 8.
enum class IdentityRefusal {
    NONE,
    NOT_DERIVED,      ///< a bare key under another DUID than its derived one
    OF_A_KEY,         ///< a key has a lease of the DUID
    LEASED_IN_CLEAR,  ///< a lease of the DUID was obtained in clear
};

/// @throw isc::Exception if Kea's leases, or its host reservations, cannot be read.
IdentityRefusal
judgeIdentity(const IdentityClaim& claim, const SubnetModes& modes);

}  // namespace kea_encryption
