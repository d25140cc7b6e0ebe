// SPDX-License-Identifier: MPL-2.0

#include "log_file.h"
#include "octets.h"
#include "receive_frame.h"

#include <hook/engine/engine_lanes.h>

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <thread>

namespace kea_encryption {

static std::ostream&
operator<<(std::ostream& stream, Exchange exchange) {
    const char* const names[] = {"answered", "timed out", "down"};
    return (stream << names[static_cast<int>(exchange)]);
}

}  // namespace kea_encryption

using namespace kea_encryption;
using std::chrono::milliseconds;

namespace {

/// The other end of an engine's control connection and lanes, run by a thread.
class Peer {
public:
    /// What the engine does with a question: the frames that it answers. The first octet after the
    /// header of the question says which worker's lane it came on.
    typedef std::function<std::vector<Bytes>(const Bytes& question, uint16_t worker)> Answer;

    Peer() {
        int ends[2];
        EXPECT_EQ(0, ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
        hook_end_ = std::make_shared<const Descriptor>(ends[0]);
        engine_end_.reset(ends[1]);
    }

    std::shared_ptr<const Descriptor> hookEnd() const {
        return (hook_end_);
    }

    /// Ends the connection, as the hook does.
    void end() {
        ::shutdown(hook_end_->get(), SHUT_RDWR);
        join();
    }

    void run(Answer answer) {
        thread_ = std::thread([this, answer] { serve(answer); });
    }

    ~Peer() {
        join();
    }

    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    /// Closes the lanes to a worker, as its end does.
    std::atomic<int> close_lanes_of = {-1};
    std::atomic<unsigned> lanes = {0};

private:
    void serve(const Answer& answer) {
        std::map<int, uint16_t> workers;
        for (;;) {
            std::vector<struct pollfd> entries = {{engine_end_.get(), POLLIN, 0}};
            for (const auto& lane : workers) {
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
                    for (const Bytes& reply : answer(frame, lane->second)) {
                        ::send(lane->first, reply.data(), reply.size(), MSG_NOSIGNAL);
                    }
                }
            }
        }
        for (const auto& lane : workers) {
            ::close(lane.first);
        }
    }

    std::shared_ptr<const Descriptor> hook_end_;
    Descriptor engine_end_;
    std::thread thread_;
};

uint32_t
idOf(const Bytes& frame) {
    return (channel::getUint32(&frame[channel::OFFSET_ID]));
}

Bytes
verdict(uint32_t id, const Bytes& octets) {
    Bytes frame(channel::VERDICT_TEXT, 0);
    channel::putHeader(frame.data(), channel::VERDICT, id);
    return (frame + octets);
}

/// Answers with what followed the fixed part of the question.
std::vector<Bytes>
echo(const Bytes& question, uint16_t) {
    return {
        verdict(idOf(question), Bytes(question.begin() + channel::RECEIVE_OCTETS, question.end()))};
}

void
ignoreTimeout() {
}

/// Longer than any answer takes that is to come, on a machine that is busy.
constexpr milliseconds PATIENCE(60000);

/// Asks a worker. Returns how it ended and what came back.
Exchange
ask(EngineLanes& lanes, uint16_t worker, const Bytes& octets, Bytes* back = nullptr) {
    std::vector<uint8_t> head(channel::RECEIVE_OCTETS, 0);
    channel::putHeader(head.data(), channel::RECEIVE, 0);
    Bytes answer;
    const Exchange exchange = lanes.ask(worker, head, toOctets(octets), answer);
    if (back && exchange == Exchange::ANSWERED) {
        back->assign(answer.begin() + channel::VERDICT_TEXT, answer.end());
    }
    return (exchange);
}

/// Asks a worker of which the last question was not answered, each time something else, until it
/// answers. Returns the octet that was asked.
uint8_t
askUntilAnswered(EngineLanes& lanes, uint16_t worker, uint8_t first, Bytes& back) {
    for (uint8_t octet = first; octet != 0; ++octet) {
        if (ask(lanes, worker, {octet}, &back) == Exchange::ANSWERED) {
            return (octet);
        }
        std::this_thread::sleep_for(milliseconds(400));
    }
    return (0);
}

}  // namespace

TEST(EngineLanesTest, theAnswerOfTheSameIdComesBackLargeFramesIncluded) {
    Peer peer;
    EngineLanes lanes(peer.hookEnd(), 2, PATIENCE, ignoreTimeout);
    peer.run(echo);
    for (const size_t size : {size_t(0), size_t(300), size_t(65507)}) {
        Bytes back;
        ASSERT_EQ(Exchange::ANSWERED, ask(lanes, 1, Bytes(size, 9), &back));
        ASSERT_EQ(Bytes(size, 9), back);
    }
    EXPECT_EQ(1u, peer.lanes.load());
    peer.end();
}

