// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "channel/descriptor.h"

#include <napi.h>
#include <uv.h>

namespace kea_encryption::bridge {

/// @brief A descriptor polled by the event loop of one environment (the main thread's or a worker
/// thread's).
///
/// The order of destruction, the same for all that begin it: the owner's close(), a failure that
/// the owner found, or the environment that is torn down (process.exit(), worker.terminate(),
/// natural end).
///
/// 1. stop(): polling ends, uv_close() is asked for, the descriptor is closed.
///    From here on ready() is never called again.
/// 2. The loop's close callback, one turn later at the earliest.
///    The owner's stopped() is called, unless it has left by detach().
///    The cleanup hook is taken out, the memory is freed.
///
/// An environment that is torn down starts step 1 from its cleanup hook (the owner hears
/// teardown()) and waits for step 2 before it goes, so the loop is never closed over a live handle.
class LoopDescriptor {
public:
    class Owner {
    public:
        /// @brief UV_READABLE, UV_WRITABLE; 0 when polling failed.
        virtual void ready(int events) = 0;
        /// @brief The environment goes: drop everything that refers to JavaScript and call none of
        /// it any more. stop() has been called.
        virtual void teardown() = 0;
        /// @brief Step 2.
        ///
        /// @param torn_down no JavaScript may run
        virtual void stopped(bool torn_down) = 0;

    protected:
        ~Owner() = default;
    };

    /// @brief Starts polling for readability.
    ///
    /// Throws a Napi::Error and closes nothing if that fails; from then on the descriptor belongs
    /// to this object, which frees itself.
    static LoopDescriptor* open(Napi::Env env, int fd, Owner& owner);

    LoopDescriptor(const LoopDescriptor&) = delete;
    LoopDescriptor& operator=(const LoopDescriptor&) = delete;

    int fd() const {
        return fd_.get();
    }
    bool isOpen() const {
        return !stopping_;
    }

    /// @brief Polls for writability as well, or no longer.
    void wantWritable(bool wanted);

    void stop();

    /// @brief The owner goes first: it hears nothing more, and polling stops.
    void detach();

private:
    LoopDescriptor(Napi::Env env, Owner& owner) : env_(env), owner_(&owner) {
    }
    ~LoopDescriptor() = default;

    static void onPoll(uv_poll_t* handle, int status, int events);
    static void onClose(uv_handle_t* handle);
    static void onTeardown(napi_async_cleanup_hook_handle hook, void* data);

    Napi::Env env_;
    Owner* owner_;
    Descriptor fd_;
    uv_poll_t poll_ = {};
    napi_async_cleanup_hook_handle hook_ = nullptr;
    bool want_writable_ = false;
    bool stopping_ = false;
    bool torn_down_ = false;
};

}  // namespace kea_encryption::bridge
