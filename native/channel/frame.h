// SPDX-License-Identifier: MPL-2.0

#pragma once

// The frames between the hook (in kea-dhcp6) and the engine (a Node.js process). This header is
// the only definition of their layout; both native parts include it.
//
// Transport: Unix SOCK_SEQPACKET, one frame per packet, so a frame's length is the packet's
// length. There is one *control* connection, and one *lane* per (packet thread, engine worker). A
// lane is one end of a socketpair(2) that the hook passes over the control connection with
// SCM_RIGHTS.
//
// Frame: kind (1) | version (1) | reserved, zero (2) | id (4) | body. Integers are in network byte
// order. An answer repeats the id of its question; unsolicited frames carry id 0.
//
// From the hook, on the control connection:
// - CONFIGURE: no body; a file with JSON text (docs/engine-channel.md) as SCM_RIGHTS
// - LANE: worker (2); the lane's descriptor as SCM_RIGHTS
// - COMMAND: JSON text {"command", "arguments"}
//
// From the engine, on the control connection:
// - CONFIGURED: status (1: 0 accepted, 1 refused), JSON text
// - ANSWER: JSON text {"result", "text", "arguments"}
// - LOG: severity (1), text
//
// From the hook, on a lane:
// - RECEIVE: mode (1), reserved (3), interface index (4), source address (16), the datagram
// - SEND: handle (8), Kea's packed answer
//
// From the engine, on a lane, to either of the two:
// - VERDICT: action (1), credential (1), reason (2), handle (8), length of text (2), length of
//   host identifier (2), sender (66: SHA-256 of its key, hash of its certificate's issuer and names
//   or zeros, derived DUID), text, host identifier, octets; where it drops,
//   the handle is a pause: reserved (3), scope (1), milliseconds (4), 0 for none

#include <cstddef>
#include <cstdint>

namespace kea_encryption {

/// @brief A run of octets that somebody else holds.
struct Octets {
    const uint8_t* data = nullptr;
    size_t length = 0;

