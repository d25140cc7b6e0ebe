// SPDX-License-Identifier: MPL-2.0

#pragma once

// Messages that the engine is not asked about for a while: it has just refused others like them,
// and would refuse these. A flood then costs a look into the datagram, and no worker's time.

#include "recognise.h"

#include <channel/frame.h>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

namespace kea_encryption {

/// @brief Where a message came from: whole, or as the first octets of it for the wider scopes
/// (src/engine/packet/packet-source.ts).
class Place {
public:
    /// @param source the datagram's source address, 16 octets.
    Place(const Datagram& datagram, uint32_t interface_index, const uint8_t* source);

    /// @brief What all places within a scope have in common.
    std::string within(channel::PauseScope scope) const {
        return (text_.substr(0, ends_[scope]));
    }

private:
    std::string text_;
    std::array<size_t, channel::PAUSE_SCOPES> ends_ = {};
};

/// @brief The pauses that are in force: a bounded number, and each for a second at most. A new one
/// may take an older one's place; the engine is asked then, and says it again.
class Pauses {
public:
    /// @param reason name of the statistic that what is not asked about is counted under.
    void add(const Place& place,
             channel::PauseScope scope,
             std::chrono::milliseconds length,
             const std::string& reason);

    /// @brief Whether there is any: costs nothing where there is none.
    bool any() const {
        return (Clock::now().time_since_epoch().count() < last_.load(std::memory_order_relaxed));
    }

    /// @return the reason; empty where no pause covers the place.
    std::string covering(const Place& place) const;

private:
    typedef std::chrono::steady_clock Clock;

    struct Pause {
        std::string place;
        Clock::time_point until;
        std::string reason;
    };

    static constexpr size_t SLOTS = 1024;

    mutable std::mutex mutex_;
    /// @brief Of each scope its own: who invents sources pushes out no wider pause.
    std::array<std::array<Pause, SLOTS>, channel::PAUSE_SCOPES> pauses_;
    std::atomic<Clock::rep> last_{0};
};

}  // namespace kea_encryption
