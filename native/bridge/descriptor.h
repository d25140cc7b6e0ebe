// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_BRIDGE_DESCRIPTOR_H
#define KEA_ENCRYPTION_BRIDGE_DESCRIPTOR_H

#include <napi.h>
#include <unistd.h>

#include <utility>

namespace kea_encryption {
namespace bridge {

/// @brief Owns a file descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {
    }
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {
    }
    Descriptor& operator=(Descriptor&& other) noexcept {
        reset(other.release());
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        reset();
    }

    int get() const {
        return fd_;
    }
    int release() {
        return std::exchange(fd_, -1);
    }
    explicit operator bool() const {
        return fd_ >= 0;
    }

    void reset(int fd = -1) {
        const int old = std::exchange(fd_, fd);
        if (old >= 0 && old != fd) {
            ::close(old);
        }
    }

private:
    int fd_;
};

/// @brief closeDescriptor(fd)
Napi::Value
closeDescriptor(const Napi::CallbackInfo& info);

/// @brief lockDescriptor(fd): whether the caller has the file or directory for itself now, see
/// flock(2).
Napi::Value
lockDescriptor(const Napi::CallbackInfo& info);

}  // namespace bridge
}  // namespace kea_encryption

#endif
