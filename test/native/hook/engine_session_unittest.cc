// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "check.h"
#include "octets.h"
#include "receive_frame.h"

#include <hook/engine_session.h>

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <thread>

namespace kea_encryption {

static std::ostream &operator<<(std::ostream &stream, Exchange exchange) {
    const char *const names[] = {"answered", "timed out", "down"};
    return (stream << names[static_cast<int>(exchange)]);
}

} // namespace kea_encryption

using namespace kea_encryption;
using std::chrono::milliseconds;

namespace {

/// The other end of a session's control connection and lanes, run by a thread.
class Peer {
public:
    /// What the engine does with a question: the frames that it answers. The first octet after the header of
    /// the question says which worker's lane it came on.
    typedef std::function<std::vector<Bytes>(const Bytes &question, uint16_t worker)> Answer;

    Peer() {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
        hook_end_.reset(ends[0]);
        engine_end_.reset(ends[1]);
    }

    Descriptor hookEnd() { return (std::move(hook_end_)); }

    void run(Answer answer) {
        thread_ = std::thread([this, answer] { serve(answer); });
    }

    ~Peer() { join(); }

    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    /// Closes the lanes to a worker, as its end does.
    std::atomic<int> close_lanes_of = {-1};
    std::atomic<unsigned> lanes = {0};

private:
    void serve(const Answer &answer) {
        std::map<int, uint16_t> workers;
        for (;;) {
            std::vector<struct pollfd> entries = {{engine_end_.get(), POLLIN, 0}};
            for (const auto &lane : workers) {
                entries.push_back({lane.first, POLLIN, 0});
            }
            ::poll(entries.data(), entries.size(), 5);
            const int closing = close_lanes_of.exchange(-1);
            for (auto lane = workers.begin(); lane != workers.end();) {
                if (lane->second == closing) {
                    ::close(lane->first);
                    lane = workers.erase(lane);
                } else {
                    ++lane;
                }
            }
            Bytes frame;
            int passed;
            if (entries[0].revents != 0) {
                if (!receiveFrame(engine_end_.get(), frame, passed)) {
                    break;
                }
                workers[passed] = channel::getUint16(&frame[channel::LANE_WORKER]);
                ++lanes;
            }
            for (size_t i = 1; i < entries.size(); ++i) {
                const auto lane = workers.find(entries[i].fd);
                if (entries[i].revents != 0 && lane != workers.end() &&
                    receiveFrame(lane->first, frame, passed)) {
                    for (const Bytes &reply : answer(frame, lane->second)) {
                        ::send(lane->first, reply.data(), reply.size(), MSG_NOSIGNAL);
                    }
                }
            }
        }
        for (const auto &lane : workers) {
            ::close(lane.first);
        }
    }

    Descriptor hook_end_;
    Descriptor engine_end_;
    std::thread thread_;
};

uint32_t idOf(const Bytes &frame) { return (channel::getUint32(&frame[channel::OFFSET_ID])); }

Bytes verdict(uint32_t id, const Bytes &octets) {
    Bytes frame(channel::VERDICT_TEXT, 0);
    channel::putHeader(frame.data(), channel::VERDICT, id);
    return (frame + octets);
}

/// Answers with what followed the fixed part of the question.
std::vector<Bytes> echo(const Bytes &question, uint16_t) {
    return {verdict(idOf(question), Bytes(question.begin() + channel::RECEIVE_OCTETS, question.end()))};
}

void ignoreSuspension(uint16_t, bool) {}

/// Asks a worker. Returns how it ended and what came back.
Exchange ask(EngineSession &session, uint16_t worker, const Bytes &octets, Bytes *back = nullptr) {
    uint8_t head[channel::RECEIVE_OCTETS] = {};
    channel::putHeader(head, channel::RECEIVE, 0);
    return (session.exchange(worker, head, sizeof(head), toOctets(octets), channel::VERDICT,
                             [back](const uint8_t *frame, size_t length) {
                                 if (back) {
                                     back->assign(frame + channel::VERDICT_TEXT, frame + length);
                                 }
                             }));
}

} // namespace

TEST_CASE("engine-session/the answer of the same id comes back, large frames included") {
    Peer peer;
    EngineSession session(peer.hookEnd(), 1, 2, milliseconds(5000), ignoreSuspension);
    peer.run(echo);
    for (const size_t size : {size_t(0), size_t(300), size_t(65507)}) {
        Bytes back;
        REQUIRE_EQUAL(Exchange::ANSWERED, ask(session, 1, Bytes(size, 9), &back));
        REQUIRE(back == Bytes(size, 9));
    }
    REQUIRE_EQUAL(1u, peer.lanes.load());
    session.end();
    peer.join();
}

TEST_CASE("engine-session/each worker and each thread that waits has a lane of its own") {
    Peer peer;
    EngineSession session(peer.hookEnd(), 1, 2, milliseconds(5000), ignoreSuspension);
    std::mutex mutex;
    std::map<uint16_t, std::vector<uint32_t>> seen;
    peer.run([&](const Bytes &question, uint16_t worker) {
        const std::lock_guard<std::mutex> lock(mutex);
        seen[worker].push_back(idOf(question));
        return (echo(question, worker));
    });
    std::vector<std::thread> threads;
    std::atomic<int> wrong = {0};
    for (uint8_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (uint8_t i = 0; i < 100; ++i) {
                Bytes back;
                if (ask(session, i % 2, {t, i}, &back) != Exchange::ANSWERED || back != Bytes{t, i}) {
                    ++wrong;
                }
            }
        });
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    session.end();
    peer.join();
    REQUIRE_EQUAL(0, wrong.load());
    REQUIRE_EQUAL(size_t(200), seen[0].size());
    REQUIRE_EQUAL(size_t(200), seen[1].size());
    REQUIRE(peer.lanes <= 8);
}

