// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

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
    const std::string key = toKey(duid);
    const std::shared_lock<std::shared_mutex> lock(mutex_);
    return (set_.count(key) != 0);
}

void
BoundDuids::stage() {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    staged_.clear();
    staging_ = true;
}

void
BoundDuids::commit() {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    if (staging_) {
        set_.swap(staged_);
        staged_.clear();
        staging_ = false;
        size_ = set_.size();
    }
}

void
BoundDuids::clear() {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    target().clear();
    size_ = set_.size();
}

void
BoundDuids::add(const Octets& duid) {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    target().insert(toKey(duid));
    size_ = set_.size();
}

void
BoundDuids::remove(const Octets& duid) {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    target().erase(toKey(duid));
    size_ = set_.size();
}

}  // namespace kea_encryption
