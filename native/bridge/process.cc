// SPDX-License-Identifier: MPL-2.0

#include "bridge/process.h"

#include "bridge/arguments.h"

#include <pwd.h>
#include <sys/resource.h>

#include <cerrno>
#include <string>
#include <vector>

namespace kea_encryption::bridge {

namespace {

/// Octets for the texts of an entry of the user database: far more than any has.
constexpr size_t MAX_ENTRY = 65536;

}  // namespace

Napi::Value
userId(const Napi::CallbackInfo& info) {
    const std::string name = stringArgument(info[0], "name");
    std::vector<char> texts(MAX_ENTRY);
    struct passwd entry = {};
    struct passwd* found = nullptr;
    const int error = ::getpwnam_r(name.c_str(), &entry, texts.data(), texts.size(), &found);
    if (found != nullptr) {
        return Napi::Number::New(info.Env(), entry.pw_uid);
    }
    // What getpwnam_r(3) says where there is no such user, or no database of them.
    if (error != 0 && error != ENOENT && error != ESRCH) {
        refuseErrno(info.Env(), "name: " + name, error);
    }
    return info.Env().Undefined();
}

Napi::Value
forbidCoreDumps(const Napi::CallbackInfo& info) {
    const struct rlimit none = {0, 0};
    if (::setrlimit(RLIMIT_CORE, &none) != 0) {
        refuseErrno(info.Env(), "RLIMIT_CORE", errno);
    }
    return info.Env().Undefined();
}

}  // namespace kea_encryption::bridge
