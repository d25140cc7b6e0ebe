// SPDX-License-Identifier: MPL-2.0

#include "lease_owner.h"

#include "user_context.h"

#include <cc/data.h>
#include <dhcp/dhcp6.h>
#include <dhcp/option6_iaaddr.h>
#include <dhcpsrv/host.h>
#include <dhcpsrv/host_mgr.h>
#include <dhcpsrv/lease_mgr_factory.h>

#include <algorithm>
#include <string>
#include <vector>

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::data::ElementPtr;
using namespace isc::dhcp;

namespace kea_encryption {

namespace {

const char* const KEY_NAME = "key";
const char* const IDENTITY_NAME = "identity";

std::string
toHex(const std::vector<uint8_t>& octets) {
    const char* const digits = "0123456789abcdef";
    std::string text;
    for (const uint8_t octet : octets) {
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return (text);
}

/// @brief What stands in a lease of its owner; null in clear. Whatever is a map there is a key's,
/// of whom it may be.
ConstElementPtr
noteOf(const Lease6& lease) {
    const ConstElementPtr note = memberOf(lease.getContext(), USER_CONTEXT_NAME);
    return (note && note->getType() == Element::map ? note : ConstElementPtr());
}

bool
names(const ConstElementPtr& note, const char* name, const std::vector<uint8_t>& octets) {
    const ConstElementPtr value = memberOf(note, name);
    return (!octets.empty() && value && value->getType() == Element::string &&
            value->stringValue() == toHex(octets));
}

/// @brief Whether a lease's owner is who sends, by the same key or by a renewed certificate.
bool
owns(const Sender* sender, const Lease6& lease) {
    const ConstElementPtr note = noteOf(lease);
    return (sender ?
                names(note, KEY_NAME, sender->key) || names(note, IDENTITY_NAME, sender->names) :
                !note);
}

bool
isLive(const Lease6& lease) {
    return (lease.state_ == Lease::STATE_DEFAULT && !lease.expired());
}

/// @brief Whether a host reservation of one of these subnets names a key.
bool
isReserved(const Sender& sender, const std::vector<SubnetID>& subnets) {
    const auto finds = [](SubnetID id, Host::IdentifierType type,
                          const std::vector<uint8_t>& octets) {
        return (HostMgr::instance().get6(id, type, octets.data(), octets.size()) != nullptr);
    };
    return (std::any_of(subnets.begin(), subnets.end(), [&](SubnetID id) {
        return (finds(id, Host::IDENT_DUID, sender.derived_duid) ||
                finds(id, Host::IDENT_FLEX, sender.key));
    }));
}

/// @brief Whether a message extends or ends leases by their addresses, of whatever subnet.
bool
reachesEverywhere(const Pkt6& message) {
    const uint8_t types[] = {DHCPV6_RENEW, DHCPV6_REBIND, DHCPV6_RELEASE, DHCPV6_DECLINE};
    return (std::find(std::begin(types), std::end(types), message.getType()) != std::end(types));
}

/// @brief Whether a message names an address or prefix in an association.
bool
namesAddress(const Pkt6& message, const isc::asiolink::IOAddress& address) {
    for (const auto& association : message.options_) {
        for (const auto& option : association.second->getOptions()) {
            const auto item = boost::dynamic_pointer_cast<Option6IAAddr>(option.second);
            if (item && item->getAddress() == address) {
                return (true);
            }
        }
    }
    return (false);
}

}  // namespace

bool
noteOwner(Lease6& lease, const Sender* owner) {
    const ConstElementPtr before = memberOf(lease.getContext(), USER_CONTEXT_NAME);
    const ElementPtr note = Element::createMap();
    if (owner) {
        note->set(KEY_NAME, Element::create(toHex(owner->key)));
        note->set(IDENTITY_NAME, Element::create(toHex(owner->names)));
    }
    if (owner ? before && before->equals(*note) : !before) {
        return (false);
    }
    // Others may share what they have in the user-context with other leases.
    const ElementPtr context = Element::createMap();
    if (lease.getContext() && lease.getContext()->getType() == Element::map) {
        context->setValue(lease.getContext()->mapValue());
    }
    if (owner) {
        context->set(USER_CONTEXT_NAME, note);
    } else {
        context->remove(USER_CONTEXT_NAME);
    }
    lease.setContext(context->size() > 0 ? context : ElementPtr());
    return (true);
}

void
settleOwner(const Lease6Collection& leases, const Sender* sender) {
    for (const Lease6Ptr& lease : leases) {
        // A declined lease is nobody's.
        if (noteOwner(*lease, isLive(*lease) ? sender : nullptr)) {
            LeaseMgrFactory::instance().updateLease6(lease);
        }
    }
}

IdentityRefusal
judgeIdentity(const IdentityClaim& claim, const SubnetModes& modes) {
    const Sender* const sender = claim.sender;
    if (!claim.duid || (claim.subnet && modes.isOff(*claim.subnet)) ||
        (sender && sender->derived_duid == claim.duid->getDuid())) {
        return (IdentityRefusal::NONE);
    }
    if (claim.is_bare) {
        return (IdentityRefusal::NOT_DERIVED);
    }
    for (const Lease6Ptr& lease : LeaseMgrFactory::instance().getLeases6(*claim.duid)) {
        if (!isLive(*lease) || owns(sender, *lease) || modes.isOff(lease->subnet_id_)) {
            continue;
        }
        const std::vector<SubnetID> link = subnetsAround(lease->subnet_id_);
        const bool is_here = claim.subnet && std::find(link.begin(), link.end(),
                                                       claim.subnet->getID()) != link.end();
        if (!is_here &&
            !(reachesEverywhere(claim.message) && namesAddress(claim.message, lease->addr_))) {
            continue;
        }
        if (noteOf(*lease)) {
            return (IdentityRefusal::OF_A_KEY);
        }
        if (!isReserved(*sender, link)) {
            return (IdentityRefusal::LEASED_IN_CLEAR);
        }
    }
    return (IdentityRefusal::NONE);
}

}  // namespace kea_encryption
