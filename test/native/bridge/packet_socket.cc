// SPDX-License-Identifier: MPL-2.0

#include "packet_socket.h"

#include "bridge/arguments.h"
#include "bridge/calls.h"
#include "bridge/sockets.h"

#include <cerrno>
#include <climits>

namespace kea_encryption::bridge {

Napi::Function
PacketSocket::define(Napi::Env env) {
    return DefineClass(env, "PacketSocket",
                       {
                           InstanceMethod<&PacketSocket::send>("send"),
                           InstanceMethod<&PacketSocket::close>("close"),
                       });
}

PacketSocket::PacketSocket(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<PacketSocket>(info), slab_(info.Env()) {
    const Napi::Env env = info.Env();
    const int fd = socketArgument(info[0], "fd", /* listening */ false);
    packet_ = Napi::Persistent(functionArgument(info[1], "packet"));
    closed_ = Napi::Persistent(functionArgument(info[2], "closed"));
    context_ = std::make_unique<Napi::AsyncContext>(env, "kea_hooks_packets.PacketSocket");
    loop_ = LoopDescriptor::open(env, fd, *this);
    Ref();
}

PacketSocket::~PacketSocket() {
    if (loop_ != nullptr) {
        loop_->detach();
    }
}

Napi::Value
PacketSocket::send(const Napi::CallbackInfo& info) {
    const Octets octets = octetsArgument(info[0], "octets");
    Descriptor passed;
    if (isGiven(info[1])) {
        passed.reset(static_cast<int>(unsignedArgument(info[1], "descriptor", INT_MAX)));
    }
    const struct iovec part = {const_cast<uint8_t*>(octets.data), octets.length};
    bool is_sent = false;
    if (isOpen()) {
        is_sent = outgoing_.send(loop_->fd(), &part, 1, std::move(passed), true) ==
                  Outgoing::Result::DONE;
        loop_->wantWritable(outgoing_.isWaiting());
    }
    return Napi::Boolean::New(info.Env(), is_sent);
}

Napi::Value
PacketSocket::close(const Napi::CallbackInfo& info) {
    if (loop_ != nullptr) {
        closed_.Reset();
        outgoing_.clear();
        loop_->stop();
    }
    return info.Env().Undefined();
}

void
PacketSocket::ready(int events) {
    if (events == 0) {
        fail("failed");
        return;
    }
    if ((events & UV_WRITABLE) != 0) {
        if (outgoing_.flush(loop_->fd()) == Outgoing::Result::BROKEN) {
            fail("failed");
            return;
        }
        loop_->wantWritable(outgoing_.isWaiting());
    }
    if ((events & UV_READABLE) != 0) {
        drain();
    }
}

void
PacketSocket::drain() {
    const Napi::Env env = Env();
    const Napi::HandleScope handles(env);
    const Napi::CallbackScope callbacks(env, *context_);
    const int count = slab_.receive(loop_->fd());
    if (count < 0 && errno != EAGAIN) {
        fail("failed");
    }
    for (int slot = 0; slot < count && isOpen(); ++slot) {
        if (slab_.length(slot) == 0) {
            fail("ended");
        } else if (slab_.isInvalid(slot)) {
            fail("malformed");
        } else {
            // An environment that is being terminated makes no values any more.
            napi_value arguments[2];
            if (napi_create_buffer_copy(env, slab_.length(slot), slab_.frame(slot), nullptr,
                                        &arguments[0]) != napi_ok ||
                napi_create_int32(env, slab_.descriptor(slot).get(), &arguments[1]) != napi_ok) {
                return;
            }
            slab_.descriptor(slot).release();
            callHandler(env, packet_, arguments, std::size(arguments));
        }
    }
}

void
PacketSocket::fail(const char* reason) {
    if (isOpen()) {
        reason_ = reason;
        outgoing_.clear();
        loop_->stop();
    }
}

void
PacketSocket::release() {
    packet_.Reset();
    closed_.Reset();
    context_.reset();
}

void
PacketSocket::teardown() {
    outgoing_.clear();
    release();
}

void
PacketSocket::stopped(bool torn_down) {
    loop_ = nullptr;
    if (torn_down) {
        return;
    }
    if (reason_ != nullptr && !closed_.IsEmpty()) {
        const Napi::HandleScope handles(Env());
        const Napi::CallbackScope callbacks(Env(), *context_);
        napi_value reason = nullptr;
        if (napi_create_string_latin1(Env(), reason_, NAPI_AUTO_LENGTH, &reason) == napi_ok) {
            callHandler(Env(), closed_, &reason, 1);
        }
    }
    release();
    Unref();
}

}  // namespace kea_encryption::bridge
