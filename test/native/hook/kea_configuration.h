// SPDX-License-Identifier: MPL-2.0

#pragma once

/// @file kea_configuration.h
///
/// Builds subnets in Kea's staging configuration, as its parser does.

#include <cc/data.h>
#include <dhcp/option.h>
#include <dhcpsrv/cfg_shared_networks.h>
#include <dhcpsrv/cfg_subnets6.h>
#include <dhcpsrv/cfgmgr.h>
#include <dhcpsrv/shared_network.h>
#include <dhcpsrv/subnet.h>

#include <string>

namespace kea_encryption {

class KeaConfiguration {
public:
    class Subnet {
    public:
        explicit Subnet(const isc::dhcp::Subnet6Ptr& subnet) : subnet_(subnet) {
        }

        Subnet& interface(const char* name) {
            subnet_->setIface(std::string(name));
            return (*this);
        }
        Subnet& interfaceId(const std::string& id) {
            subnet_->setInterfaceId(isc::dhcp::OptionPtr(new isc::dhcp::Option(
                isc::dhcp::Option::V6, 18, isc::dhcp::OptionBuffer(id.begin(), id.end()))));
            return (*this);
        }
        Subnet& mode(const std::string& name) {
            return (context("{\"encryption\": {\"mode\": \"" + name + "\"}}"));
        }
        Subnet& context(const std::string& json) {
            subnet_->setContext(isc::data::Element::fromJSON(json));
            return (*this);
        }
        Subnet& guard(const char* client_class) {
            subnet_->allowClientClass(client_class);
            return (*this);
        }

    private:
        isc::dhcp::Subnet6Ptr subnet_;
    };

    class Network {
    public:
        Network(KeaConfiguration& owner, const isc::dhcp::SharedNetwork6Ptr& network)
            : owner_(owner), network_(network) {
        }

        Subnet subnet(uint32_t id, const char* prefix) {
            const isc::dhcp::Subnet6Ptr added = owner_.add(id, prefix);
            network_->add(added);
            return (Subnet(added));
        }

    private:
        KeaConfiguration& owner_;
        isc::dhcp::SharedNetwork6Ptr network_;
    };

    KeaConfiguration() {
        isc::dhcp::CfgMgr::instance().clear();
    }

    isc::dhcp::SrvConfig& staging() {
        return (*isc::dhcp::CfgMgr::instance().getStagingCfg());
    }

    Subnet subnet(uint32_t id, const char* prefix) {
        return (Subnet(add(id, prefix)));
    }

    /// @param mode null for a network that names none.
    Network network(const char* name, const char* mode) {
        const isc::dhcp::SharedNetwork6Ptr added(new isc::dhcp::SharedNetwork6(name));
        if (mode) {
            added->setContext(isc::data::Element::fromJSON("{\"encryption\": {\"mode\": \"" +
                                                           std::string(mode) + "\"}}"));
        }
        staging().getCfgSharedNetworks6()->add(added);
        return (Network(*this, added));
    }

    void commit() {
        isc::dhcp::CfgMgr::instance().commit();
    }

private:
    isc::dhcp::Subnet6Ptr add(uint32_t id, const char* prefix) {
        const std::string text = prefix;
        const size_t slash = text.find('/');
        const isc::dhcp::Subnet6Ptr subnet(new isc::dhcp::Subnet6(
            isc::asiolink::IOAddress(text.substr(0, slash)),
            static_cast<uint8_t>(std::stoul(text.substr(slash + 1))), 1, 2, 3, 4, id));
        staging().getCfgSubnets6()->add(subnet);
        return (subnet);
    }
};

}  // namespace kea_encryption
