// SPDX-License-Identifier: MPL-2.0

#pragma once

// Looks into a DHCPv6 datagram as it came from the wire, before Kea parses it. Pure and total: any
// octets give an answer, nothing is allocated, nothing outside the octets is read.
//
// The walk takes the way that Kea's own parser takes (Pkt6::unpackRelayMsg(),
// LibDHCP::unpackOptions6()), its leniency included: of repeated Relay Message options the last
// one counts, and an option list that ends in the middle of an option ends before it. A stricter
// walk would let a packet pass this hook as something else than what Kea then makes of it.

#include <channel/frame.h>

#include <cstddef>
#include <cstdint>

namespace kea_encryption {

/// @brief RFC 8415 section 7.3, 21.10, 21.2, 21.18; RFC 7341 section 8.1; RFC 8357 section 5.
constexpr uint8_t MESSAGE_SOLICIT = 1;
constexpr uint8_t MESSAGE_RELAY_FORWARD = 12;
constexpr uint8_t MESSAGE_RELAY_REPLY = 13;
constexpr uint8_t MESSAGE_DHCPV4_QUERY = 20;
constexpr uint8_t MESSAGE_DHCPV4_RESPONSE = 21;
constexpr uint16_t OPTION_CLIENT_IDENTIFIER = 1;
constexpr uint16_t OPTION_RELAY_MESSAGE = 9;
constexpr uint16_t OPTION_VENDOR_OPTIONS = 17;
constexpr uint16_t OPTION_INTERFACE_ID = 18;
constexpr uint16_t OPTION_RELAY_SOURCE_PORT = 135;

/// @brief Relay-forward levels that are followed (RFC 3315's HOP_COUNT_LIMIT, which Kea keeps).
constexpr unsigned MAX_RELAY_LEVELS = 32;

constexpr size_t MESSAGE_HEADER_LENGTH = 4;
constexpr size_t RELAY_HEADER_LENGTH = 34;
constexpr size_t ADDRESS_LENGTH = 16;

/// @brief What a datagram is.
struct Datagram {
    /// @brief There is a message of four octets or more inside at most MAX_RELAY_LEVELS levels.
    bool well_formed = false;
    /// @brief The innermost client/server message; its first octet is the msg-type.
    Octets message;
    /// @brief Relay levels around it.
    unsigned relay_levels = 0;
    /// @brief A relay level is a Relay-reply, which no server should get (RFC 8415 section 16).
    bool relay_reply = false;
    /// @brief The link-address that selects the subnet: of the relay nearest to the client that has
    /// one which is neither zero nor link-local. Null if there is none.
    const uint8_t* link_address = nullptr;
    /// @brief The client's address as its nearest relay saw it. Null if not relayed.
    const uint8_t* peer_address = nullptr;
    /// @brief Interface-Id of the relay nearest to the client; `data` is null without.
    Octets interface_id;
    /// @brief The relay nearest to the server wants the answer at its source port (RFC 8357).
    bool relay_source_port = false;

    uint8_t messageType() const {
        return (message.data[0]);
    }
};

/// @brief Finds the innermost message of a datagram.
Datagram
recognise(const uint8_t* octets, size_t length);

/// @brief One option of a message.
struct Option {
    uint16_t code;
    Octets data;
};

/// @brief Steps through the top-level options of a list of options.
class OptionWalk {
public:
    explicit OptionWalk(const Octets& options) : rest_(options) {
    }

    /// @brief The options of a client/server message.
    static OptionWalk ofMessage(const Octets& message) {
        return (OptionWalk(
            {message.data + MESSAGE_HEADER_LENGTH, message.length - MESSAGE_HEADER_LENGTH}));
    }

    /// @brief Gets the next whole option. Returns false at the end.
    bool next(Option& option);

private:
    Octets rest_;
};

/// @brief Whether any top-level option of the innermost message is meant.
template <typename Predicate>
bool
anyOption(const Datagram& datagram, Predicate is_meant) {
    OptionWalk walk = OptionWalk::ofMessage(datagram.message);
    for (Option option; walk.next(option);) {
        if (is_meant(option)) {
            return (true);
        }
    }
    return (false);
}

/// @brief The first Client Identifier option, which is the one that Kea takes
/// (Pkt6::getClientId()). `data` is null without one.
Octets
clientIdentifier(const Datagram& datagram);

/// @brief Whether an envelope has the enc that opens a context (docs/protocol.md 4).
bool
opensContext(const Octets& envelope);

/// @brief Which of the engine's workers a message goes to. A context is found by its enc, wherever
/// its queries come from (docs/protocol.md 4.1), and a worker has its contexts for itself; what has
/// no enc goes by the link and the client's address on it.
/// @param encrypted_message code of an Encrypted-Query's option with the envelope; 0 for others.
/// @param source the datagram's source address, 16 octets.
/// @return a number that is to be taken modulo the number of workers.
uint32_t
affinityHash(const Datagram& datagram,
             uint16_t encrypted_message,
             uint32_t interface_index,
             const uint8_t* source);

}  // namespace kea_encryption
