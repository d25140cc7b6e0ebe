// SPDX-License-Identifier: MPL-2.0

#include "large_datagram_filter.h"

#include <asiolink/io_address.h>
#include <dhcp/iface_mgr.h>
#include <dhcpsrv/cfg_iface.h>
#include <dhcpsrv/cfgmgr.h>

#include <boost/make_shared.hpp>
#include <sys/socket.h>

#include <vector>

using namespace isc::dhcp;

namespace kea_encryption {

namespace {

/// @brief The filter that was there before. Kept as it is and not made anew: the code that in the
/// end frees it must not be this library's, which is gone by then.
PktFilter6Ptr previous_filter;

/// @brief IfaceMgr gives no filter out. An explicit instantiation may name a private member
/// ([temp.spec.general] in the standard); packet_filter6_ is its name from Kea 2.2 to 3.0.
template <PktFilter6Ptr IfaceMgr::*Member>
struct FilterOf {
    friend const PktFilter6Ptr& currentFilter(const IfaceMgr& interfaces) {
        return (interfaces.*Member);
    }
};
const PktFilter6Ptr&
currentFilter(const IfaceMgr& interfaces);
template struct FilterOf<&IfaceMgr::packet_filter6_>;

/// @brief Puts a filter in Kea's hands. Kea takes none while sockets are open. They are closed
/// wherever it loads or unloads libraries but in the command libreload (Kea 2.2), which would leave
/// Kea with the code of an unloaded library: there they are opened anew.
void
setFilter(const PktFilter6Ptr& filter) {
    IfaceMgr& interfaces = IfaceMgr::instance();
    uint16_t port = 0;
    for (const IfacePtr& interface : interfaces.getIfaces()) {
        for (const SocketInfo& socket : interface->getSockets()) {
            if (socket.family_ == AF_INET6) {
                port = socket.port_;
            }
        }
    }
    if (port == 0) {
        interfaces.setPacketFilter(filter);
        return;
    }
    interfaces.closeSockets();
    interfaces.setPacketFilter(filter);
    CfgMgr::instance().getCurrentCfg()->getCfgIface()->openSockets(AF_INET6, port);
}

}  // namespace

Pkt6Ptr
LargeDatagramFilter::receive(const SocketInfo& socket_info) {
    const ssize_t length =
        ::recv(socket_info.sockfd_, nullptr, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
    std::vector<uint8_t> octets;
    if (length > static_cast<ssize_t>(IfaceMgr::RCVBUFSIZE)) {
        octets.resize(static_cast<size_t>(length));
        if (::recv(socket_info.sockfd_, octets.data(), octets.size(), MSG_PEEK | MSG_DONTWAIT) !=
            length) {
            octets.clear();
        }
    }
    const Pkt6Ptr packet = PktFilterInet6::receive(socket_info);
    if (packet && !octets.empty() && wanted_({octets.data(), octets.size()})) {
        packet->data_.swap(octets);
    }
    return (packet && !unwanted_(*packet) ? packet : Pkt6Ptr());
}

void
installLargeDatagramFilter(LargeDatagramFilter::Wanted wanted,
                           LargeDatagramFilter::Unwanted unwanted) {
    const PktFilter6Ptr previous = currentFilter(IfaceMgr::instance());
    setFilter(boost::make_shared<LargeDatagramFilter>(std::move(wanted), std::move(unwanted)));
    previous_filter = previous;
}

void
removeLargeDatagramFilter() {
    if (previous_filter) {
        setFilter(previous_filter);
        previous_filter.reset();
    }
}

}  // namespace kea_encryption
