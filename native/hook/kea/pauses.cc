// SPDX-License-Identifier: MPL-2.0

#include "pauses.h"

#include <algorithm>
#include <functional>

namespace kea_encryption {

namespace {

constexpr std::chrono::milliseconds MAX_PAUSE(1000);

/// @brief A longer Interface-Id stands here by its hash.
constexpr size_t MAX_INTERFACE_ID = 64;

std::string
textOf(const uint8_t* octets, size_t length) {
    return (std::string(reinterpret_cast<const char*>(octets), length));
}

size_t
hashOf(const std::string& text) {
    return (std::hash<std::string>()(text));
}

}  // namespace

Place::Place(const Datagram& datagram, uint32_t interface_index, const uint8_t* source) {
    const uint8_t* const peer = datagram.peer_address;
    const uint8_t* const link = peer ? peer - ADDRESS_LENGTH : nullptr;
    // A client that wraps its message itself is on the link that it came over.
    const bool is_on_link =
        !peer || (datagram.relay_levels == 1 && !datagram.interface_id.data &&
                  std::all_of(link, link + ADDRESS_LENGTH, [](uint8_t x) { return (x == 0); }));
    if (is_on_link) {
        uint8_t index[4];
        channel::putUint32(index, interface_index);
        text_ = "i" + textOf(index, sizeof(index));
    } else {
        text_ = "r" + textOf(source, ADDRESS_LENGTH / 2);
    }
    ends_[channel::PAUSE_ORIGIN] = text_.size();
    if (!is_on_link) {
        const Octets& id = datagram.interface_id;
        const std::string name = id.data ? textOf(id.data, id.length) : "";
        text_ += textOf(link, ADDRESS_LENGTH) +
                 (name.size() > MAX_INTERFACE_ID ? std::to_string(hashOf(name)) : name);
    }
    ends_[channel::PAUSE_LINK] = text_.size();
    text_ += textOf(peer ? peer : source, ADDRESS_LENGTH) + textOf(source, ADDRESS_LENGTH);
    ends_[channel::PAUSE_SOURCE] = text_.size();
}

void
Pauses::add(const Place& place,
            channel::PauseScope scope,
            std::chrono::milliseconds length,
            const std::string& reason) {
    const Clock::time_point until = Clock::now() + std::min(length, MAX_PAUSE);
    const std::string name = place.within(scope);
    const std::lock_guard<std::mutex> lock(mutex_);
    pauses_[scope][hashOf(name) % SLOTS] = {name, until, reason};
    last_ = std::max(last_.load(), until.time_since_epoch().count());
}

std::string
Pauses::covering(const Place& place) const {
    const Clock::time_point now = Clock::now();
    for (size_t scope = 0; scope < channel::PAUSE_SCOPES; ++scope) {
        const std::string name = place.within(static_cast<channel::PauseScope>(scope));
        const std::lock_guard<std::mutex> lock(mutex_);
        const Pause& pause = pauses_[scope][hashOf(name) % SLOTS];
        if (now < pause.until && pause.place == name) {
            return (pause.reason);
        }
    }
    return ("");
}

}  // namespace kea_encryption
