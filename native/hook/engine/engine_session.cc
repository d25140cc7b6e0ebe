// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "engine_session.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kea_encryption {

namespace {

/// How often a suspended worker gets a packet as a probe.
constexpr std::chrono::seconds PROBE_INTERVAL(1);

/// Waits on the other workers are this short as long as one is suspended: likely the whole engine
/// stands.
constexpr std::chrono::milliseconds SHORT_WAIT(50);

/// Room for the largest frame twice, with the kernel's overhead.
constexpr int SOCKET_BUFFER = 262144;

/// Waits until a descriptor is ready or the deadline has passed.
bool
waitReady(int fd, short events, EngineSession::Clock::time_point deadline) {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - EngineSession::Clock::now());
        struct pollfd entry = {fd, events, 0};
        const int result = ::poll(&entry, 1, std::max<int>(0, static_cast<int>(left.count())));
        if (result > 0) {
            return (true);
        }
        if (result == 0 || errno != EINTR) {
            return (false);
        }
    }
}

}  // namespace

EngineSession::EngineSession(Descriptor control,
                             uint64_t generation,
                             uint16_t workers,
                             std::chrono::milliseconds timeout,
                             SuspensionHandler suspension)
    : control_(std::move(control)), generation_(generation), timeout_(timeout),
      suspension_(std::move(suspension)), ended_(false), suspended_workers_(0) {
    for (uint16_t i = 0; i < workers; ++i) {
        pools_.push_back(std::make_unique<Pool>());
    }
}

EngineSession::~EngineSession() {
    end();
}

void
EngineSession::end() {
    if (!ended_.exchange(true)) {
        ::shutdown(control_.get(), SHUT_RDWR);
    }
}

std::chrono::milliseconds
EngineSession::patience() const {
    return (suspended_workers_ == 0 ? timeout_ : std::min(timeout_, SHORT_WAIT));
}

void
EngineSession::suspend(uint16_t worker) {
    Pool& pool = *pools_[worker];
    {
        const std::lock_guard<std::mutex> lock(pool.mutex);
        pool.next_probe = Clock::now() + PROBE_INTERVAL;
        if (pool.suspended) {
            return;
        }
        pool.suspended = true;
        ++suspended_workers_;
    }
    suspension_(worker, true);
}

void
EngineSession::resume(uint16_t worker) {
    Pool& pool = *pools_[worker];
    {
        const std::lock_guard<std::mutex> lock(pool.mutex);
        if (!pool.suspended) {
            return;
        }
        pool.suspended = false;
        --suspended_workers_;
    }
    suspension_(worker, false);
}

bool
EngineSession::passLane(uint16_t worker, int descriptor, Clock::time_point deadline) {
    uint8_t frame[channel::LANE_LENGTH];
    channel::putHeader(frame, channel::LANE, 0);
    channel::putUint16(frame + channel::LANE_WORKER, worker);
    struct iovec part = {frame, sizeof(frame)};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {};
    struct msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.space;
    message.msg_controllen = sizeof(control.space);
    struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
    return (sendControl(message, deadline));
}

bool
EngineSession::sendControl(const struct iovec* parts, size_t count, Clock::time_point deadline) {
    struct msghdr message = {};
    message.msg_iov = const_cast<struct iovec*>(parts);
    message.msg_iovlen = count;
    return (sendControl(message, deadline));
}

bool
EngineSession::sendControl(const struct msghdr& message, Clock::time_point deadline) {
    const std::lock_guard<std::mutex> lock(control_mutex_);
    while (!ended_) {
        if (::sendmsg(control_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
            return (true);
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno != EAGAIN || !waitReady(control_.get(), POLLOUT, deadline)) {
            return (false);
        }
    }
    return (false);
}

EngineSession::LaneUse::LaneUse(EngineSession& session, uint16_t worker)
    : session_(session), worker_(worker), pool_(*session.pools_[worker]) {
}

EngineSession::LaneUse::~LaneUse() {
    if (lane_ && lane_->socket && !session_.ended_) {
        const std::lock_guard<std::mutex> lock(pool_.mutex);
        pool_.idle.push_back(std::move(lane_));
    }
}

EngineSession::LaneUse::Plan
EngineSession::LaneUse::plan() {
    const std::lock_guard<std::mutex> lock(pool_.mutex);
    std::vector<std::unique_ptr<Lane>>& idle = pool_.idle;
    if (!idle.empty()) {
        // The lane used last; of a suspended worker one on which an answer is still to come.
        auto chosen = idle.end() - 1;
        if (pool_.suspended) {
            const auto overdue = std::find_if(idle.rbegin(), idle.rend(),
                                              [](const auto& lane) { return (lane->overdue); });
            if (overdue != idle.rend()) {
                chosen = overdue.base() - 1;
            }
        }
        lane_ = std::move(*chosen);
        idle.erase(chosen);
    }
    if (!pool_.suspended) {
        return (Plan::ASK_AND_WAIT);
    }
    if (Clock::now() < pool_.next_probe) {
        return (Plan::FAIL);
    }
    pool_.next_probe = Clock::now() + PROBE_INTERVAL;
    return (Plan::PROBE);
}

bool
EngineSession::LaneUse::open() {
    if (lane_) {
        return (true);
    }
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return (false);
    }
    auto lane = std::make_unique<Lane>();
    lane->socket.reset(ends[0]);
    const Descriptor other(ends[1]);
    for (const int end : ends) {
        ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &SOCKET_BUFFER, sizeof(SOCKET_BUFFER));
    }
    lane->buffer.resize(channel::MAX_FRAME_LENGTH);
    if (!session_.passLane(worker_, other.get(), Clock::now() + session_.patience())) {
        return (false);
    }
    lane_ = std::move(lane);
    return (true);
}

