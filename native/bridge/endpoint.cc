// SPDX-License-Identifier: MPL-2.0

#include "bridge/endpoint.h"

#include "bridge/arguments.h"
#include "bridge/calls.h"
#include "bridge/environment.h"
#include "bridge/sockets.h"
#include "channel/frame.h"

#include <cerrno>

namespace kea_encryption::bridge {

namespace {

/// A busy peer may keep one wake-up going for so many recvmmsg(2) calls, then the loop's other
/// handles have their turn.
constexpr int MAX_ROUNDS = 32;

/// Integers that JavaScript's numbers hold exactly.
constexpr uint64_t MAX_SAFE_INTEGER = (uint64_t{1} << 53) - 1;

struct HandlerName {
    channel::Kind kind;
    const char* name;
};

constexpr HandlerName HANDLERS[] = {
    {channel::CONFIGURE, "configure"}, {channel::LANE, "lane"}, {channel::COMMAND, "command"},
    {channel::RECEIVE, "receive"},     {channel::SEND, "send"},
};

size_t
indexOf(uint8_t kind) {
    size_t index = 0;
    while (index < std::size(HANDLERS) && HANDLERS[index].kind != kind) {
        ++index;
    }
    return index;
}

/// Arguments of one handler.
class Arguments {
public:
    explicit Arguments(napi_env env) : env_(env) {
    }

    void add(double number) {
        napi_create_double(env_, number, &values_[count_]);
        ++count_;
    }
    void add(uint32_t number) {
        napi_create_uint32(env_, number, &values_[count_]);
        ++count_;
    }

    const napi_value* values() const {
        return values_;
    }
    size_t count() const {
        return count_;
    }

private:
    napi_env env_;
    napi_value values_[6] = {};
    size_t count_ = 0;
};

/// Reads the fields of a well-formed frame that starts at `base` in the slab. Octets are given as
/// the offsets of their begin and end there.
/// @return false for a value that the layout does not define
bool
readFields(const uint8_t* frame, size_t length, size_t base, int passed, Arguments& out) {
    using namespace channel;
    const auto at = [base](size_t offset) { return static_cast<uint32_t>(base + offset); };
    const uint32_t end = at(length);
    const uint32_t id = getUint32(frame + OFFSET_ID);
    switch (frame[OFFSET_KIND]) {
    case CONFIGURE:
        out.add(id);
        out.add(static_cast<uint32_t>(passed));
        return true;
    case COMMAND:
        out.add(id);
        out.add(at(HEADER_LENGTH));
        out.add(end);
        return true;
    case LANE:
        out.add(id);
        out.add(uint32_t{getUint16(frame + LANE_WORKER)});
        out.add(static_cast<uint32_t>(passed));
        return true;
    case RECEIVE:
        out.add(id);
        out.add(uint32_t{frame[RECEIVE_MODE]});
        out.add(getUint32(frame + RECEIVE_INTERFACE));
        out.add(at(RECEIVE_SOURCE));
        out.add(at(RECEIVE_OCTETS));
        out.add(end);
        return frame[RECEIVE_MODE] <= MODE_AUTHENTICATED;
    case SEND: {
        const uint64_t handle = getUint64(frame + SEND_HANDLE);
        out.add(id);
        out.add(static_cast<double>(handle));
        out.add(at(SEND_OCTETS));
        out.add(end);
        return handle <= MAX_SAFE_INTEGER;
    }
    default:
        return false;
    }
}

}  // namespace

Napi::Function
Endpoint::define(Napi::Env env) {
    return DefineClass(env, "Endpoint",
                       {
                           InstanceMethod<&Endpoint::sendConfigured>("configured"),
                           InstanceMethod<&Endpoint::sendAnswer>("answer"),
                           InstanceMethod<&Endpoint::sendLog>("log"),
                           InstanceMethod<&Endpoint::sendVerdict>("verdict"),
                           InstanceMethod<&Endpoint::close>("close"),
                           InstanceAccessor<&Endpoint::dropped>("dropped"),
                           InstanceAccessor<&Endpoint::waiting>("waiting"),
                       });
}

Endpoint::Endpoint(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Endpoint>(info) {
    static_assert(std::size(HANDLERS) == KINDS, "one handler a kind");
    const Napi::Env env = info.Env();
    const int fd = socketArgument(info[0], "fd", /* listening */ false);
    const Napi::Object handlers = objectArgument(info[1], "handlers");
    for (size_t i = 0; i < KINDS; ++i) {
        const Napi::Value handler = handlers.Get(HANDLERS[i].name);
        if (isGiven(handler)) {
            handlers_[i] = Napi::Persistent(functionArgument(handler, HANDLERS[i].name));
        }
    }
    closed_ = Napi::Persistent(functionArgument(handlers.Get("closed"), "closed"));
    Environment::of(env).slab(env);
    context_ = std::make_unique<Napi::AsyncContext>(env, "kea_hooks_bridge.Endpoint");
    loop_ = LoopDescriptor::open(env, fd, *this);
    Ref();
}

Endpoint::~Endpoint() {
    if (loop_ != nullptr) {
        loop_->detach();
    }
}

bool
Endpoint::send(const struct iovec* parts, size_t count, bool essential, Descriptor passed) {
    if (!isOpen()) {
        return false;
    }
    switch (outgoing_.send(loop_->fd(), parts, count, std::move(passed), essential)) {
    case Outgoing::Result::DONE:
        loop_->wantWritable(outgoing_.isWaiting());
        return true;
    case Outgoing::Result::DROPPED:
        ++dropped_;
        return false;
    case Outgoing::Result::OVERFLOW:
        fail("overflow");
        return false;
    case Outgoing::Result::BROKEN:
        fail("failed");
        return false;
    }
    return false;
}

Napi::Value
Endpoint::close(const Napi::CallbackInfo& info) {
    if (loop_ != nullptr) {
        closed_.Reset();
        outgoing_.clear();
        loop_->stop();
    }
    return info.Env().Undefined();
}

Napi::Value
Endpoint::dropped(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), dropped_);
}

