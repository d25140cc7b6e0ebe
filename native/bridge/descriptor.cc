// SPDX-License-Identifier: MPL-2.0

#include "bridge/descriptor.h"

#include "bridge/arguments.h"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace kea_encryption::bridge {

Napi::Value
closeDescriptor(const Napi::CallbackInfo& info) {
    if (::close(static_cast<int>(unsignedArgument(info[0], "fd", INT_MAX))) < 0) {
        refuseErrno(info.Env(), "fd", errno);
    }
    return info.Env().Undefined();
}

Napi::Value
lockDescriptor(const Napi::CallbackInfo& info) {
    const int fd = static_cast<int>(unsignedArgument(info[0], "fd", INT_MAX));
    const bool has_it = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (!has_it && errno != EWOULDBLOCK && errno != EINTR) {
        refuseErrno(info.Env(), "fd", errno);
    }
    return Napi::Boolean::New(info.Env(), has_it);
}

}  // namespace kea_encryption::bridge
