// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "channel/descriptor.h"
#include "channel/frame.h"

#include <napi.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>

namespace kea_encryption::bridge {

/// @brief Where the frames of one recvmmsg(2) land: a Buffer with a slot for each, so that
/// JavaScript gets views and no copies.
///
/// One for an environment: its channels are drained one after the other, and a frame is used up
/// before its handler returns.
class ReceiveSlab {
public:
    static constexpr size_t SLOTS = 32;
    static constexpr size_t STRIDE = channel::MAX_FRAME_LENGTH;

    explicit ReceiveSlab(Napi::Env env);

    /// @brief False once somebody has transferred the memory away.
    bool isAttached() const;

    /// @brief Takes up to SLOTS packets that are waiting.
    /// @return their number; -1 with errno if there are none
    int receive(int fd);

    const uint8_t* frame(size_t slot) const {
        return octets_ + slot * STRIDE;
    }
    size_t length(size_t slot) const {
        return messages_[slot].msg_len;
    }
    /// @brief Offset of the slot in the Buffer.
    static size_t offset(size_t slot) {
        return slot * STRIDE;
    }

    /// @brief The packet, or its descriptors, did not fit, or more than one descriptor came along.
    bool isInvalid(size_t slot) const {
        return invalid_[slot];
    }
    /// @brief The descriptor that came with the packet.
    ///
    /// What nobody takes is closed by the next receive().
    Descriptor& descriptor(size_t slot) {
        return descriptors_[slot];
    }

    Napi::Value buffer() const {
        return buffer_.Value();
    }

private:
    void prepare(size_t slot);
    void collectDescriptors(size_t slot);

    union Control {
        struct cmsghdr aligned;
        char octets[CMSG_SPACE(sizeof(int))];
    };

    Napi::Reference<Napi::ArrayBuffer> memory_;
    Napi::Reference<Napi::Buffer<uint8_t>> buffer_;
    uint8_t* octets_;
    std::array<struct mmsghdr, SLOTS> messages_ = {};
    std::array<struct iovec, SLOTS> vectors_ = {};
    std::array<Control, SLOTS> controls_ = {};
    std::array<Descriptor, SLOTS> descriptors_;
    std::array<bool, SLOTS> invalid_ = {};
    size_t used_ = SLOTS;
};

}  // namespace kea_encryption::bridge
