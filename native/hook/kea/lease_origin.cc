// SPDX-License-Identifier: MPL-2.0

#include "lease_origin.h"

#include "user_context.h"

#include <cc/data.h>
#include <dhcp/duid.h>
#include <dhcpsrv/lease_mgr_factory.h>

#include <algorithm>

using isc::data::Element;
using isc::data::ElementPtr;
using namespace isc::dhcp;

namespace kea_encryption {

namespace {

const char* const IDENTITY_NAME = "identity";

bool
isInClear(const Lease6& lease) {
    const auto note = memberOf(lease.getContext(), USER_CONTEXT_NAME);
    return (!note || note->getType() != Element::map);
}

bool
isLive(const Lease6& lease) {
    return (lease.state_ == Lease::STATE_DEFAULT && !lease.expired());
}

/// @brief Copies what others have in the user-context: they may share it with other leases.
ElementPtr
othersContext(const Lease6& lease) {
    const ElementPtr others = Element::createMap();
    const auto context = lease.getContext();
    if (context && context->getType() == Element::map) {
        for (const auto& member : context->mapValue()) {
            if (member.first != USER_CONTEXT_NAME) {
                others->set(member.first, member.second);
            }
        }
    }
    return (others);
}

}  // namespace

void
noteEncrypted(Lease6& lease, const std::string& identity) {
    const ElementPtr context = othersContext(lease);
    const ElementPtr encryption = Element::createMap();
    encryption->set(IDENTITY_NAME, Element::create(identity));
    context->set(USER_CONTEXT_NAME, encryption);
    lease.setContext(context);
}

void
noteClear(Lease6& lease) {
    if (memberOf(lease.getContext(), USER_CONTEXT_NAME)) {
        const ElementPtr others = othersContext(lease);
        lease.setContext(others->size() > 0 ? others : ElementPtr());
    }
}

bool
hasLeaseInClear(const Octets& duid, const std::function<bool(SubnetID)>& counts) {
    if (duid.length < DUID::MIN_DUID_LEN || duid.length > DUID::MAX_DUID_LEN) {
        return (false);  // Kea has no such DUID
    }
    const Lease6Collection leases =
        LeaseMgrFactory::instance().getLeases6(DUID(duid.data, duid.length));
    return (std::any_of(leases.begin(), leases.end(), [&counts](const Lease6Ptr& lease) {
        return (isLive(*lease) && isInClear(*lease) && counts(lease->subnet_id_));
    }));
}

}  // namespace kea_encryption