    bool empty() const {
        return (length == 0);
    }
};

namespace channel {

constexpr uint8_t CHANNEL_VERSION = 5;
constexpr size_t HEADER_LENGTH = 8;

/// @brief A UDP datagram over IPv6 holds 65527 octets; the rest is room for the fixed fields.
constexpr size_t MAX_FRAME_LENGTH = 66560;

enum Kind : uint8_t {
    CONFIGURE = 0x01,
    LANE = 0x02,
    COMMAND = 0x03,
    RECEIVE = 0x11,
    SEND = 0x12,
    CONFIGURED = 0x81,
    ANSWER = 0x83,
    LOG = 0x84,
    VERDICT = 0x91,
};

/// @brief Mode of the subnet that a datagram came in on (docs/protocol.md).
enum Mode : uint8_t { MODE_OFF = 0, MODE_OPTIONAL = 1, MODE_ENCRYPTED = 2, MODE_AUTHENTICATED = 3 };

/// @brief What the hook does with a packet. Of an answer of Kea's there is no REPLY.
enum Action : uint8_t {
    ACTION_DROP = 0,     ///< drop and count under the reason
    ACTION_REPLACE = 1,  ///< the octets take the place of the packet's
    ACTION_REPLY = 2,    ///< send the octets to where the datagram came from, and drop the query
};

/// @brief How the sender of a replaced query is known.
enum CredentialKind : uint8_t {
    CREDENTIAL_NONE = 0,
    CREDENTIAL_CERTIFICATE = 1,
    CREDENTIAL_PUBLIC_KEY = 2,
    CREDENTIAL_UNPROVEN = 3,  ///< a Solicit that is advertised to, and nothing more
};

/// @brief In place of a reason where there is none: an ACTION_REPLY that tells of no failure.
constexpr uint16_t NO_REASON = 0xffff;

/// @brief Who has proved a query (docs/protocol.md 8): the octets of each part.
constexpr size_t KEY_LENGTH = 32;
constexpr size_t NAMES_LENGTH = 16;
constexpr size_t DERIVED_DUID_LENGTH = 18;
constexpr size_t SENDER_LENGTH = KEY_LENGTH + NAMES_LENGTH + DERIVED_DUID_LENGTH;

/// @brief The longest host identifier. (Kea 3.0 takes 128 octets at most in a reservation.)
constexpr size_t MAX_HOST_IDENTIFIER = 255;

/// @brief Whose messages the hook is not to ask about during a pause: everybody's, those of what
/// brought it to the server, of its link, or of its source (src/engine/packet/packet-source.ts).
enum PauseScope : uint8_t { PAUSE_ALL = 0, PAUSE_ORIGIN = 1, PAUSE_LINK = 2, PAUSE_SOURCE = 3 };

constexpr size_t PAUSE_SCOPES = 4;

enum Severity : uint8_t {
    SEVERITY_DEBUG = 0,
    SEVERITY_INFO = 1,
    SEVERITY_WARN = 2,
    SEVERITY_ERROR = 3
};

enum ConfiguredStatus : uint8_t { CONFIGURED_ACCEPTED = 0, CONFIGURED_REFUSED = 1 };

// Offsets from the start of the frame.
constexpr size_t OFFSET_KIND = 0;
constexpr size_t OFFSET_VERSION = 1;
constexpr size_t OFFSET_ID = 4;

constexpr size_t LANE_WORKER = HEADER_LENGTH;
constexpr size_t LANE_LENGTH = HEADER_LENGTH + 2;

constexpr size_t CONFIGURED_STATUS = HEADER_LENGTH;
constexpr size_t CONFIGURED_TEXT = HEADER_LENGTH + 1;

constexpr size_t LOG_SEVERITY = HEADER_LENGTH;
constexpr size_t LOG_TEXT = HEADER_LENGTH + 1;

constexpr size_t RECEIVE_MODE = HEADER_LENGTH;
constexpr size_t RECEIVE_INTERFACE = HEADER_LENGTH + 4;
constexpr size_t RECEIVE_SOURCE = HEADER_LENGTH + 8;
constexpr size_t RECEIVE_OCTETS = HEADER_LENGTH + 24;

constexpr size_t VERDICT_ACTION = HEADER_LENGTH;
constexpr size_t VERDICT_CREDENTIAL = HEADER_LENGTH + 1;
constexpr size_t VERDICT_REASON = HEADER_LENGTH + 2;
constexpr size_t VERDICT_HANDLE = HEADER_LENGTH + 4;
constexpr size_t VERDICT_PAUSE_SCOPE = VERDICT_HANDLE + 3;
constexpr size_t VERDICT_PAUSE_LENGTH = VERDICT_HANDLE + 4;
constexpr size_t VERDICT_TEXT_LENGTH = HEADER_LENGTH + 12;
constexpr size_t VERDICT_HOST_IDENTIFIER_LENGTH = HEADER_LENGTH + 14;
constexpr size_t VERDICT_SENDER = HEADER_LENGTH + 16;
constexpr size_t VERDICT_TEXT = VERDICT_SENDER + SENDER_LENGTH;

constexpr size_t SEND_HANDLE = HEADER_LENGTH;
constexpr size_t SEND_OCTETS = HEADER_LENGTH + 8;

inline void
putUint16(uint8_t* at, uint16_t value) {
    at[0] = static_cast<uint8_t>(value >> 8);
    at[1] = static_cast<uint8_t>(value);
}

inline void
putUint32(uint8_t* at, uint32_t value) {
    putUint16(at, static_cast<uint16_t>(value >> 16));
    putUint16(at + 2, static_cast<uint16_t>(value));
}

inline void
putUint64(uint8_t* at, uint64_t value) {
    putUint32(at, static_cast<uint32_t>(value >> 32));
    putUint32(at + 4, static_cast<uint32_t>(value));
}

inline uint16_t
getUint16(const uint8_t* at) {
    return static_cast<uint16_t>((at[0] << 8) | at[1]);
}

inline uint32_t
getUint32(const uint8_t* at) {
    return (static_cast<uint32_t>(getUint16(at)) << 16) | getUint16(at + 2);
}

inline uint64_t
getUint64(const uint8_t* at) {
    return (static_cast<uint64_t>(getUint32(at)) << 32) | getUint32(at + 4);
}

inline void
putHeader(uint8_t* frame, Kind kind, uint32_t id) {
    frame[OFFSET_KIND] = kind;
    frame[OFFSET_VERSION] = CHANNEL_VERSION;
    putUint16(frame + 2, 0);
    putUint32(frame + OFFSET_ID, id);
}

/// @brief The shortest whole frame of each kind, header included.
struct ShortestFrame {
    Kind kind;
    size_t length;
};
inline constexpr ShortestFrame SHORTEST_FRAMES[] = {
    {CONFIGURE, HEADER_LENGTH}, {LANE, LANE_LENGTH}, {COMMAND, HEADER_LENGTH},
    {RECEIVE, RECEIVE_OCTETS},  {SEND, SEND_OCTETS}, {CONFIGURED, CONFIGURED_TEXT},
    {ANSWER, HEADER_LENGTH},    {LOG, LOG_TEXT},     {VERDICT, VERDICT_TEXT},
};

/// @brief Tells whether a descriptor comes along with a frame; with no other kind may one come.
inline bool
hasDescriptor(uint8_t kind) {
    return kind == CONFIGURE || kind == LANE;
}

/// @brief Checks what every receiver checks first: version, kind and length.
inline bool
isWellFormed(const uint8_t* frame, size_t length) {
    if (length < HEADER_LENGTH || frame[OFFSET_VERSION] != CHANNEL_VERSION) {
        return false;
    }
    for (const ShortestFrame& shortest : SHORTEST_FRAMES) {
        if (shortest.kind == frame[OFFSET_KIND]) {
            return length >= shortest.length;
        }
    }
    return false;
}

}  // namespace channel
}  // namespace kea_encryption
