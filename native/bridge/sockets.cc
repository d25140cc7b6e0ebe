// SPDX-License-Identifier: MPL-2.0

#include "bridge/sockets.h"

#include "bridge/arguments.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace kea_encryption::bridge {

namespace {

int
option(int fd, int name) {
    int value = -1;
    socklen_t length = sizeof(value);
    return ::getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

}  // namespace

int
socketArgument(const Napi::Value& value, const char* name, bool listening) {
    const int fd = static_cast<int>(unsignedArgument(value, name, INT_MAX));
    if (option(fd, SO_DOMAIN) != AF_UNIX || option(fd, SO_TYPE) != SOCK_SEQPACKET) {
        refuse(value.Env(), name, "must be a Unix SEQPACKET socket");
    }
    if ((option(fd, SO_ACCEPTCONN) == 1) != listening) {
        refuse(value.Env(), name,
               listening ? "must be a listening socket" : "must not be a listening socket");
    }
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

struct sockaddr_un
pathArgument(const Napi::Value& value, const char* name) {
    const std::string path = stringArgument(value, name);
    struct sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path) ||
        path.find('\0') != std::string::npos) {
        refuse(value.Env(), name,
               "must be a path of 1 to " + std::to_string(sizeof(address.sun_path) - 1) +
                   " octets, not '" + path + "'");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

}  // namespace kea_encryption::bridge