EngineSession::LaneUse::Sent
EngineSession::LaneUse::send(const struct iovec* parts, size_t count, Clock::time_point deadline) {
    struct msghdr message = {};
    message.msg_iov = const_cast<struct iovec*>(parts);
    message.msg_iovlen = count;
    for (;;) {
        if (::sendmsg(lane_->socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
            return (Sent::YES);
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno != EAGAIN) {
            return (Sent::BROKEN);
        }
        if (!waitReady(lane_->socket.get(), POLLOUT, deadline)) {
            return (Sent::NO_ROOM);
        }
    }
}

EngineSession::Answer
EngineSession::LaneUse::waitFor(uint32_t id,
                                channel::Kind answer_kind,
                                Clock::time_point deadline) {
    Answer answer;
    std::vector<uint8_t>& buffer = lane_->buffer;
    while (waitReady(lane_->socket.get(), POLLIN, deadline)) {
        const ssize_t length =
            ::recv(lane_->socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        const size_t size = static_cast<size_t>(length);
        if (length <= 0 || size > buffer.size() || !channel::isWellFormed(buffer.data(), size)) {
            return (answer);  // the end of the lane, or a peer that does not speak this version
        }
        if (buffer[channel::OFFSET_KIND] == answer_kind &&
            channel::getUint32(buffer.data() + channel::OFFSET_ID) == id) {
            answer.exchange = Exchange::ANSWERED;
            answer.frame = buffer.data();
            answer.length = size;
            return (answer);
        }
        // The late answer to a question that was given up.
    }
    answer.exchange = Exchange::TIMED_OUT;
    return (answer);
}

bool
EngineSession::LaneUse::drain() {
    std::vector<uint8_t>& buffer = lane_->buffer;
    bool any = false;
    while (::recv(lane_->socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
        any = true;
    }
    return (any);
}

EngineSession::Answer
EngineSession::LaneUse::ask(uint8_t* head,
                            size_t head_length,
                            const Octets& tail,
                            channel::Kind answer_kind) {
    Answer answer;
    if (session_.ended_) {
        return (answer);
    }
    Plan what = plan();
    if (what != Plan::ASK_AND_WAIT && lane_ && lane_->overdue && drain()) {
        lane_->overdue = false;
        session_.resume(worker_);
        what = Plan::ASK_AND_WAIT;
    }
    answer.exchange = Exchange::TIMED_OUT;
    if (what == Plan::FAIL) {
        return (answer);
    }

    const Clock::time_point deadline =
        Clock::now() + (what == Plan::PROBE ? std::chrono::milliseconds(0) : session_.patience());
    // A lane whose other end is gone (the worker was restarted) is replaced by a new one, once.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!open()) {
            break;
        }
        const uint32_t id = ++lane_->last_id != 0 ? lane_->last_id : ++lane_->last_id;
        channel::putUint32(head + channel::OFFSET_ID, id);
        const struct iovec parts[] = {{head, head_length},
                                      {const_cast<uint8_t*>(tail.data), tail.length}};
        const Sent sent = send(parts, 2, deadline);
        if (sent == Sent::BROKEN) {
            lane_.reset();
            continue;
        }
        if (sent == Sent::YES) {
            lane_->overdue = true;
            if (what == Plan::PROBE) {
                return (answer);
            }
            answer = waitFor(id, answer_kind, deadline);
            if (answer.exchange == Exchange::ANSWERED) {
                lane_->overdue = false;
                return (answer);
            }
            if (answer.exchange == Exchange::DOWN) {
                lane_.reset();
                return (answer);
            }
        }
        session_.suspend(worker_);
        return (answer);
    }
    answer.exchange = Exchange::DOWN;
    return (answer);
}

}  // namespace kea_encryption
