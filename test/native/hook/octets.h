// SPDX-License-Identifier: MPL-2.0

#pragma once

/// @file octets.h
///
/// Builds DHCPv6 messages for the tests.

#include <hook/kea/recognise.h>

#include <arpa/inet.h>

#include <string>
#include <vector>

namespace kea_encryption {

typedef std::vector<uint8_t> Bytes;

inline Bytes
operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return (left);
}

inline Octets
toOctets(const Bytes& bytes) {
    return {bytes.data(), bytes.size()};
}

inline Bytes
option(uint16_t code, const Bytes& data) {
    return (Bytes{static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code),
                  static_cast<uint8_t>(data.size() >> 8), static_cast<uint8_t>(data.size())} +
            data);
}

inline Bytes
message(uint8_t type, const Bytes& options) {
    return (Bytes{type, 0x12, 0x34, 0x56} + options);
}

inline Bytes
address(const char* text) {
    Bytes octets(16);
    ::inet_pton(AF_INET6, text, octets.data());
    return (octets);
}

inline Bytes
relay(const char* link, const char* peer, const Bytes& options, uint8_t type = 12) {
    return (Bytes{type, 0} + address(link) + address(peer) + options);
}

inline Bytes
relayed(const Bytes& inner, const char* link = "2001:db8:1::1", const char* peer = "fe80::1") {
    return (relay(link, peer, option(OPTION_RELAY_MESSAGE, inner)));
}

}  // namespace kea_encryption
