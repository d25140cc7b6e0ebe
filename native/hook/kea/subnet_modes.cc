// SPDX-License-Identifier: MPL-2.0

#include "subnet_modes.h"

#include "user_context.h"

#include <dhcp/option.h>
#include <dhcpsrv/cfg_shared_networks.h>
#include <dhcpsrv/cfgmgr.h>
#include <dhcpsrv/shared_network.h>

#include <algorithm>
#include <initializer_list>

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

/// @brief Whether Kea finds a subnet by this relay's address: the subnet's own relays go before its
/// network's.
bool
isBehindRelay(const Subnet6& subnet, const IOAddress& link_address) {
    if (subnet.hasRelays()) {
        return (subnet.hasRelayAddress(link_address));
    }
    const SharedNetwork6Ptr network = networkOf(subnet);
    return (network && network->hasRelayAddress(link_address));
}

/// @brief Visits the subnets of a link in the order of CfgSubnets6::selectSubnet(), whatever
/// classes guard them, until a visit returns true. A subnet that is found in two ways may be
/// visited twice.
template <typename Visit>
void
visitLink(const CfgSubnets6& subnets, const SubnetSelector& selector, Visit visit) {
    const auto any = [&](const auto& is_found) {
        const auto& all = *subnets.getAll();
        return (std::any_of(all.begin(), all.end(), [&](const auto& subnet) {
            return (is_found(*subnet) && visit(*subnet));
        }));
    };
    const IOAddress& link_address = selector.first_relay_linkaddr_;
    if (link_address.isV6Zero()) {
        static_cast<void>(
            any([&](const Subnet6& subnet) {
                return (subnet.getIface() == selector.iface_name_);
            }) ||
            any([&](const Subnet6& subnet) { return (subnet.inRange(selector.remote_address_)); }));
        return;
    }
    const auto& id = selector.interface_id_;
    static_cast<void>(
        (id && any([&](const Subnet6& subnet) {
             return (subnet.getInterfaceId() && subnet.getInterfaceId()->equals(id));
         })) ||
        any([&](const Subnet6& subnet) { return (isBehindRelay(subnet, link_address)); }) ||
        any([&](const Subnet6& subnet) { return (subnet.inRange(link_address)); }));
}

}  // namespace

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

bool
SubnetModes::canRefuse(const SrvConfig& config) const {
    if (global_ >= channel::MODE_ENCRYPTED || subnetsCanChange(config)) {
        return (true);
    }
    const auto* networks = config.getCfgSharedNetworks6()->getAll();
    const auto* subnets = config.getCfgSubnets6()->getAll();
    const auto names = [&](auto is_meant) {
        const auto does = [&](const auto& owner) {
            const auto mode = namedMode(owner->getContext());
            return (mode && is_meant(*mode));
        };
        return (std::any_of(networks->begin(), networks->end(), does) ||
                std::any_of(subnets->begin(), subnets->end(), does));
    };
    if (names([](channel::Mode mode) { return (mode >= channel::MODE_ENCRYPTED); })) {
        return (true);
    }
    // What is enforced in one subnet is not in another whose mode is off, and nobody gets at the
    // leases of that.
    const auto is_off = [this](const auto& subnet) {
        return (modeOf(*subnet, global_) == channel::MODE_OFF);
    };
    if (std::any_of(subnets->begin(), subnets->end(), is_off) &&
        !std::all_of(subnets->begin(), subnets->end(), is_off)) {
        return (true);
    }
    // Classes may lead what was decrypted for one subnet to another whose mode is off.
    const bool is_guarded = std::any_of(subnets->begin(), subnets->end(), [](const auto& subnet) {
        return (!subnet->clientSupported(ClientClasses()));
    });
    return (is_guarded && (global_ == channel::MODE_OFF ||
                           names([](channel::Mode mode) { return (mode == channel::MODE_OFF); })));
}

SubnetModes::Early
SubnetModes::early(const Pkt6& query, const Datagram& datagram) const {
    const ClientClasses encrypted = classesOf(query, {"ENCRYPTED"});
    const ClientClasses bare = classesOf(query, {"ENCRYPTED", "OPPORTUNISTIC"});
    const ClientClasses certified = classesOf(query, {"ENCRYPTED", "AUTHENTICATED"});
    bool found = false;
    channel::Mode mode = global_;
    uint32_t for_bare = 0;
    uint32_t for_certified = 0;
    const auto add = [&](channel::Mode other) {
        mode = found ? morePermissive(mode, other) : other;
        found = true;
    };
    SharedNetwork6Ptr seen;
    visitLink(*CfgMgr::instance().getCurrentCfg()->getCfgSubnets6(), selectorOf(query, datagram),
              [&](const Subnet6& subnet) {
                  add(modeOf(subnet, global_));
                  const SharedNetwork6Ptr network = networkOf(subnet);
                  if (network && network != seen) {
                      seen = network;  // its subnets mostly come one after the other
                      for (const auto& other : *network->getAllSubnets()) {
                          add(modeOf(*other, global_));
                      }
                  }
                  if (for_bare == 0 && subnet.clientSupported(bare)) {
                      for_bare = subnet.getID();
                  }
                  if (for_certified == 0 && subnet.clientSupported(certified)) {
                      for_certified = subnet.getID();
                  }
                  return (subnet.clientSupported(encrypted));  // no client gets beyond it
              });
    return {mode, for_bare != 0 ? for_bare : for_certified};
}

bool
SubnetModes::mayBeOff(const Pkt6& query, const Datagram& datagram) const {
    const ClientClasses none = classesOf(query, {});
    bool found = false;
    bool off = false;
    visitLink(*CfgMgr::instance().getCurrentCfg()->getCfgSubnets6(), selectorOf(query, datagram),
              [&](const Subnet6& subnet) {
                  found = true;
                  off = off || modeOf(subnet, global_) == channel::MODE_OFF;
                  if (const SharedNetwork6Ptr network = networkOf(subnet)) {
                      for (const auto& other : *network->getAllSubnets()) {
                          off = off || modeOf(*other, global_) == channel::MODE_OFF;
                      }
                  }
                  return (off || subnet.clientSupported(none));  // no client gets beyond it
              });
    return (found ? off : global_ == channel::MODE_OFF);
}

bool
SubnetModes::isOff(SubnetID subnet_id) const {
    const auto subnet =
        CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getBySubnetId(subnet_id);
    return (subnet && modeOf(*subnet, global_) == channel::MODE_OFF);
}

channel::Mode
SubnetModes::inClear(const Pkt6& query, const Datagram& datagram) const {
    SubnetSelector selector = selectorOf(query, datagram);
    selector.client_classes_ = classesOf(query, {});
    const SelectedSubnetPtr subnet =
        CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->selectSubnet(selector);
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