TEST_CASE("engine-session/a late answer is not taken for the next question's") {
    Peer peer;
    EngineSession session(peer.hookEnd(), 1, 1, milliseconds(30), ignoreSuspension);
    Bytes held;
    peer.run([&held](const Bytes &question, uint16_t worker) -> std::vector<Bytes> {
        if (held.empty()) {
            held = echo(question, worker).front();
            return {};
        }
        return {held, echo(question, worker).front()};
    });
    REQUIRE_EQUAL(Exchange::TIMED_OUT, ask(session, 0, {1}));
    // The worker is suspended now; a second on, a probe draws both answers out of the peer.
    std::this_thread::sleep_for(milliseconds(1100));
    REQUIRE_EQUAL(Exchange::TIMED_OUT, ask(session, 0, {2}));
    std::this_thread::sleep_for(milliseconds(100));
    Bytes back;
    REQUIRE_EQUAL(Exchange::ANSWERED, ask(session, 0, {3}, &back));
    REQUIRE(back == Bytes{3});
    session.end();
    peer.join();
}

TEST_CASE("engine-session/answers of another kind or id do not count") {
    Peer peer;
    EngineSession session(peer.hookEnd(), 1, 1, milliseconds(5000), ignoreSuspension);
    peer.run([](const Bytes &question, uint16_t worker) {
        Bytes other_kind(channel::SEALED_OCTETS, 0);
        channel::putHeader(other_kind.data(), channel::SEALED, idOf(question));
        return (
            std::vector<Bytes>{other_kind, verdict(idOf(question) + 1, {8}), echo(question, worker).front()});
    });
    Bytes back;
    REQUIRE_EQUAL(Exchange::ANSWERED, ask(session, 0, {4}, &back));
    REQUIRE(back == Bytes{4});
    session.end();
    peer.join();
}

TEST_CASE("engine-session/a frame that breaks the channel's rules ends the lane") {
    Peer peer;
    EngineSession session(peer.hookEnd(), 1, 1, milliseconds(5000), ignoreSuspension);
    peer.run([](const Bytes &question, uint16_t) {
        Bytes wrong_version = verdict(idOf(question), {});
        wrong_version[channel::OFFSET_VERSION] = 2;
        return (std::vector<Bytes>{wrong_version});
    });
    REQUIRE_EQUAL(Exchange::DOWN, ask(session, 0, {1}));
    REQUIRE_EQUAL(Exchange::DOWN, ask(session, 0, {1}));
    REQUIRE_EQUAL(2u, peer.lanes.load());
    session.end();
    peer.join();
}

TEST_CASE("engine-session/a worker that was restarted gets a new lane") {
    Peer peer;
    EngineSession session(peer.hookEnd(), 1, 2, milliseconds(5000), ignoreSuspension);
    peer.run(echo);
    REQUIRE_EQUAL(Exchange::ANSWERED, ask(session, 1, {1}));
    peer.close_lanes_of = 1;
    while (peer.close_lanes_of >= 0) {
        std::this_thread::sleep_for(milliseconds(1));
    }
    std::this_thread::sleep_for(milliseconds(20));
    REQUIRE_EQUAL(Exchange::ANSWERED, ask(session, 1, {1}));
    REQUIRE_EQUAL(2u, peer.lanes.load());
    session.end();
    peer.join();
}

TEST_CASE("engine-session/a silent worker is waited for once, then not until it has answered") {
    Peer peer;
    std::vector<std::pair<uint16_t, bool>> changes;
    EngineSession session(
        peer.hookEnd(), 1, 2, milliseconds(40),
        [&changes](uint16_t worker, bool suspended) { changes.emplace_back(worker, suspended); });
    std::atomic<bool> silent = {true};
    std::atomic<unsigned> asked = {0};
    std::vector<Bytes> held;
    peer.run([&](const Bytes &question, uint16_t worker) -> std::vector<Bytes> {
        ++asked;
        if (worker == 0 && silent) {
            return {};
        }
        return (echo(question, worker));
    });
    for (int i = 0; i < 20; ++i) {
        REQUIRE_EQUAL(Exchange::TIMED_OUT, ask(session, 0, {1}));
    }
    std::this_thread::sleep_for(milliseconds(20));
    REQUIRE_EQUAL(1u, asked.load()); // the other nineteen were not even sent
    REQUIRE_EQUAL(Exchange::ANSWERED, ask(session, 1, {1}));
    REQUIRE_EQUAL(size_t(1), changes.size());
    REQUIRE(changes[0] == std::make_pair(uint16_t(0), true));

    silent = false;
    std::this_thread::sleep_for(milliseconds(1100));
    REQUIRE_EQUAL(Exchange::TIMED_OUT, ask(session, 0, {2})); // the probe
    std::this_thread::sleep_for(milliseconds(100));
    REQUIRE_EQUAL(Exchange::ANSWERED, ask(session, 0, {3}));
    REQUIRE_EQUAL(size_t(2), changes.size());
    REQUIRE(changes[1] == std::make_pair(uint16_t(0), false));
    session.end();
    peer.join();
}

TEST_CASE("engine-session/the engine's end ends a wait") {
    Peer peer;
    EngineSession session(peer.hookEnd(), 1, 1, std::chrono::minutes(10), ignoreSuspension);
    peer.run([&peer](const Bytes &, uint16_t) -> std::vector<Bytes> {
        peer.close_lanes_of = 0;
        return {};
    });
    REQUIRE_EQUAL(Exchange::DOWN, ask(session, 0, {1}));
    session.end();
    peer.join();
    REQUIRE_EQUAL(Exchange::DOWN, ask(session, 0, {1}));
}
