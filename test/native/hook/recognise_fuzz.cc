// SPDX-License-Identifier: MPL-2.0

#include <hook/kea/recognise.h>
#include <hook/kea/unpack_limits.h>

#include <cstdlib>

using namespace kea_encryption;

namespace {

void
require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

bool
isInside(const uint8_t* data, size_t size, const uint8_t* part, size_t length) {
    return (part >= data && length <= size && part - data <= static_cast<ptrdiff_t>(size - length));
}

}  // namespace

/// libFuzzer target: any octets give an answer that points into them.
extern "C" int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    require(!isNestedTooDeep({data, size}) || exceedsUnpackLimits({data, size}));
    const Datagram datagram = recognise(data, size);
    require(datagram.relay_levels <= MAX_RELAY_LEVELS);
    require((datagram.relay_levels == 0) == (datagram.peer_address == nullptr));
    if (datagram.peer_address) {
        require(isInside(data, size, datagram.peer_address, ADDRESS_LENGTH));
    }
    if (datagram.link_address) {
        require(isInside(data, size, datagram.link_address, ADDRESS_LENGTH));
    }
    if (datagram.interface_id.data) {
        require(isInside(data, size, datagram.interface_id.data, datagram.interface_id.length));
    }
    if (!datagram.well_formed) {
        return (0);
    }
    require(datagram.message.length >= MESSAGE_HEADER_LENGTH);
    require(isInside(data, size, datagram.message.data, datagram.message.length));
    OptionWalk walk = OptionWalk::ofMessage(datagram.message);
    for (Option option; walk.next(option);) {
        require(isInside(datagram.message.data, datagram.message.length, option.data.data,
                         option.data.length));
    }
    return (0);
}
