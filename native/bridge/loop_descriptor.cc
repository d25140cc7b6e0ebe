// SPDX-License-Identifier: MPL-2.0

#include "bridge/loop_descriptor.h"

#include "bridge/arguments.h"

namespace kea_encryption::bridge {

LoopDescriptor*
LoopDescriptor::open(Napi::Env env, int fd, Owner& owner) {
    uv_loop_s* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
        throw Napi::Error::New(env, "the environment has no event loop");
    }
    auto* self = new LoopDescriptor(env, owner);
    const int status = uv_poll_init(loop, &self->poll_, fd);
    if (status != 0) {
        delete self;
        refuseErrno(env, "fd", -status);
    }
    self->poll_.data = self;
    if (napi_add_async_cleanup_hook(env, onTeardown, self, &self->hook_) != napi_ok) {
        self->detach();
        throw Napi::Error::New(env, "the environment is going away");
    }
    uv_poll_start(&self->poll_, UV_READABLE, onPoll);
    self->fd_.reset(fd);
    return self;
}

void
LoopDescriptor::wantWritable(bool wanted) {
    if (stopping_ || wanted == want_writable_) {
        return;
    }
    want_writable_ = wanted;
    uv_poll_start(&poll_, UV_READABLE | (wanted ? UV_WRITABLE : 0), onPoll);
}

void
LoopDescriptor::stop() {
    if (stopping_) {
        return;
    }
    stopping_ = true;
    uv_poll_stop(&poll_);
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_), onClose);
    fd_.reset();
}

void
LoopDescriptor::detach() {
    owner_ = nullptr;
    stop();
}

void
LoopDescriptor::onPoll(uv_poll_t* handle, int status, int events) {
    auto* self = static_cast<LoopDescriptor*>(handle->data);
    if (self->owner_ != nullptr && !self->stopping_) {
        self->owner_->ready(status < 0 ? 0 : events);
    }
}

void
LoopDescriptor::onClose(uv_handle_t* handle) {
    auto* self = static_cast<LoopDescriptor*>(handle->data);
    if (self->owner_ != nullptr) {
        self->owner_->stopped(self->torn_down_);
    }
    if (self->hook_ != nullptr) {
        napi_remove_async_cleanup_hook(self->hook_);
    }
    delete self;
}

void
LoopDescriptor::onTeardown(napi_async_cleanup_hook_handle, void* data) {
    auto* self = static_cast<LoopDescriptor*>(data);
    self->torn_down_ = true;
    self->stop();
    if (self->owner_ != nullptr) {
        self->owner_->teardown();
    }
}

}  // namespace kea_encryption::bridge
