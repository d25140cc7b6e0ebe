// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "lease_origin.h"

#include <cc/data.h>
#include <dhcp/duid.h>
#include <dhcpsrv/lease_mgr_factory.h>

#include <algorithm>

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::data::ElementPtr;
using namespace isc::dhcp;

namespace kea_encryption {

namespace {

const char* const CONTEXT_NAME = "encryption";
const char* const IDENTITY_NAME = "identity";

bool
isMap(const ConstElementPtr& element) {
    return (element && element->getType() == Element::map);
}

bool
isInClear(const Lease6& lease) {
    const ConstElementPtr context = lease.getContext();
    return (!isMap(context) || !isMap(context->get(CONTEXT_NAME)));
}

bool
isLive(const Lease6& lease) {
    return (lease.state_ == Lease::STATE_DEFAULT && !lease.expired());
}

/// The rest of a lease's user-context, which is others'. Kea's own elements are not changed: leases
/// share them.
ElementPtr
othersContext(const Lease6& lease) {
    const ElementPtr others = Element::createMap();
    if (const ConstElementPtr context = lease.getContext()) {
        if (isMap(context)) {
            for (const auto& member : context->mapValue()) {
                if (member.first != CONTEXT_NAME) {
                    others->set(member.first, member.second);
                }
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
    context->set(CONTEXT_NAME, encryption);
    lease.setContext(context);
}

void
noteClear(Lease6& lease) {
    const ConstElementPtr context = lease.getContext();
    if (isMap(context) && context->contains(CONTEXT_NAME)) {
        const ElementPtr others = othersContext(lease);
        lease.setContext(others->size() > 0 ? others : ElementPtr());
    }
}

bool
hasLeaseInClear(const Octets& duid) {
    if (duid.length < DUID::MIN_DUID_LEN || duid.length > DUID::MAX_DUID_LEN) {
        return (false);  // Kea has no such DUID
    }
    const Lease6Collection leases =
        LeaseMgrFactory::instance().getLeases6(DUID(duid.data, duid.length));
    return (std::any_of(leases.begin(), leases.end(), [](const Lease6Ptr& lease) {
        return (isLive(*lease) && isInClear(*lease));
    }));
}

}  // namespace kea_encryption
