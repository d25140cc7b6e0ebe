// SPDX-License-Identifier: MPL-2.0

#include "bridge/receive_slab.h"

#include <cerrno>
#include <cstring>

namespace kea_encryption::bridge {

ReceiveSlab::ReceiveSlab(Napi::Env env) {
    // An ArrayBuffer of V8's own: a view that somebody keeps too long shows wrong octets, never
    // freed memory. It comes from calloc(3), so that only pages that a frame has touched take
    // memory.
    Napi::ArrayBuffer memory = Napi::ArrayBuffer::New(env, SLOTS * STRIDE);
    octets_ = static_cast<uint8_t*>(memory.Data());
    memory_ = Napi::Reference<Napi::ArrayBuffer>::New(memory, 1);
    const Napi::Object global = env.Global();
    const Napi::Function from =
        global.Get("Buffer").As<Napi::Object>().Get("from").As<Napi::Function>();
    const napi_value buffer = from.Call(global.Get("Buffer"), {memory});
    buffer_ = Napi::Reference<Napi::Buffer<uint8_t>>::New(Napi::Buffer<uint8_t>(env, buffer), 1);
}

bool
ReceiveSlab::isAttached() const {
    return !memory_.Value().IsDetached();
}

void
ReceiveSlab::prepare(size_t slot) {
    vectors_[slot] = {octets_ + slot * STRIDE, STRIDE};
    struct msghdr& header = messages_[slot].msg_hdr;
    header.msg_iov = &vectors_[slot];
    header.msg_iovlen = 1;
    header.msg_control = controls_[slot].octets;
    header.msg_controllen = sizeof(controls_[slot].octets);
    header.msg_flags = 0;
    descriptors_[slot].reset();
    invalid_[slot] = false;
}

void
ReceiveSlab::collectDescriptors(size_t slot) {
    struct msghdr& header = messages_[slot].msg_hdr;
    invalid_[slot] = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    for (struct cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            invalid_[slot] = invalid_[slot] || descriptors_[slot];
            descriptors_[slot].reset(fd);
        }
    }
}

int
ReceiveSlab::receive(int fd) {
    for (size_t slot = 0; slot < used_; ++slot) {
        prepare(slot);
    }
    used_ = 0;
    int count;
    do {
        count = ::recvmmsg(fd, messages_.data(), SLOTS, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, nullptr);
    } while (count < 0 && errno == EINTR);
    if (count > 0) {
        used_ = static_cast<size_t>(count);
        for (size_t slot = 0; slot < used_; ++slot) {
            collectDescriptors(slot);
        }
    }
    return count;
}

}  // namespace kea_encryption::bridge
