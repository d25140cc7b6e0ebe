// SPDX-License-Identifier: MPL-2.0

#include "engine_lanes.h"

#include <hook/kea/encryption_log.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kea_encryption {

namespace {

/// @brief How often a suspended worker gets a packet as a probe.
constexpr std::chrono::seconds PROBE_INTERVAL(1);

/// @brief Waits on the others are this short while one is suspended: likely the engine stands.
constexpr std::chrono::milliseconds SHORT_WAIT(50);

/// @brief Room for the largest frame twice, with the kernel's overhead.
constexpr int SOCKET_BUFFER = 262144;

/// @brief Hands a lane over. Nobody waits: there are as few such frames as there are lanes.
bool
passLane(int control, uint16_t worker, int lane) {
    uint8_t frame[channel::LANE_LENGTH];
    channel::putHeader(frame, channel::LANE, 0);
    channel::putUint16(frame + channel::LANE_WORKER, worker);
    return (sendFrame(control, {frame, sizeof(frame)}, Octets(), lane));
}

/// @brief Takes what has come in on a lane.
/// @return whether there was anything.
bool
drain(int lane, std::vector<uint8_t>& buffer) {
    bool any = false;
    while (::recv(lane, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
        any = true;
    }
    return (any);
}

/// @brief Sends a frame and waits for the answer of the same id.
Exchange
converse(int lane,
         const std::vector<uint8_t>& head,
         const Octets& tail,
         EngineLanes::Clock::time_point deadline,
         std::vector<uint8_t>& buffer,
         std::vector<uint8_t>& answer) {
    while (!sendFrame(lane, {head.data(), head.size()}, tail)) {
        if (errno != EAGAIN) {
            return (Exchange::DOWN);
        }
        if (!waitReady(lane, POLLOUT, deadline)) {
            return (Exchange::TIMED_OUT);
        }
    }
    const uint32_t id = channel::getUint32(head.data() + channel::OFFSET_ID);
    while (waitReady(lane, POLLIN, deadline)) {
        const ssize_t length = ::recv(lane, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        const size_t size = static_cast<size_t>(length);
        if (length <= 0 || size > buffer.size() || !channel::isWellFormed(buffer.data(), size)) {
            return (Exchange::DOWN);  // the end, or a peer that does not speak this version
        }
        // Else it is the late answer to a question that was given up.
        if (buffer[channel::OFFSET_KIND] == channel::VERDICT &&
            channel::getUint32(buffer.data() + channel::OFFSET_ID) == id) {
            answer.assign(buffer.data(), buffer.data() + size);
            return (Exchange::ANSWERED);
        }
    }
    return (Exchange::TIMED_OUT);
}

}  // namespace

bool
sendFrame(int socket, const Octets& head, const Octets& tail, int descriptor) {
    struct iovec parts[] = {{const_cast<uint8_t*>(head.data), head.length},
                            {const_cast<uint8_t*>(tail.data), tail.length}};
    struct msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {};
    if (descriptor >= 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof(control.space);
        struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
    }
    ssize_t sent;
    do {
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return (sent >= 0);
}

bool
waitReady(int fd, short events, std::chrono::steady_clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        struct pollfd entry = {fd, events, 0};
        const int result = ::poll(&entry, 1, std::max<int>(0, static_cast<int>(left.count())));
        if (result >= 0 || errno != EINTR) {
            return (result > 0);
        }
    }
}

EngineLanes::EngineLanes(std::shared_ptr<const Descriptor> control,
                         uint16_t workers,
                         std::chrono::milliseconds timeout,
                         std::function<void()> timed_out)
    : control_(std::move(control)), timeout_(timeout), timed_out_(std::move(timed_out)) {
    for (uint16_t i = 0; i < workers; ++i) {
        workers_.push_back(std::make_unique<Worker>());
    }
}

/// @brief The lane used last; of a suspended worker one on which an answer is still to come. Null
/// if there is none.
EngineLanes::LanePtr
EngineLanes::take(Worker& worker) const {
    const std::lock_guard<std::mutex> lock(worker.mutex);
    std::vector<LanePtr>& idle = worker.idle;
    if (idle.empty()) {
        return (LanePtr());
    }
    auto chosen = idle.rbegin();
    if (worker.suspended) {
        const auto overdue =
            std::find_if(chosen, idle.rend(), [](const LanePtr& lane) { return (lane->overdue); });
        chosen = overdue != idle.rend() ? overdue : chosen;
    }
    LanePtr lane = std::move(*chosen);
    idle.erase(chosen.base() - 1);
    return (lane);
}

EngineLanes::LanePtr
EngineLanes::open(uint16_t number) const {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return (LanePtr());
    }
    auto lane = std::make_unique<Lane>();
    lane->socket.reset(ends[0]);
    const Descriptor other(ends[1]);
    for (const int end : ends) {
        ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &SOCKET_BUFFER, sizeof(SOCKET_BUFFER));
    }
    lane->buffer.resize(channel::MAX_FRAME_LENGTH);
    return (passLane(control_->get(), number, other.get()) ? std::move(lane) : LanePtr());
}

