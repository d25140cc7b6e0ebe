// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/loop_descriptor.h"
#include "bridge/outgoing.h"
#include "bridge/receive_slab.h"

#include <napi.h>

#include <memory>

namespace kea_encryption::bridge {

/// A SEQPACKET socket, for the tests' end of the channel: packets of any octets, with or without a
/// descriptor. Destruction: loop_descriptor.h.
class PacketSocket final : public Napi::ObjectWrap<PacketSocket>, private LoopDescriptor::Owner {
public:
    static Napi::Function define(Napi::Env env);

    /// new PacketSocket(fd, packet, closed): the connected socket is its own from then on.
    /// packet(octets, descriptor): a copy, and the descriptor that came along, or -1.
    /// closed(reason): "ended", "failed" or "malformed"; not after close().
    explicit PacketSocket(const Napi::CallbackInfo& info);
    ~PacketSocket() override;

private:
    /// send(octets, descriptor?): whether it was sent, or will be. The descriptor is taken over.
    Napi::Value send(const Napi::CallbackInfo& info);
    Napi::Value close(const Napi::CallbackInfo& info);

    void ready(int events) override;
    void teardown() override;
    void stopped(bool torn_down) override;

    void drain();
    void fail(const char* reason);
    void release();

    bool isOpen() const {
        return loop_ != nullptr && loop_->isOpen();
    }

    LoopDescriptor* loop_ = nullptr;
    Outgoing outgoing_;
    ReceiveSlab slab_;
    Napi::FunctionReference packet_;
    Napi::FunctionReference closed_;
    std::unique_ptr<Napi::AsyncContext> context_;
    const char* reason_ = nullptr;
};

}  // namespace kea_encryption::bridge