TEST(EngineLanesTest, eachWorkerAndEachThreadThatWaitsHasALaneOfItsOwn) {
    Peer peer;
    EngineLanes lanes(peer.hookEnd(), 2, PATIENCE, ignoreTimeout);
    std::mutex mutex;
    std::map<uint16_t, std::vector<uint32_t>> seen;
    peer.run([&](const Bytes& question, uint16_t worker) {
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
                if (ask(lanes, i % 2, {t, i}, &back) != Exchange::ANSWERED || back != Bytes{t, i}) {
                    ++wrong;
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    peer.end();
    EXPECT_EQ(0, wrong.load());
    EXPECT_EQ(size_t(200), seen[0].size());
    EXPECT_EQ(size_t(200), seen[1].size());
    EXPECT_LE(peer.lanes, 8);
}

TEST(EngineLanesTest, aLateAnswerIsNotTakenForTheNextQuestions) {
    Peer peer;
    EngineLanes lanes(peer.hookEnd(), 1, milliseconds(30), ignoreTimeout);
    Bytes held;
    peer.run([&held](const Bytes& question, uint16_t worker) -> std::vector<Bytes> {
        if (held.empty()) {
            held = echo(question, worker).front();
            return {};
        }
        return {held, echo(question, worker).front()};
    });
    EXPECT_EQ(Exchange::TIMED_OUT, ask(lanes, 0, {1}));
    // The worker is suspended now; a probe, one a second, draws both answers out of the peer.
    Bytes back;
    const uint8_t last = askUntilAnswered(lanes, 0, 2, back);
    EXPECT_GT(last, 2);
    EXPECT_EQ(Bytes{last}, back);
    peer.end();
}

TEST(EngineLanesTest, answersOfAnotherKindOrIdDoNotCount) {
    Peer peer;
    EngineLanes lanes(peer.hookEnd(), 1, PATIENCE, ignoreTimeout);
    peer.run([](const Bytes& question, uint16_t worker) {
        Bytes other_kind = verdict(idOf(question), {8});
        other_kind[channel::OFFSET_KIND] = channel::ANSWER;
        return (std::vector<Bytes>{other_kind, verdict(idOf(question) + 1, {8}),
                                   echo(question, worker).front()});
    });
    Bytes back;
    EXPECT_EQ(Exchange::ANSWERED, ask(lanes, 0, {4}, &back));
    EXPECT_EQ(Bytes{4}, back);
    peer.end();
}

TEST(EngineLanesTest, aFrameThatBreaksTheChannelsRulesEndsTheLane) {
    Peer peer;
    EngineLanes lanes(peer.hookEnd(), 1, PATIENCE, ignoreTimeout);
    peer.run([](const Bytes& question, uint16_t) {
        Bytes wrong_version = verdict(idOf(question), {});
        ++wrong_version[channel::OFFSET_VERSION];
        return (std::vector<Bytes>{wrong_version});
    });
    EXPECT_EQ(Exchange::DOWN, ask(lanes, 0, {1}));
    EXPECT_EQ(Exchange::DOWN, ask(lanes, 0, {1}));
    EXPECT_EQ(2u, peer.lanes.load());
    peer.end();
}

TEST(EngineLanesTest, aWorkerThatWasRestartedGetsANewLane) {
    Peer peer;
    EngineLanes lanes(peer.hookEnd(), 2, PATIENCE, ignoreTimeout);
    peer.run(echo);
    EXPECT_EQ(Exchange::ANSWERED, ask(lanes, 1, {1}));
    peer.close_lanes_of = 1;
    while (peer.close_lanes_of >= 0) {
        std::this_thread::sleep_for(milliseconds(1));
    }
    // The peer is about to close them.
    while (peer.lanes == 1) {
        ASSERT_NE(ask(lanes, 1, {1}), Exchange::TIMED_OUT);
        std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_EQ(Exchange::ANSWERED, ask(lanes, 1, {1}));
    EXPECT_EQ(2u, peer.lanes.load());
    peer.end();
}

TEST(EngineLanesTest, aSilentWorkerIsWaitedForOnceThenNotUntilItHasAnswered) {
    Peer peer;
    LogFile log;
    std::atomic<unsigned> timeouts = {0};
    EngineLanes lanes(peer.hookEnd(), 2, milliseconds(40), [&] { ++timeouts; });
    std::atomic<bool> silent = {true};
    std::atomic<unsigned> asked = {0};
    peer.run([&](const Bytes& question, uint16_t worker) -> std::vector<Bytes> {
        if (worker == 0) {
            ++asked;
            if (silent) {
                return {};
            }
        }
        return (echo(question, worker));
    });
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(Exchange::TIMED_OUT, ask(lanes, 0, {1}));
    }
    std::this_thread::sleep_for(milliseconds(20));
    // The others were not even sent, but for a probe a second; with waits they would take eight.
    const auto elapsed = std::chrono::steady_clock::now() - begun;
    const auto probes = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
    EXPECT_LE(asked, 1u + static_cast<unsigned>(probes));
    Bytes back;
    EXPECT_NE(askUntilAnswered(lanes, 1, 1, back), 0);
    const auto nothing = [] {};
    log.await("ENCRYPTION_ENGINE_SILENT engine worker 0 gave no answer within 40 ms", nothing);
    EXPECT_EQ(size_t(1), log.count("ENCRYPTION_ENGINE_SILENT engine worker 0"));
    EXPECT_EQ(size_t(0), log.count("ENCRYPTION_ENGINE_BACK engine worker 0"));
    EXPECT_LE(1u, timeouts.load());

    silent = false;
    EXPECT_NE(askUntilAnswered(lanes, 0, 1, back), 0);
    log.await("ENCRYPTION_ENGINE_BACK engine worker 0 answers again", nothing);
    peer.end();
}

TEST(EngineLanesTest, theEnginesEndEndsAWait) {
    Peer peer;
    EngineLanes lanes(peer.hookEnd(), 1, std::chrono::minutes(10), ignoreTimeout);
    peer.run([&peer](const Bytes&, uint16_t) -> std::vector<Bytes> {
        peer.close_lanes_of = 0;
        return {};
    });
    EXPECT_EQ(Exchange::DOWN, ask(lanes, 0, {1}));
    lanes.end();
    peer.end();
    EXPECT_EQ(Exchange::DOWN, ask(lanes, 0, {1}));
}
