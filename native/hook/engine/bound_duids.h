// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_BOUND_DUIDS_H
#define KEA_ENCRYPTION_BOUND_DUIDS_H

#include <channel/frame.h>

#include <atomic>
#include <shared_mutex>
#include <string>
#include <unordered_set>

namespace kea_encryption {

/// The DUIDs that are bound to a key (docs/protocol.md 8), as the engine last told them: a
/// cleartext message that names one is dropped without asking the engine.
///
/// A starting engine tells its whole set before it is in service. Until then the set of its
/// predecessor stays in force, so that a restart opens no gap: changes go into a copy, which
/// commit() puts in force.
class BoundDuids {
public:
    /// Whether the Client Identifier names a bound DUID.
    bool contains(const Octets& duid) const;

    /// True if no DUID is bound: nothing needs to be looked for then.
    bool empty() const {
        return (size_.load(std::memory_order_relaxed) == 0);
    }

    /// Begins a copy. An older one that was not committed is forgotten.
    void stage();
    /// Puts the copy in force.
    void commit();

    void clear();
    void add(const Octets& duid);
    void remove(const Octets& duid);

private:
    typedef std::unordered_set<std::string> Set;

    Set& target() {
        return (staging_ ? staged_ : set_);
    }

    mutable std::shared_mutex mutex_;
    Set set_;
    Set staged_;
    bool staging_ = false;
    std::atomic<size_t> size_ = {0};
};

}  // namespace kea_encryption

#endif