/// @brief Until when to wait for an answer. Empty for a suspended worker that no probe is due to.
std::optional<EngineLanes::Clock::time_point>
EngineLanes::deadline(Worker& worker) const {
    const Clock::time_point now = Clock::now();
    const std::lock_guard<std::mutex> lock(worker.mutex);
    if (!worker.suspended) {
        return (now + (suspended_ == 0 ? timeout_ : std::min(timeout_, SHORT_WAIT)));
    }
    if (now < worker.next_probe) {
        return (std::nullopt);
    }
    worker.next_probe = now + PROBE_INTERVAL;
    return (now);
}

/// @brief Suspends a worker that did not answer, and has one that did waited for again.
void
EngineLanes::note(uint16_t number, Exchange exchange) {
    Worker& worker = *workers_[number];
    {
        const std::lock_guard<std::mutex> lock(worker.mutex);
        const bool suspends = exchange == Exchange::TIMED_OUT;
        if (suspends) {
            worker.next_probe = Clock::now() + PROBE_INTERVAL;
        }
        if (worker.suspended == suspends) {
            return;
        }
        worker.suspended = suspends;
        suspended_ += suspends ? 1 : -1;
    }
    if (exchange == Exchange::TIMED_OUT) {
        timed_out_();
        LOG_WARN(encryption_logger, ENCRYPTION_ENGINE_SILENT).arg(number).arg(timeout_.count());
    } else {
        LOG_INFO(encryption_logger, ENCRYPTION_ENGINE_BACK).arg(number);
    }
}

Exchange
EngineLanes::ask(uint16_t number,
                 std::vector<uint8_t> head,
                 const Octets& tail,
                 std::vector<uint8_t>& answer) {
    if (ended_) {
        return (Exchange::DOWN);
    }
    Worker& worker = *workers_[number];
    LanePtr lane = take(worker);
    if (lane && lane->overdue && drain(lane->socket.get(), lane->buffer)) {
        lane->overdue = false;
        note(number, Exchange::ANSWERED);
    }
    Exchange exchange = Exchange::TIMED_OUT;
    if (const std::optional<Clock::time_point> until = deadline(worker)) {
        if (!lane) {
            lane = open(number);
        }
        if (!lane) {
            return (Exchange::DOWN);
        }
        // Id 0 is that of frames nobody asked for.
        const uint32_t id = ++lane->last_id != 0 ? lane->last_id : ++lane->last_id;
        channel::putUint32(head.data() + channel::OFFSET_ID, id);
        exchange = converse(lane->socket.get(), head, tail, *until, lane->buffer, answer);
        if (exchange == Exchange::DOWN) {
            return (exchange);  // a new lane takes the place of this one
        }
        lane->overdue = exchange == Exchange::TIMED_OUT;
        note(number, exchange);
    }
    if (lane) {
        const std::lock_guard<std::mutex> lock(worker.mutex);
        worker.idle.push_back(std::move(lane));
    }
    return (exchange);
}

}  // namespace kea_encryption
