// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "recognise.h"

#include <dhcp/pkt_filter_inet6.h>

#include <functional>

namespace kea_encryption {

/// @brief Kea's packet filter, without its limit for encrypted messages: Kea reads datagrams into
/// 1500 octets and cuts what is longer without a word, which encrypted messages are. Any other
/// datagram stays as Kea reads it: that limit is all that bounds what Kea unpacks.
///
/// A long datagram is looked at (MSG_PEEK) before Kea's own code takes it from the socket, so
/// addresses, interface and time stamps are Kea's business in every version; then its octets are
/// put into the packet whole.
class LargeDatagramFilter : public isc::dhcp::PktFilterInet6 {
public:
    /// @brief Tells whether a datagram that is longer than what Kea reads is to be received whole.
    typedef std::function<bool(const Octets& datagram)> Wanted;

    /// @brief Tells whether a packet goes no further.
    typedef std::function<bool(const isc::dhcp::Pkt6& packet)> Unwanted;

    LargeDatagramFilter(Wanted wanted, Unwanted unwanted)
        : wanted_(std::move(wanted)), unwanted_(std::move(unwanted)) {
    }

    /// @return null for what is unwanted: Kea takes it for a wait that has brought nothing.

    isc::dhcp::Pkt6Ptr receive(const isc::dhcp::SocketInfo& socket_info) override;

private:
    const Wanted wanted_;
    const Unwanted unwanted_;
};

/// @brief Makes Kea receive through a LargeDatagramFilter.
/// @throw isc::Exception if Kea refuses.
void
installLargeDatagramFilter(LargeDatagramFilter::Wanted wanted,
                           LargeDatagramFilter::Unwanted unwanted);

/// @brief Makes Kea receive through the filter that it had before, if the other one was installed.
/// @throw isc::Exception if Kea refuses.
void
removeLargeDatagramFilter();

}  // namespace kea_encryption
