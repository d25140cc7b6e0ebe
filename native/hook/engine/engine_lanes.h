// SPDX-License-Identifier: MPL-2.0

#pragma once

// The workers of one engine, from its CONFIGURED to its end, as the packet threads ask them.

#include <channel/descriptor.h>
#include <channel/frame.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace kea_encryption {

/// @brief How a question to the engine ended.
enum class Exchange {
    ANSWERED,   ///< the engine's answer is there
    TIMED_OUT,  ///< no answer within the time allowed, or none expected before a late one arrived
    DOWN,       ///< no engine, or it went away meanwhile, or it broke the channel's rules
};

/// @brief Sends a frame in two parts, without waiting, and a descriptor with it unless that is -1.
/// @return false, with errno, if it is not sent.
bool
sendFrame(int socket, const Octets& head, const Octets& tail, int descriptor = -1);

/// @brief Waits until a descriptor is ready or the deadline has passed.
/// @return whether it is ready.
bool
waitReady(int fd, short events, std::chrono::steady_clock::time_point deadline);

/// @brief The lanes to the workers of one engine. Any number of threads may ask at once.
class EngineLanes {
public:
    typedef std::chrono::steady_clock Clock;

    /// @param control the control connection, by which lanes are handed over; whoever else has it
    /// reads from it.
    /// @param workers number of the engine's workers, at least 1.
    /// @param timeout longest wait for an answer.
    /// @param timed_out is called, from packet threads, when a worker is not waited for any more.
    EngineLanes(std::shared_ptr<const Descriptor> control,
                uint16_t workers,
                std::chrono::milliseconds timeout,
                std::function<void()> timed_out);

    uint16_t workers() const {
        return (static_cast<uint16_t>(workers_.size()));
    }

    /// @brief Has nobody ask from here on.
    void end() {
        ended_ = true;
    }

    /// @brief Sends a frame to a worker and waits for the answer of the same id.
    ///
    /// @param number which worker, below workers().
    /// @param head the frame from its header to where `tail` begins; the id is put in here.
    /// @param tail the rest of the frame.
    /// @param [out] answer the whole VERDICT.
    Exchange ask(uint16_t number,
                 std::vector<uint8_t> head,
                 const Octets& tail,
                 std::vector<uint8_t>& answer);

private:
    /// @brief One socket to one worker. A packet thread has it to itself while it asks and waits,
    /// so there are never more lanes to a worker than packet threads.
    struct Lane {
        Descriptor socket;
        uint32_t last_id = 0;
        bool overdue = false;  ///< an answer that nobody waits for any more may still come
        std::vector<uint8_t> buffer;
    };
    typedef std::unique_ptr<Lane> LanePtr;

    /// @brief One worker: its lanes that no thread uses now, and whether it can be waited for.
    ///
    /// After a wait that ended without an answer the worker is *suspended*: packet threads no
    /// longer wait for it, until it has answered something. Else a stopped engine would cost Kea
    /// one whole timeout per encrypted packet. While suspended, a packet now and then is sent as a
    /// probe without waiting.
    struct Worker {
        std::mutex mutex;
        std::vector<LanePtr> idle;
        bool suspended = false;
        Clock::time_point next_probe;
    };

    LanePtr take(Worker& worker) const;
    LanePtr open(uint16_t number) const;
    std::optional<Clock::time_point> deadline(Worker& worker) const;
    void note(uint16_t number, Exchange exchange);

    const std::shared_ptr<const Descriptor> control_;
    const std::chrono::milliseconds timeout_;
    const std::function<void()> timed_out_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::atomic<bool> ended_ = {false};
    std::atomic<unsigned> suspended_ = {0};
};

}  // namespace kea_encryption
