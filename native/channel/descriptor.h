// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <unistd.h>

#include <utility>

namespace kea_encryption {

/// @brief Owns a file descriptor, or none.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {
    }
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {
    }
    Descriptor& operator=(Descriptor&& other) noexcept {
        reset(other.release());
        return (*this);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        reset();
    }

    int get() const {
        return (fd_);
    }
    int release() {
        return (std::exchange(fd_, -1));
    }
    explicit operator bool() const {
        return (fd_ >= 0);
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

}  // namespace kea_encryption
