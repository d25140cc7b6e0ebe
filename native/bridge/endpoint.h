// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/loop_descriptor.h"
#include "bridge/outgoing.h"
#include "bridge/receive_slab.h"

#include <napi.h>

#include <array>
#include <cstdint>
#include <memory>

namespace kea_encryption::bridge {

/// @brief The engine's end of a control connection or lane (native/channel/frame.h), for
/// JavaScript.
///
/// The handlers that it is given decide which kinds of frame it accepts. Whatever is malformed, of
/// an unexpected kind, or brings an unexpected descriptor closes it.
///
/// Handlers run in the loop's poll callback, one call a frame, microtasks after the last one. An
/// exception that leaves a handler becomes an uncaught exception; the frames behind it are still
/// delivered. While the connection is open the object keeps itself alive, and the loop too.
///
/// Destruction: loop_descriptor.h. With step 1 frames that are received already, or wait to be
/// written, are dropped, and their descriptors closed; with step 2 the `closed` handler runs, if
/// the end was not JavaScript's own close(), and the references to the handlers go.
class Endpoint final : public Napi::ObjectWrap<Endpoint>, private LoopDescriptor::Owner {
public:
    static Napi::Function define(Napi::Env env);

    /// @brief new Endpoint(fd, handlers): the connected SEQPACKET socket is its own from then on.
    explicit Endpoint(const Napi::CallbackInfo& info);
    ~Endpoint() override;

private:
    static constexpr size_t KINDS = 5;

    // frame_sender.cc: each returns whether the frame was sent, or will be.
    Napi::Value sendConfigured(const Napi::CallbackInfo& info);
    Napi::Value sendAnswer(const Napi::CallbackInfo& info);
    Napi::Value sendLog(const Napi::CallbackInfo& info);
    Napi::Value sendVerdict(const Napi::CallbackInfo& info);

    Napi::Value close(const Napi::CallbackInfo& info);
    Napi::Value dropped(const Napi::CallbackInfo& info);
    Napi::Value waiting(const Napi::CallbackInfo& info);

    bool
    send(const struct iovec* parts, size_t count, bool essential, Descriptor passed = Descriptor());

    void ready(int events) override;
    void teardown() override;
    void stopped(bool torn_down) override;

    /// @brief Delivers all packets that are waiting.
    void drain();
    void deliver(ReceiveSlab& slab, size_t slot);
    /// @brief Begins the end; the `closed` handler is told the reason.
    void fail(const char* reason);
    void release();

    bool isOpen() const {
        return loop_ != nullptr && loop_->isOpen();
    }

    LoopDescriptor* loop_ = nullptr;
    Outgoing outgoing_;
    std::array<Napi::FunctionReference, KINDS> handlers_;
    Napi::FunctionReference closed_;
    std::unique_ptr<Napi::AsyncContext> context_;
    const char* reason_ = nullptr;
    double dropped_ = 0;
};

}  // namespace kea_encryption::bridge
