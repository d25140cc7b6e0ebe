// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_ENGINE_SESSION_H
#define KEA_ENCRYPTION_ENGINE_SESSION_H

/// @file engine_session.h
///
/// One engine from its CONFIGURED to its end, as the packet threads see it: lanes to its workers.

#include "descriptor.h"
#include "engine_client.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace kea_encryption {

class EngineSession {
public:
    typedef std::chrono::steady_clock Clock;
    typedef std::function<void(uint16_t worker, bool suspended)> SuspensionHandler;

    /// @param control the control connection. Frames are read from it elsewhere.
    /// @param workers number of the engine's workers, at least 1.
    /// @param timeout longest wait for an answer.
    /// @param suspension is called, from packet threads, when a worker is suspended and when it is
    /// back.
    EngineSession(Descriptor control,
                  uint64_t generation,
                  uint16_t workers,
                  std::chrono::milliseconds timeout,
                  SuspensionHandler suspension);
    ~EngineSession();

    uint64_t generation() const {
        return (generation_);
    }
    uint16_t workers() const {
        return (static_cast<uint16_t>(pools_.size()));
    }
    int controlDescriptor() const {
        return (control_.get());
    }

    /// Ends the conversation: the engine sees the end of its control connection, and no lane is
    /// opened or waited on any more.
    void end();

    /// Sends a frame on the control connection; what it says comes back elsewhere.
    /// @return false if the connection is at its end, or took nothing until the deadline.
    bool sendControl(const struct iovec* parts, size_t count, Clock::time_point deadline);

    /// An answer of the engine's, in the octets that `fill` was given.
    struct Answer {
        Exchange exchange = Exchange::DOWN;
        const uint8_t* frame = nullptr;
        size_t length = 0;
    };

    /// Sends a frame to a worker and waits for the answer of the same id.
    ///
    /// @param worker which worker, below workers().
    /// @param head the frame from its header to where `tail` begins; the id is put in here.
    /// @param tail the rest of the frame.
    /// @param answer_kind VERDICT or SEALED.
    /// @param use is called with the answer while the octets are valid.
    /// @return how it ended.
    template <typename Use>
    Exchange exchange(uint16_t worker,
                      uint8_t* head,
                      size_t head_length,
                      const Octets& tail,
                      channel::Kind answer_kind,
                      Use use) {
        LaneUse lane(*this, worker);
        const Answer answer = lane.ask(head, head_length, tail, answer_kind);
        if (answer.exchange == Exchange::ANSWERED) {
            use(answer.frame, answer.length);
        }
        return (answer.exchange);
    }

private:
    /// One socket to one worker. A packet thread has it to itself while it asks and waits, so there
    /// are never more lanes to a worker than packet threads.
    struct Lane {
        Descriptor socket;
        uint32_t last_id = 0;
        bool overdue = false;  ///< an answer that nobody waits for any more may still come
        std::vector<uint8_t> buffer;
    };

    /// The lanes to one worker that no thread uses at the moment, and whether the worker can be
    /// waited for.
    ///
    /// After a wait that ended without an answer the worker is *suspended*: packet threads no
    /// longer wait for it, until it has answered something. Else a stopped engine would cost Kea
    /// one whole timeout per encrypted packet. While suspended, a packet now and then is sent as a
    /// probe without waiting.
    struct Pool {
        std::mutex mutex;
        std::vector<std::unique_ptr<Lane>> idle;
        bool suspended = false;
        Clock::time_point next_probe;
    };

    /// Borrows a lane for one exchange.
    class LaneUse {
    public:
        LaneUse(EngineSession& session, uint16_t worker);
        ~LaneUse();
        Answer
        ask(uint8_t* head, size_t head_length, const Octets& tail, channel::Kind answer_kind);

    private:
        enum class Sent { YES, NO_ROOM, BROKEN };
        enum class Plan { ASK_AND_WAIT, PROBE, FAIL };

        Plan plan();
        bool open();
        Sent send(const struct iovec* parts, size_t count, Clock::time_point deadline);
        Answer waitFor(uint32_t id, channel::Kind answer_kind, Clock::time_point deadline);
        bool drain();

        EngineSession& session_;
        const uint16_t worker_;
        Pool& pool_;
        std::unique_ptr<Lane> lane_;
    };

    void suspend(uint16_t worker);
    void resume(uint16_t worker);
    std::chrono::milliseconds patience() const;
    bool passLane(uint16_t worker, int descriptor, Clock::time_point deadline);
    bool sendControl(const struct msghdr& message, Clock::time_point deadline);

    const Descriptor control_;
    const uint64_t generation_;
    const std::chrono::milliseconds timeout_;
    const SuspensionHandler suspension_;
    std::atomic<bool> ended_;
    std::atomic<unsigned> suspended_workers_;
    std::mutex control_mutex_;
    std::vector<std::unique_ptr<Pool>> pools_;
};

}  // namespace kea_encryption

#endif
