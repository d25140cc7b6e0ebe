// SPDX-License-Identifier: MPL-2.0

#include "bridge/outgoing.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace kea_encryption::bridge {

namespace {

/// @return 0, or errno
int
transmit(int socket, const struct iovec* parts, size_t count, const Descriptor& passed) {
    union {
        struct cmsghdr aligned;
        char octets[CMSG_SPACE(sizeof(int))];
    } control = {};
    struct msghdr message = {};
    message.msg_iov = const_cast<struct iovec*>(parts);
    message.msg_iovlen = count;
    if (passed) {
        message.msg_control = control.octets;
        message.msg_controllen = sizeof(control.octets);
        struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        const int fd = passed.get();
        std::memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
    }
    for (;;) {
        if (::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
            return 0;
        }
        if (errno != EINTR) {
            return errno;
        }
    }
}

bool
mayPass(int error) {
    return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Outgoing::Result
Outgoing::send(
    int socket, const struct iovec* parts, size_t count, Descriptor passed, bool essential) {
    if (waiting_.empty()) {
        const int error = transmit(socket, parts, count, passed);
        if (error == 0) {
            return Result::DONE;
        }
        if (!mayPass(error)) {
            return error == EMSGSIZE ? Result::DROPPED : Result::BROKEN;
        }
    }
    size_t length = 0;
    for (size_t i = 0; i < count; ++i) {
        length += parts[i].iov_len;
    }
    const size_t bound = essential ? MAX_WAITING_ESSENTIAL : MAX_WAITING;
    if (waiting_octets_ + length + OVERHEAD > bound) {
        return essential ? Result::OVERFLOW : Result::DROPPED;
    }
    Frame frame;
    frame.octets.reserve(length);
    for (size_t i = 0; i < count; ++i) {
        const auto* from = static_cast<const uint8_t*>(parts[i].iov_base);
        frame.octets.insert(frame.octets.end(), from, from + parts[i].iov_len);
    }
    frame.passed = std::move(passed);
    waiting_.push_back(std::move(frame));
    waiting_octets_ += length + OVERHEAD;
    return Result::DONE;
}

Outgoing::Result
Outgoing::flush(int socket) {
    while (!waiting_.empty()) {
        Frame& frame = waiting_.front();
        const struct iovec part = {frame.octets.data(), frame.octets.size()};
        const int error = transmit(socket, &part, 1, frame.passed);
        if (mayPass(error)) {
            return Result::DONE;
        }
        if (error != 0 && error != EMSGSIZE) {
            return Result::BROKEN;
        }
        waiting_octets_ -= frame.octets.size() + OVERHEAD;
        waiting_.pop_front();
    }
    return Result::DONE;
}

void
Outgoing::clear() {
    waiting_.clear();
    waiting_octets_ = 0;
}

}  // namespace kea_encryption::bridge
