// SPDX-License-Identifier: MPL-2.0

#pragma once

/// @file receive_frame.h
///
/// The engine's end of the channel, for the tests.

#include <channel/frame.h>

#include <sys/socket.h>

#include <cstring>
#include <vector>

namespace kea_encryption {

/// Reads one frame. Returns false at the end of the connection. A descriptor that came with it is
/// in `passed`, which is -1 where none did.
inline bool
receiveFrame(int fd, std::vector<uint8_t>& frame, int& passed) {
    frame.resize(channel::MAX_FRAME_LENGTH);
    struct iovec part = {frame.data(), frame.size()};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {};
    struct msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.space;
    message.msg_controllen = sizeof(control.space);
    const ssize_t length = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    frame.resize(length > 0 ? static_cast<size_t>(length) : 0);
    passed = -1;
    const struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
    if (length > 0 && rights && rights->cmsg_type == SCM_RIGHTS) {
        std::memcpy(&passed, CMSG_DATA(rights), sizeof(int));
    }
    return (length > 0);
}

}  // namespace kea_encryption
