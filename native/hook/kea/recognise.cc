// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "recognise.h"

namespace kea_encryption {

namespace {

bool
isUsableLinkAddress(const uint8_t* address) {
    if (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) {
        return (false);  // fe80::/10 says nothing about the link
    }
    for (size_t i = 0; i < ADDRESS_LENGTH; ++i) {
        if (address[i] != 0) {
            return (true);
        }
    }
    return (false);
}

}  // namespace

bool
OptionWalk::next(Option& option) {
    if (rest_.length < 4) {
        return (false);
    }
    const uint16_t code = channel::getUint16(rest_.data);
    const size_t length = channel::getUint16(rest_.data + 2);
    if (length > rest_.length - 4) {
        rest_ = Octets();
        return (false);
    }
    // Kea gives up on a list where fewer than four octets are left for a vendor's
    // enterprise-number.
    if (code == OPTION_VENDOR_OPTIONS && rest_.length < 8) {
        rest_ = Octets();
        return (false);
    }
    option.code = code;
    option.data = {rest_.data + 4, length};
    rest_ = {rest_.data + 4 + length, rest_.length - 4 - length};
    return (true);
}

Datagram
recognise(const uint8_t* octets, size_t length) {
    Datagram datagram;
    Octets message = {octets, length};

    while (message.length >= MESSAGE_HEADER_LENGTH) {
        const uint8_t type = message.data[0];
        if (type != MESSAGE_RELAY_FORWARD && type != MESSAGE_RELAY_REPLY) {
            datagram.message = message;
            datagram.well_formed = true;
            return (datagram);
        }
        if (message.length < RELAY_HEADER_LENGTH || datagram.relay_levels == MAX_RELAY_LEVELS) {
            return (datagram);
        }
        ++datagram.relay_levels;
        datagram.relay_reply = datagram.relay_reply || type == MESSAGE_RELAY_REPLY;
        const uint8_t* link_address = message.data + 2;
        if (isUsableLinkAddress(link_address)) {
            datagram.link_address = link_address;
        }
        datagram.peer_address = message.data + 2 + ADDRESS_LENGTH;
        datagram.interface_id = Octets();

        Octets inner;
        OptionWalk walk({message.data + RELAY_HEADER_LENGTH, message.length - RELAY_HEADER_LENGTH});
        for (Option option; walk.next(option);) {
            if (option.code == OPTION_RELAY_MESSAGE) {
                inner = option.data;
            } else if (option.code == OPTION_INTERFACE_ID && !datagram.interface_id.data) {
                datagram.interface_id = option.data;
            } else if (option.code == OPTION_RELAY_SOURCE_PORT && datagram.relay_levels == 1) {
                datagram.relay_source_port = true;
            }
        }
        message = inner;
    }
    return (datagram);
}

}  // namespace kea_encryption
