// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "subnet_modes.h"

#include "shim_settings.h"

#include <dhcp/option.h>
#include <dhcpsrv/cfg_shared_networks.h>
#include <dhcpsrv/cfgmgr.h>
#include <dhcpsrv/shared_network.h>

#include <algorithm>

using isc::asiolink::IOAddress;
using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::data::ElementPtr;
using namespace isc::dhcp;

namespace kea_encryption {

namespace {

const char *const CONTEXT_NAME = "encryption";
const char *const MODE_NAME = "mode";

/// The mode that a user-context names, null if it names none.
ConstElementPtr namedMode(const ConstElementPtr &context) {
    if (!context || context->getType() != Element::map) {
        return (ConstElementPtr());
    }
    const ConstElementPtr encryption = context->get(CONTEXT_NAME);
    if (!encryption || encryption->getType() != Element::map) {
        return (ConstElementPtr());
    }
    return (encryption->get(MODE_NAME));
}

/// Refuses what is wrong in a user-context. `owner` says whose it is.
void checkContext(const ConstElementPtr &context, const std::string &owner) {
    if (!context || context->getType() != Element::map) {
        return;
    }
    const ConstElementPtr encryption = context->get(CONTEXT_NAME);
    if (!encryption) {
        return;
    }
    const std::string name = std::string("user-context.") + CONTEXT_NAME;
    if (encryption->getType() != Element::map) {
        throw BadSetting("\"" + name + "\" of " + owner + " is " + encryption->str() +
                         ": it must be a map with the one member \"" + MODE_NAME + "\"");
    }
    for (const auto &member : encryption->mapValue()) {
        if (member.first != MODE_NAME) {
            throw BadSetting("\"" + name + "." + member.first + "\" of " + owner +
                             " is not known: the only member there is \"" + MODE_NAME + "\"");
        }
    }
    if (const ConstElementPtr mode = encryption->get(MODE_NAME)) {
        try {
            static_cast<void>(parseMode(mode, name + "." + MODE_NAME));
        } catch (const BadSetting &error) {
            throw BadSetting(std::string(error.what()) + " (" + owner + ")");
        }
    }
}

/// A mode that was not checked at load, since commands and databases can add subnets: a wrong one is taken
/// for the strictest.
channel::Mode toMode(const ConstElementPtr &value) {
    try {
        return (parseMode(value, MODE_NAME));
    } catch (const BadSetting &) {
        return (channel::MODE_AUTHENTICATED);
    }
}

SharedNetwork6Ptr networkOf(const Subnet6 &subnet) {
    SharedNetwork6Ptr network;
    subnet.getSharedNetwork(network);
    return (network);
}

ConstElementPtr namedModeOf(const Subnet6 &subnet) {
    if (ConstElementPtr own = namedMode(subnet.getContext())) {
        return (own);
    }
    const SharedNetwork6Ptr network = networkOf(subnet);
    return (network ? namedMode(network->getContext()) : ConstElementPtr());
}

channel::Mode modeOf(const Subnet6 &subnet, channel::Mode global) {
    const ConstElementPtr named = namedModeOf(subnet);
    return (named ? toMode(named) : global);
}

/// The more permissive one of two modes for encrypted messages; "off" permits none of them.
channel::Mode morePermissive(channel::Mode a, channel::Mode b) {
    if (a == channel::MODE_OFF || b == channel::MODE_OFF) {
        return (std::max(a, b));
    }
    return (std::min(a, b));
}

} // namespace

ElementPtr SubnetModes::read(const SrvConfig &config) {
    ElementPtr named = Element::createList();
    channel::Mode any = global_;
    for (const auto &network : *config.getCfgSharedNetworks6()->getAll()) {
        checkContext(network->getContext(), "shared network \"" + network->getName() + "\"");
    }
    for (const auto &subnet : *config.getCfgSubnets6()->getAll()) {
        checkContext(subnet->getContext(), "subnet " + subnet->toText());
        if (const ConstElementPtr mode = namedModeOf(*subnet)) {
            const ElementPtr entry = Element::createMap();
            entry->set("id", Element::create(static_cast<int64_t>(subnet->getID())));
            entry->set(MODE_NAME, mode);
            named->add(entry);
            any = morePermissive(any, toMode(mode));
        }
    }
    elsewhere_ = global_ == channel::MODE_OFF ? any : global_;
    return (named);
}

bool SubnetModes::canRefuse(const SrvConfig &config) const {
    if (global_ >= channel::MODE_ENCRYPTED || config.getConfigControlInfo()) {
        return (true);
    }
    // Other libraries' commands can add subnets.
    const ConstElementPtr libraries = config.getHooksConfig().toElement();
    for (const auto &library : libraries->listValue()) {
        const std::string path = library->get("library")->stringValue();
        if (path.find("subnet_cmds") != std::string::npos || path.find("cb_cmds") != std::string::npos) {
            return (true);
        }
    }
    const auto refuses = [](const auto &owner) {
        const ConstElementPtr mode = namedMode(owner->getContext());
        return (mode && toMode(mode) >= channel::MODE_ENCRYPTED);
    };
    const auto *networks = config.getCfgSharedNetworks6()->getAll();
    const auto *subnets = config.getCfgSubnets6()->getAll();
    return (std::any_of(networks->begin(), networks->end(), refuses) ||
            std::any_of(subnets->begin(), subnets->end(), refuses));
}

SubnetModes::Early SubnetModes::early(const Pkt6 &query, const Datagram &datagram) const {
    SubnetSelector selector;
    selector.iface_name_ = query.getIface();
    selector.remote_address_ = query.getRemoteAddr();
    if (datagram.link_address) {
        selector.first_relay_linkaddr_ = IOAddress::fromBytes(AF_INET6, datagram.link_address);
    }
    if (datagram.interface_id.data) {
        const Octets &octets = datagram.interface_id;
        selector.interface_id_.reset(
            new isc::dhcp::Option(isc::dhcp::Option::V6, OPTION_INTERFACE_ID,
                                  OptionBuffer(octets.data, octets.data + octets.length)));
    }

    // Subnets may be guarded by the classes that this library will set.
    const ConstCfgSubnets6Ptr subnets = CfgMgr::instance().getCurrentCfg()->getCfgSubnets6();
    SelectedSubnetPtr subnet;
    for (const char *const credential : {"OPPORTUNISTIC", "AUTHENTICATED"}) {
        selector.client_classes_ = query.getClasses();
        for (const char *const name : {"ALL", "ENCRYPTED", credential}) {
            selector.client_classes_.insert(name);
        }
        subnet = subnets->selectSubnet(selector);
        if (subnet) {
            break;
        }
    }
    if (!subnet) {
        return {elsewhere_, 0};
    }
    channel::Mode mode = modeOf(*subnet, global_);
    if (const SharedNetwork6Ptr network = networkOf(*subnet)) {
        for (const auto &other : *network->getAllSubnets()) {
            mode = morePermissive(mode, modeOf(*other, global_));
        }
    }
    return {mode, subnet->getID()};
}

channel::Mode SubnetModes::decisive(const SelectedSubnetPtr &subnet, const Pkt6 &query) const {
    if (!subnet) {
        return (global_);
    }
    channel::Mode mode = modeOf(*subnet, global_);
    if (const SharedNetwork6Ptr network = networkOf(*subnet)) {
        for (const auto &other : *network->getAllSubnets()) {
            if (other->clientSupported(query.getClasses())) {
                mode = std::max(mode, modeOf(*other, global_));
            }
        }
    }
    return (mode);
}

} // namespace kea_encryption
