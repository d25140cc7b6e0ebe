// SPDX-License-Identifier: MPL-2.0

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

/// @brief Where an envelope has its context identifier (docs/protocol.md 4).
constexpr size_t CONTEXT_IDENTIFIER_OFFSET = 20;
constexpr size_t CONTEXT_IDENTIFIER_LENGTH = 16;
constexpr size_t ENC_LENGTH_OFFSET = CONTEXT_IDENTIFIER_OFFSET + CONTEXT_IDENTIFIER_LENGTH;

constexpr uint64_t HASH_SEED = UINT64_C(14695981039346656037);

/// @brief FNV-1a: spreads evenly over the workers.
uint64_t
hash(uint64_t seed, const uint8_t* octets, size_t length) {
    for (size_t i = 0; i < length; ++i) {
        seed = (seed ^ octets[i]) * UINT64_C(1099511628211);
    }
    return (seed);
}

uint64_t
sourceHash(const Datagram& datagram, uint32_t interface_index, const uint8_t* source) {
    uint64_t value = HASH_SEED;
    if (datagram.link_address) {
        value = hash(value, datagram.link_address, ADDRESS_LENGTH);
    } else {
        uint8_t index[4];
        channel::putUint32(index, interface_index);
        value = hash(value, index, sizeof(index));
    }
    return (hash(value, datagram.peer_address ? datagram.peer_address : source, ADDRESS_LENGTH));
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
    // Kea gives up on a list that has no room for a vendor's enterprise-number.
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

Octets
clientIdentifier(const Datagram& datagram) {
    Octets first;
    anyOption(datagram, [&first](const Option& option) {
        first = option.code == OPTION_CLIENT_IDENTIFIER ? option.data : Octets();
        return (first.data != nullptr);
    });
    return (first);
}

bool
opensContext(const Octets& envelope) {
    return (envelope.length >= ENC_LENGTH_OFFSET + 2 &&
            channel::getUint16(envelope.data + ENC_LENGTH_OFFSET) != 0);
}

uint32_t
affinityHash(const Datagram& datagram,
             uint16_t encrypted_message,
             uint32_t interface_index,
             const uint8_t* source) {
    uint64_t value = 0;
    const bool has_context = anyOption(datagram, [&](const Option& option) {
        if (option.code != encrypted_message ||
            option.data.length < CONTEXT_IDENTIFIER_OFFSET + CONTEXT_IDENTIFIER_LENGTH) {
            return (false);
        }
        value = hash(HASH_SEED, option.data.data + CONTEXT_IDENTIFIER_OFFSET,
                     CONTEXT_IDENTIFIER_LENGTH);
        return (true);
    });
    // What is wrong with an envelope, or that there is none, is the engine's to say.
    if (encrypted_message == 0 || !has_context) {
        value = sourceHash(datagram, interface_index, source);
    }
    return (static_cast<uint32_t>(value ^ (value >> 32)));
}

}  // namespace kea_encryption
