// SPDX-License-Identifier: MPL-2.0

#include "subnet_modes.h"

#include "user_context.h"

#include <dhcp/option.h>
#include <dhcpsrv/cfg_shared_networks.h>
#include <dhcpsrv/cfgmgr.h>
#include <dhcpsrv/shared_network.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

using isc::asiolink::IOAddress;
using isc::data::ConstElementPtr;
using namespace isc::dhcp;

namespace kea_encryption {

namespace {

SharedNetwork6Ptr
networkOf(const Subnet6& subnet) {
    SharedNetwork6Ptr network;
    subnet.getSharedNetwork(network);
    return (network);
}

channel::Mode
modeOf(const Subnet6& subnet, channel::Mode global) {
    if (const auto own = namedMode(subnet.getContext())) {
        return (*own);
    }
    const SharedNetwork6Ptr network = networkOf(subnet);
    return (network ? namedMode(network->getContext()).value_or(global) : global);
}

/// @brief The more permissive one of two modes for encrypted messages; "off" permits none of them.
channel::Mode
morePermissive(channel::Mode a, channel::Mode b) {
    if (a == channel::MODE_OFF || b == channel::MODE_OFF) {
        return (std::max(a, b));
    }
    return (std::min(a, b));
}

SubnetSelector
selectorOf(const Pkt6& query, const Datagram& datagram) {
    SubnetSelector selector;
    selector.iface_name_ = query.getIface();
    selector.remote_address_ = query.getRemoteAddr();
    selector.first_relay_linkaddr_ = datagram.link_address ?
                                         IOAddress::fromBytes(AF_INET6, datagram.link_address) :
                                         IOAddress("::");
    if (datagram.interface_id.data) {
        const Octets& octets = datagram.interface_id;
        selector.interface_id_.reset(
            new isc::dhcp::Option(isc::dhcp::Option::V6, OPTION_INTERFACE_ID,
                                  OptionBuffer(octets.data, octets.data + octets.length)));
    }
    return (selector);
}

ClientClasses
classesOf(const Pkt6& query, std::initializer_list<const char*> more) {
    ClientClasses classes = query.getClasses();
    classes.insert("ALL");
    for (const char* const name : more) {
        classes.insert(name);
    }
    return (classes);
}

/// @brief Whether Kea finds a subnet by a relay's address: its own relays go before its network's.
bool
isBehindRelay(const Subnet6& subnet, const IOAddress& link_address) {
    if (subnet.hasRelays()) {
        return (subnet.hasRelayAddress(link_address));
    }
    const SharedNetwork6Ptr network = networkOf(subnet);
    return (network && network->hasRelayAddress(link_address));
}

/// @brief The subnets of a datagram's link in the order of CfgSubnets6::selectSubnet(), whatever
/// classes guard them, up to the first one for clients of these classes: none of them gets beyond
/// it. A subnet that is found in two ways may be there twice.
std::vector<SelectedSubnetPtr>
subnetsOfLink(const SubnetSelector& selector, const ClientClasses& classes) {
    const SrvConfigPtr config = CfgMgr::instance().getCurrentCfg();
    std::vector<SelectedSubnetPtr> found;
    const auto add = [&](const auto& is_found) {
        for (const auto& subnet : *config->getCfgSubnets6()->getAll()) {
            if (!found.empty() && found.back()->clientSupported(classes)) {
                return;
            }
            if (is_found(*subnet)) {
                found.push_back(subnet);
            }
        }
    };
    const IOAddress& link_address = selector.first_relay_linkaddr_;
    if (link_address.isV6Zero()) {
        add([&](const Subnet6& subnet) { return (subnet.getIface() == selector.iface_name_); });
        add([&](const Subnet6& subnet) { return (subnet.inRange(selector.remote_address_)); });
        return (found);
    }
    const auto& id = selector.interface_id_;
    add([&](const Subnet6& subnet) {
        return (id && subnet.getInterfaceId() && subnet.getInterfaceId()->equals(id));
    });
    add([&](const Subnet6& subnet) { return (isBehindRelay(subnet, link_address)); });
    add([&](const Subnet6& subnet) { return (subnet.inRange(link_address)); });
    return (found);
}

}  // namespace

std::vector<SubnetID>
subnetsAround(SubnetID subnet_id) {
    std::vector<SubnetID> ids = {subnet_id};
    const auto subnet =
        CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getBySubnetId(subnet_id);
    const SharedNetwork6Ptr network = subnet ? networkOf(*subnet) : SharedNetwork6Ptr();
    if (network) {
        for (const auto& other : *network->getAllSubnets()) {
            ids.push_back(other->getID());
        }
    }
    return (ids);
}

bool
subnetsCanChange(const SrvConfig& config) {
    if (config.getConfigControlInfo()) {
        return (true);
    }
    const ConstElementPtr libraries = config.getHooksConfig().toElement();
    const auto& all = libraries->listValue();
    return (std::any_of(all.begin(), all.end(), [](const auto& library) {
        const std::string path = library->get("library")->stringValue();
        return (path.find("subnet_cmds") != std::string::npos ||
                path.find("cb_cmds") != std::string::npos);
    }));
}

/// @brief Where all subnets have the parameter's mode, and that is off or optional, receive() has
/// refused what there is to refuse.
bool
SubnetModes::canRefuse(const SrvConfig& config) const {
    const auto* subnets = config.getCfgSubnets6()->getAll();
    return (global_ >= channel::MODE_ENCRYPTED || subnetsCanChange(config) ||
            std::any_of(subnets->begin(), subnets->end(), [this](const auto& subnet) {
                return (modeOf(*subnet, global_) != global_);
            }));
}

bool
SubnetModes::areAllOff(const SrvConfig& config) const {
    const auto* subnets = config.getCfgSubnets6()->getAll();
    return (!subnetsCanChange(config) &&
            std::all_of(subnets->begin(), subnets->end(),
                        [this](const auto& subnet) { return (isOff(*subnet)); }));
}

SubnetModes::Early
SubnetModes::early(const Pkt6& query, const Datagram& datagram) const {
    Early early = {channel::MODE_OFF, 0};
    const auto add = [&early](channel::Mode mode) {
        early.mode = morePermissive(early.mode, mode);
    };
    const auto link = subnetsOfLink(selectorOf(query, datagram), classesOf(query, {"ENCRYPTED"}));
    if (link.empty()) {
        add(global_);
    }
    SharedNetwork6Ptr seen;
    for (const auto& subnet : link) {
        add(modeOf(*subnet, global_));
        const SharedNetwork6Ptr network = networkOf(*subnet);
        if (network && network != seen) {
            seen = network;  // its subnets mostly come one after the other
            for (const auto& other : *network->getAllSubnets()) {
                add(modeOf(*other, global_));
            }
        }
    }
    for (const char* const credential : {"OPPORTUNISTIC", "AUTHENTICATED"}) {
        const ClientClasses classes = classesOf(query, {"ENCRYPTED", credential});
        for (auto subnet = link.begin(); subnet != link.end() && early.subnet_id == 0; ++subnet) {
            early.subnet_id = (*subnet)->clientSupported(classes) ? (*subnet)->getID() : 0;
        }
    }
    return (early);
}

bool
SubnetModes::isOff(SubnetID subnet_id) const {
    const auto subnet =
        CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getBySubnetId(subnet_id);
    return (subnet && isOff(*subnet));
}

bool
SubnetModes::isOff(const Subnet6& subnet) const {
    return (modeOf(subnet, global_) == channel::MODE_OFF);
}

channel::Mode
SubnetModes::inClear(const Pkt6& query, const Datagram& datagram, SelectedSubnetPtr& subnet) const {
    SubnetSelector selector = selectorOf(query, datagram);
    selector.client_classes_ = classesOf(query, {});
    subnet = CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->selectSubnet(selector);
    return (subnet ? decisive(subnet, query) : early(query, datagram).mode);
}

channel::Mode
SubnetModes::decisive(const SelectedSubnetPtr& subnet, const Pkt6& query) const {
    if (!subnet) {
        return (global_);
    }
    channel::Mode mode = modeOf(*subnet, global_);
    if (const SharedNetwork6Ptr network = networkOf(*subnet)) {
        for (const auto& other : *network->getAllSubnets()) {
            if (other->clientSupported(query.getClasses())) {
                mode = std::max(mode, modeOf(*other, global_));
            }
        }
    }
    return (mode);
}

}  // namespace kea_encryption
