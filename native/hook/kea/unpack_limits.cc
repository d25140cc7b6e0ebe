// SPDX-License-Identifier: MPL-2.0

#include "unpack_limits.h"

namespace kea_encryption {

namespace {

/// @brief An option with options inside.
struct Container {
    uint16_t code;
    /// @brief Octets before the options.
    size_t fields;
    /// @brief Whether a prefix length and a prefix come between.
    bool has_prefix = false;
};

/// @brief What Kea 2.2, 2.6 and 3.0 unpack further, in whatever option space: so a code of one
/// space is one of all. An integer is followed by a list of no space, in which vendor options are
/// vendor options still.
constexpr Container CONTAINERS[] = {
    {3, 12},   // IA_NA
    {4, 4},    // IA_TA, an integer for Kea
    {5, 24},   // IA Address
    {7, 1},    // Preference: integer
    {8, 2},    // Elapsed Time: integer
    {17, 4},   // Vendor-specific Information
    {19, 1},   // Reconfigure Message: integer
    {25, 12},  // IA_PD
    {26, 24},  // IA Prefix: Kea looks for options where an IA Address has them,
    {26, 25},  // and then where they are
    {32, 4},   // Information Refresh Time: integer
    {38, 4},   // CableLabs' time offset, of vendor 4491: integer
    {44, 17},  // LQ Query
    {45, 0},   // Client Data
    {46, 4},   // CLT Time: integer
    {56, 0},   // NTP Server, from Kea 2.3 on
    {66, 0},   // RSOO
    {82, 4},   // SOL_MAX_RT: integer
    {83, 4},   // INF_MAX_RT: integer
    {94, 0},   // S46 MAP-E, MAP-T and Lightweight 4over6 Container
    {95, 0},       {96, 0}, {135, 2},  // Relay Source Port: integer
    {89, 7, true},                     // S46 Rule (RFC 7598 section 4.1)
    {92, 4, true},                     // S46 IPv4/IPv6 Address Binding (RFC 7598 section 4.3)
};

/// @brief Follows Kea into a list of options.
class NestedLists {
public:
    bool areTooDeep(const Octets& list, unsigned levels) {
        OptionWalk walk(list);
        for (Option option; walk.next(option);) {
            if (levels == 0) {
                return (true);
            }
            for (const Container& container : CONTAINERS) {
                if (container.code == option.code && areTooDeepInside(option, container, levels)) {
                    return (true);
                }
            }
        }
        return (false);
    }

private:
    bool areTooDeepInside(const Option& option, const Container& container, unsigned levels) {
        size_t fields = container.fields;
        if (container.has_prefix && fields < option.data.length) {
            fields += 1 + (option.data.data[fields] + 7u) / 8;
        }
        if (fields >= option.data.length) {
            return (false);
        }
        if (lists_left_ == 0) {
            return (true);
        }
        --lists_left_;
        return (areTooDeep({option.data.data + fields, option.data.length - fields}, levels - 1));
    }

    unsigned lists_left_ = MAX_LISTS;
};

bool
isListTooDeep(const Octets& list) {
    return (NestedLists().areTooDeep(list, MAX_NESTED_LISTS));
}

/// @brief Calls `is_bad` with each list that Kea begins to unpack, the relays' without their Relay
/// Message options, and with their length. Returns whether it said true.
template <typename IsBad>
bool
anyList(const Octets& datagram, IsBad is_bad) {
    Octets message = datagram;
    while (message.length >= MESSAGE_HEADER_LENGTH &&
           (message.data[0] == MESSAGE_RELAY_FORWARD || message.data[0] == MESSAGE_RELAY_REPLY)) {
        if (message.length < RELAY_HEADER_LENGTH) {
            return (false);
        }
        const Octets list = {message.data + RELAY_HEADER_LENGTH,
                             message.length - RELAY_HEADER_LENGTH};
        size_t length = list.length;
        message = Octets();
        OptionWalk walk(list);
        for (Option option; walk.next(option);) {
            if (option.code == OPTION_RELAY_MESSAGE) {
                length -= option.data.length;
                message = option.data;
            }
        }
        if (is_bad(list, length)) {
            return (true);
        }
    }
    if (message.length < MESSAGE_HEADER_LENGTH) {
        return (false);
    }
    return (
        is_bad(Octets{message.data + MESSAGE_HEADER_LENGTH, message.length - MESSAGE_HEADER_LENGTH},
               message.length));
}

}  // namespace

bool
isNestedTooDeep(const Octets& datagram) {
    return (anyList(datagram, [](const Octets& list, size_t) { return (isListTooDeep(list)); }));
}

bool
exceedsUnpackLimits(const Octets& datagram) {
    return (anyList(datagram, [](const Octets& list, size_t length) {
        return (length > MAX_LIST_LENGTH || isListTooDeep(list));
    }));
}

}  // namespace kea_encryption
