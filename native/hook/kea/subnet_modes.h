// SPDX-License-Identifier: MPL-2.0

#pragma once

// Which mode holds for a packet: its subnet's, else its shared network's, else the parameter's.

#include "recognise.h"

#include <channel/frame.h>
#include <dhcp/pkt6.h>
#include <dhcpsrv/cfg_subnets6.h>
#include <dhcpsrv/srv_config.h>
#include <dhcpsrv/subnet_id.h>
#include <dhcpsrv/subnet_selector.h>

#include <utility>
#include <vector>

namespace kea_encryption {

/// @brief The callouts' argument "subnet6": a Subnet6Ptr; from Kea 3.0 on a ConstSubnet6Ptr.
typedef decltype(std::declval<const isc::dhcp::CfgSubnets6&>().selectSubnet(
    std::declval<const isc::dhcp::SubnetSelector&>())) SelectedSubnetPtr;

/// @brief Whether subnets can change without a new configuration: by commands, by databases.
bool
subnetsCanChange(const isc::dhcp::SrvConfig& config);

/// @brief The ids of a subnet and of the others of its shared network. One that is not configured
/// any more is alone.
std::vector<isc::dhcp::SubnetID>
subnetsAround(isc::dhcp::SubnetID subnet_id);

class SubnetModes {
public:
    /// @param global the parameter `mode`.
    explicit SubnetModes(channel::Mode global) : global_(global) {
    }

    /// @brief What is known of a datagram's subnet before Kea has parsed it. Client classes are not
    /// known yet, nor which subnet of a shared network serves the client; decisive() has the last
    /// word. On a link without any subnet the parameter `mode` counts.
    struct Early {
        channel::Mode mode;  ///< the most permissive one for encrypted messages that may turn out
        uint32_t subnet_id;  ///< 0 if no subnet was found
    };
    Early early(const isc::dhcp::Pkt6& query, const Datagram& datagram) const;

    /// @brief Whether a configuration can refuse any query because of a mode, now or after a change
    /// that does not load this library anew (commands and databases that change subnets).
    bool canRefuse(const isc::dhcp::SrvConfig& config) const;

    /// @brief Whether every subnet's mode is off, now and after such a change: nobody is refused a
    /// DUID then.
    bool areAllOff(const isc::dhcp::SrvConfig& config) const;

    /// @brief The mode for a cleartext datagram that Kea selects no subnet for.
    /// @param [out] subnet the one that Kea would select.
    channel::Mode inClear(const isc::dhcp::Pkt6& query,
                          const Datagram& datagram,
                          SelectedSubnetPtr& subnet) const;

    /// @brief The mode for a query whose subnet Kea has selected. Kea may still go on to another
    /// subnet of the shared network: the strictest mode of all those that it may take for this
    /// client counts. Reservations give a query more classes after the selection, and those may
    /// open more subnets.
    channel::Mode decisive(const SelectedSubnetPtr& subnet, const isc::dhcp::Pkt6& query) const;

    /// @brief Whether a subnet's own mode is off. One that is not configured any more has none.
    bool isOff(isc::dhcp::SubnetID subnet_id) const;
    bool isOff(const isc::dhcp::Subnet6& subnet) const;

private:
    channel::Mode global_;
};

}  // namespace kea_encryption