Napi::Value
Endpoint::waiting(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(outgoing_.waiting()));
}

void
Endpoint::ready(int events) {
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
Endpoint::drain() {
    const Napi::Env env = Env();
    const Napi::HandleScope handles(env);
    const Napi::CallbackScope callbacks(env, *context_);
    ReceiveSlab& slab = Environment::of(env).slab(env);
    for (int round = 0; round < MAX_ROUNDS && isOpen(); ++round) {
        if (!slab.isAttached()) {
            fail("failed");
            return;
        }
        const int count = slab.receive(loop_->fd());
        if (count < 0) {
            if (errno != EAGAIN) {
                fail("failed");
            }
            return;
        }
        for (size_t slot = 0; slot < static_cast<size_t>(count); ++slot) {
            deliver(slab, slot);
        }
        if (static_cast<size_t>(count) < ReceiveSlab::SLOTS) {
            return;
        }
    }
}

void
Endpoint::deliver(ReceiveSlab& slab, size_t slot) {
    // Closed here unless a handler takes it over.
    Descriptor passed = std::move(slab.descriptor(slot));
    if (!isOpen()) {
        return;
    }
    if (!slab.isAttached()) {
        fail("failed");
        return;
    }
    const uint8_t* frame = slab.frame(slot);
    const size_t length = slab.length(slot);
    if (length == 0) {
        fail("ended");
        return;
    }
    if (slab.isInvalid(slot) || !channel::isWellFormed(frame, length) ||
        static_cast<bool>(passed) != channel::hasDescriptor(frame[channel::OFFSET_KIND])) {
        fail("malformed");
        return;
    }
    const size_t index = indexOf(frame[channel::OFFSET_KIND]);
    if (index == KINDS || handlers_[index].IsEmpty()) {
        fail("unexpected");
        return;
    }
    const Napi::FunctionReference& handler = handlers_[index];
    const Napi::HandleScope handles(Env());
    Arguments arguments(Env());
    if (!readFields(frame, length, ReceiveSlab::offset(slot), passed.get(), arguments)) {
        fail("malformed");
        return;
    }
    passed.release();
    callHandler(Env(), handler, arguments.values(), arguments.count());
}

void
Endpoint::fail(const char* reason) {
    if (isOpen()) {
        reason_ = reason;
        outgoing_.clear();
        loop_->stop();
    }
}

void
Endpoint::release() {
    for (Napi::FunctionReference& handler : handlers_) {
        handler.Reset();
    }
    closed_.Reset();
    context_.reset();
}

void
Endpoint::teardown() {
    outgoing_.clear();
    release();
}

void
Endpoint::stopped(bool torn_down) {
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
