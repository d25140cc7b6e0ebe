// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "worker_choice.h"

#include "channel/frame.h"

#include <algorithm>

namespace kea_encryption {

namespace {

/// Of an envelope, up to enc, whose length ends it (docs/protocol.md 4).
constexpr size_t ENVELOPE_HEADER_LENGTH = 22;

/// FNV-1a: spreads evenly over the workers.
uint64_t
hash(uint64_t seed, const uint8_t* octets, size_t length) {
    for (size_t i = 0; i < length; ++i) {
        seed = (seed ^ octets[i]) * UINT64_C(1099511628211);
    }
    return (seed);
}

constexpr uint64_t HASH_SEED = UINT64_C(14695981039346656037);

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

/// @return false where the query has no envelope; what is wrong with it is the engine's to say
bool
contextHash(const Datagram& datagram, uint16_t encrypted_message, uint64_t& value) {
    OptionWalk walk = OptionWalk::ofMessage(datagram.message);
    for (Option option; walk.next(option);) {
        if (option.code == encrypted_message && option.data.length >= ENVELOPE_HEADER_LENGTH) {
            const uint8_t* end_of_header = option.data.data + ENVELOPE_HEADER_LENGTH;
            const size_t rest = option.data.length - ENVELOPE_HEADER_LENGTH;
            value = hash(HASH_SEED, end_of_header,
                         std::min<size_t>(rest, channel::getUint16(end_of_header - 2)));
            return (true);
        }
    }
    return (false);
}

}  // namespace

uint32_t
chooseWorker(const Datagram& datagram,
             uint16_t encrypted_message,
             uint32_t interface_index,
             const uint8_t* source) {
    uint64_t value;
    if (encrypted_message == 0 || !contextHash(datagram, encrypted_message, value)) {
        value = sourceHash(datagram, interface_index, source);
    }
    return (static_cast<uint32_t>(value ^ (value >> 32)));
}

}  // namespace kea_encryption
