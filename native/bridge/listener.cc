// SPDX-License-Identifier: MPL-2.0

#include "bridge/listener.h"

#include "bridge/arguments.h"
#include "bridge/calls.h"
#include "bridge/sockets.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

namespace kea_encryption::bridge {

namespace {

constexpr mode_t SOCKET_MODE = 0660;
constexpr int BACKLOG = 64;

Descriptor
openReserve() {
    return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/// Whether nobody listens at the socket any more.
bool
isStale(const struct sockaddr_un& address) {
    struct stat status = {};
    if (::lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return false;
    }
    const Descriptor probe(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return probe &&
           ::connect(probe.get(), reinterpret_cast<const struct sockaddr*>(&address),
                     sizeof(address)) < 0 &&
           errno == ECONNREFUSED;
}

bool
bindTo(int fd, const struct sockaddr_un& address) {
    return ::bind(fd, reinterpret_cast<const struct sockaddr*>(&address), sizeof(address)) == 0;
}

/// Binds if nobody listens there.
/// @return 0, or errno
int
bindWhereFree(int fd, const struct sockaddr_un& address) {
    if (bindTo(fd, address)) {
        return 0;
    }
    if (errno != EADDRINUSE) {
        return errno;
    }
    if (!isStale(address)) {
        return EADDRINUSE;
    }
    return ::unlink(address.sun_path) == 0 && bindTo(fd, address) ? 0 : errno;
}

}  // namespace

Napi::Function
Listener::define(Napi::Env env) {
    return DefineClass(env, "Listener", {InstanceMethod<&Listener::close>("close")});
}

Listener::Listener(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Listener>(info) {
    const Napi::Env env = info.Env();
    connection_ = Napi::Persistent(functionArgument(info[1], "connection"));
    context_ = std::make_unique<Napi::AsyncContext>(env, "kea_hooks_bridge.Listener");
    reserve_ = openReserve();
    if (info[0].IsNumber()) {
        loop_ =
            LoopDescriptor::open(env, socketArgument(info[0], "fd", /* listening */ true), *this);
        Ref();
        return;
    }
    const struct sockaddr_un address = pathArgument(info[0], "path");
    const std::string what = std::string("path: ") + address.sun_path;
    Descriptor fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // The mode of the descriptor is that of the path from its first moment on, less the umask.
    if (!fd || ::fchmod(fd.get(), SOCKET_MODE) != 0) {
        refuseErrno(env, what, errno);
    }
    if (const int error = bindWhereFree(fd.get(), address)) {
        refuseErrno(env, what, error);
    }
    path_ = address.sun_path;
    if (::lstat(address.sun_path, &created_) != 0 || ::chmod(address.sun_path, SOCKET_MODE) != 0 ||
        ::listen(fd.get(), BACKLOG) != 0) {
        const int error = errno;
        removePath();
        refuseErrno(env, what, error);
    }
    loop_ = LoopDescriptor::open(env, fd.get(), *this);
    fd.release();
    Ref();
}

Listener::~Listener() {
    if (loop_ != nullptr) {
        removePath();
        loop_->detach();
    }
}

void
Listener::removePath() {
    struct stat now = {};
    if (!path_.empty() && ::lstat(path_.c_str(), &now) == 0 && now.st_ino == created_.st_ino &&
        now.st_dev == created_.st_dev) {
        ::unlink(path_.c_str());
    }
    path_.clear();
}

Napi::Value
Listener::close(const Napi::CallbackInfo& info) {
    if (loop_ != nullptr) {
        removePath();
        loop_->stop();
    }
    return info.Env().Undefined();
}

void
Listener::ready(int) {
    const Napi::HandleScope handles(Env());
    const Napi::CallbackScope callbacks(Env(), *context_);
    for (int turn = 0; turn < BACKLOG && loop_->isOpen(); ++turn) {
        Descriptor accepted(::accept4(loop_->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (accepted) {
            struct ucred peer = {};
            socklen_t length = sizeof(peer);
            if (::getsockopt(accepted.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
                continue;
            }
            const napi_value arguments[] = {Napi::Number::New(Env(), accepted.release()),
                                            Napi::Number::New(Env(), peer.uid),
                                            Napi::Number::New(Env(), peer.pid)};
            callHandler(Env(), connection_, arguments, 3);
        } else if (errno == EMFILE || errno == ENFILE) {
            reserve_.reset();
            Descriptor(::accept4(loop_->fd(), nullptr, nullptr, SOCK_CLOEXEC));
            reserve_ = openReserve();
        } else if (errno != ECONNABORTED && errno != EINTR) {
            return;
        }
    }
}

void
Listener::teardown() {
    removePath();
    connection_.Reset();
    context_.reset();
}

void
Listener::stopped(bool torn_down) {
    loop_ = nullptr;
    if (!torn_down) {
        connection_.Reset();
        context_.reset();
        Unref();
    }
}

}  // namespace kea_encryption::bridge
