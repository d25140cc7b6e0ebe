// SPDX-License-Identifier: MPL-2.0

#include "packet_socket.h"

#include "bridge/arguments.h"
#include "bridge/sockets.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace {

using kea_encryption::Descriptor;
using namespace kea_encryption::bridge;

/// socketPair(): [number, number], both ends of a connection.
Napi::Value
socketPair(const Napi::CallbackInfo& info) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        refuseErrno(info.Env(), "socketPair", errno);
    }
    Napi::Array pair = Napi::Array::New(info.Env(), 2);
    pair.Set(0u, Napi::Number::New(info.Env(), ends[0]));
    pair.Set(1u, Napi::Number::New(info.Env(), ends[1]));
    return pair;
}

/// connect(path): the descriptor of a connection to who listens there.
Napi::Value
connectTo(const Napi::CallbackInfo& info) {
    const struct sockaddr_un address = pathArgument(info[0], "path");
    Descriptor fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd || ::connect(fd.get(), reinterpret_cast<const struct sockaddr*>(&address),
                         sizeof(address)) < 0) {
        refuseErrno(info.Env(), std::string("path: ") + address.sun_path, errno);
    }
    return Napi::Number::New(info.Env(), fd.release());
}

/// The exports are typed in test/bridge/support/packets.ts.
Napi::Object
load(Napi::Env env, Napi::Object exports) {
    exports.Set("PacketSocket", PacketSocket::define(env));
    exports.Set("socketPair", Napi::Function::New<socketPair>(env, "socketPair"));
    exports.Set("connect", Napi::Function::New<connectTo>(env, "connect"));
    return exports;
}

}  // namespace

NODE_API_MODULE(kea_hooks_packets, load)
