// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_LARGE_DATAGRAM_FILTER_H
#define KEA_ENCRYPTION_LARGE_DATAGRAM_FILTER_H

#include <dhcp/pkt_filter_inet6.h>

namespace kea_encryption {

/// Kea's packet filter, without its limit: Kea reads datagrams into 1500 octets and cuts what is longer
/// without a word, which encrypted messages are.
///
/// A long datagram is looked at (MSG_PEEK) before Kea's own code takes it from the socket, so addresses,
/// interface and time stamps are Kea's business in every version; then its octets are put into the packet
/// whole.
class LargeDatagramFilter : public isc::dhcp::PktFilterInet6 {
public:
    isc::dhcp::Pkt6Ptr receive(const isc::dhcp::SocketInfo &socket_info) override;
};

/// Makes Kea receive through a LargeDatagramFilter.
/// @throw isc::Exception if Kea refuses.
void installLargeDatagramFilter();

/// Makes Kea receive through the filter that it had before, if the other one was installed.
/// @throw isc::Exception if Kea refuses.
void removeLargeDatagramFilter();

} // namespace kea_encryption

#endif
