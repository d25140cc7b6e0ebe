// SPDX-License-Identifier: MPL-2.0

#include "bound_duids.h"

#include <mutex>

namespace kea_encryption {

namespace {

std::string
toKey(const Octets& duid) {
    return (std::string(reinterpret_cast<const char*>(duid.data), duid.length));
}

}  // namespace

bool
BoundDuids::contains(const Octets& duid) const {
    const std::shared_lock<std::shared_mutex> lock(mutex_);
    return (set_.count(toKey(duid)) != 0);
}

void
BoundDuids::stage() {
    staged_.clear();
    staging_ = true;
}

void
BoundDuids::commit() {
    {
        const std::unique_lock<std::shared_mutex> lock(mutex_);
        set_.swap(staged_);
        size_ = set_.size();
    }
    staged_.clear();
    staging_ = false;
}

void
BoundDuids::change(uint8_t operation, const Octets& duid) {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    Set& set = staging_ ? staged_ : set_;
    if (operation == channel::BOUND_CLEAR) {
        set.clear();
    } else if (operation == channel::BOUND_ADD) {
        set.insert(toKey(duid));
    } else if (operation == channel::BOUND_REMOVE) {
        set.erase(toKey(duid));
    }
    size_ = set_.size();
}

}  // namespace kea_encryption
