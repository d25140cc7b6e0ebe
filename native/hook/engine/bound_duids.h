// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <channel/frame.h>

#include <atomic>
#include <shared_mutex>
#include <string>
#include <unordered_set>

namespace kea_encryption {

/// @brief The DUIDs that are bound to a key, as the engine tells them (docs/protocol.md 8).
///
/// An engine that starts tells them all; until it has, those of its predecessor hold. Any thread
/// may ask while one thread changes the set.
class BoundDuids {
public:
    /// @brief Tells whether a DUID is bound.
    bool contains(const Octets& duid) const;

    /// @brief Tells whether none is bound: nothing needs to be looked for then.
    bool empty() const {
        return (size_.load(std::memory_order_relaxed) == 0);
    }

    /// @brief Has the changes from here on make up a new set; forgets one not yet in force.
    void stage();

    /// @brief Puts the new set in force, where the changes go from here on.
    void commit();

    /// @brief Carries out a BOUND frame; what is no operation changes nothing.
    void change(uint8_t operation, const Octets& duid);

private:
    typedef std::unordered_set<std::string> Set;

    mutable std::shared_mutex mutex_;
    Set set_;
    Set staged_;
    bool staging_ = false;
    std::atomic<size_t> size_ = {0};
};

}  // namespace kea_encryption
