// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "channel/descriptor.h"

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace kea_encryption::bridge {

/// @brief Frames on their way out of a SEQPACKET socket: written at once if the socket takes them,
/// else kept in order until it is writable again.
class Outgoing {
public:
    /// @brief Octets that may wait, with OVERHEAD for each frame.
    static constexpr size_t MAX_WAITING = 8u << 20;
    /// @brief The bound for frames that must not be lost; one that exceeds it ends the connection.
    static constexpr size_t MAX_WAITING_ESSENTIAL = 64u << 20;
    static constexpr size_t OVERHEAD = 64;

    enum class Result {
        DONE,      ///< written, or waiting
        DROPPED,   ///< no room to wait, or the socket takes no packet of this size
        OVERFLOW,  ///< an essential frame has no room to wait
        BROKEN,    ///< the connection is gone
    };

    /// @brief Sends the parts as one packet, with a descriptor if there is one.
    Result
    send(int socket, const struct iovec* parts, size_t count, Descriptor passed, bool essential);

    /// @brief Writes what waits until the socket takes no more.
    Result flush(int socket);

    bool isWaiting() const {
        return !waiting_.empty();
    }
    size_t waiting() const {
        return waiting_.size();
    }
    void clear();

private:
    struct Frame {
        std::vector<uint8_t> octets;
        Descriptor passed;
    };

    std::deque<Frame> waiting_;
    size_t waiting_octets_ = 0;
};

}  // namespace kea_encryption::bridge
