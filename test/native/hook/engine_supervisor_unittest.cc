// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "octets.h"

#include <hook/engine/engine_supervisor.h>

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <fstream>

using namespace kea_encryption;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Writes down what happens to the engine, as "name text".
class Diary : public EngineEvents {
public:
    void inService(uint16_t workers, const std::vector<std::string>& reasons) override {
        note("in service " + std::to_string(workers) + " " + reasons.at(0));
    }
    void ended(const std::string& how, milliseconds delay) override {
        note("ended " + how + " " + std::to_string(delay.count()));
    }
    void notStarted(const std::string& why, milliseconds delay) override {
        note("not started " + why + " " + std::to_string(delay.count()));
    }
    void restarting() override {
        note("restarting");
    }
    void suspended(uint16_t, bool suspended) override {
        note(suspended ? "suspended" : "back");
    }
    void logged(channel::Severity, const std::string& text) override {
        note("logged " + text);
    }
    void printed(const std::string& line) override {
        note("printed " + line);
    }

    /// Waits for an entry that begins so and takes it and all before it out. Returns the entry.
    std::string await(const std::string& beginning) {
        std::unique_lock<std::mutex> lock(mutex_);
        std::string found;
        EXPECT_TRUE(changed_.wait_for(lock, seconds(120), [&] {
            while (!entries_.empty()) {
                const std::string entry = entries_.front();
                entries_.pop_front();
                if (entry.compare(0, beginning.size(), beginning) == 0) {
                    found = entry;
                    return (true);
                }
            }
            return (false);
        }));
        return (found);
    }

private:
    void note(const std::string& entry) {
        const std::lock_guard<std::mutex> lock(mutex_);
        entries_.push_back(entry);
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> entries_;
};

/// A supervisor of the fake engine.
struct Fixture {
    Diary diary;
    BoundDuids bound;
    EngineSettings settings;

    explicit Fixture(const char* behaviour) {
        ::setenv("FAKE_ENGINE", behaviour, 1);
        settings.command = {FAKE_ENGINE, "--control-fd", "3"};
        settings.timeout = seconds(60);
        settings.command_timeout = seconds(60);
    }

    std::unique_ptr<EngineSupervisor> start(const std::string& configuration = "{}") {
        auto supervisor = std::make_unique<EngineSupervisor>(settings, configuration, diary, bound);
        supervisor->start();
        return (supervisor);
    }

    std::string refusal(const std::string& configuration = "{}") {
        try {
            start(configuration);
        } catch (const EngineError& error) {
            return (error.what());
        }
        return ("");
    }
};

Bytes
encryptedQuery() {
    return (message(251, option(705, message(1, option(1, {0, 3, 0, 1, 5})))));
}

Verdict
receive(EngineSupervisor& supervisor, const Bytes& datagram, uint64_t client = 0) {
    static const uint8_t source[ADDRESS_LENGTH] = {0xfe, 0x80};
    ReceiveRequest request;
    request.source = source;
    request.datagram = toOctets(datagram);
    request.spread = client;
    return (supervisor.receive(request));
}

/// The children of this process.
std::vector<int>
children() {
    std::ifstream list("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    std::vector<int> pids;
    for (int pid; list >> pid;) {
        pids.push_back(pid);
    }
    return (pids);
}

bool
contains(const std::string& text, const std::string& part) {
    return (text.find(part) != std::string::npos);
}

}  // namespace

TEST(EngineSupervisorTest, aQueryIsDecryptedAndItsAnswerSealed) {
    Fixture fixture("certificate");
    const auto supervisor = fixture.start();
    EXPECT_EQ("in service 2 malformed", fixture.diary.await("in service"));
    for (uint64_t client = 0; client < 4; ++client) {
        const Verdict verdict = receive(*supervisor, encryptedQuery(), client);
        ASSERT_TRUE(verdict.exchange == Exchange::ANSWERED &&
                    verdict.action == channel::ACTION_REPLACE);
        ASSERT_EQ(channel::CREDENTIAL_CERTIFICATE, verdict.credential);
        ASSERT_EQ("a fake client", verdict.text);
        ASSERT_EQ("fake-host",
                  std::string(verdict.host_identifier.begin(), verdict.host_identifier.end()));
        ASSERT_EQ(message(1, option(1, {0, 3, 0, 1, 5})), verdict.octets);
        ASSERT_EQ(client % 2, uint64_t(verdict.query.worker));
        const Bytes answer = message(2, option(13, {0, 0}));
        const Sealed sealed = supervisor->seal(verdict.query, toOctets(answer));
        ASSERT_TRUE(sealed.exchange == Exchange::ANSWERED &&
                    sealed.action == channel::ACTION_REPLACE);
        ASSERT_EQ(message(252, option(705, answer)), sealed.octets);
    }
}

TEST(EngineSupervisorTest, aRequestIsAnsweredABadQueryDroppedWithTheEnginesReason) {
    Fixture fixture("");
    const auto supervisor = fixture.start();
    const Verdict reply = receive(*supervisor, relayed(message(253, option(701, {1}))));
    ASSERT_TRUE(reply.action == channel::ACTION_REPLY && !reply.octets.empty());
    EXPECT_EQ(MESSAGE_RELAY_REPLY, reply.octets[0]);
    EXPECT_TRUE(reply.reason.empty() && reply.host_identifier.empty());
    const Verdict drop = receive(*supervisor, message(251, option(706, {1})));
    EXPECT_TRUE(drop.exchange == Exchange::ANSWERED && drop.action == channel::ACTION_DROP);
    EXPECT_EQ("malformed", drop.reason);
    EXPECT_EQ("not a fake query", drop.text);
    QueryHandle unknown = receive(*supervisor, encryptedQuery()).query;
    unknown.handle = 99;
    EXPECT_EQ("unknown-handle", supervisor->seal(unknown, toOctets(encryptedQuery())).reason);
}

TEST(EngineSupervisorTest, aReplyThatTellsOfAFailureHasTheFailuresReason) {
    Fixture fixture("report");
    const auto supervisor = fixture.start();
    const Verdict reply = receive(*supervisor, message(253, option(701, {1})));
    ASSERT_TRUE(reply.action == channel::ACTION_REPLY && !reply.octets.empty());
    EXPECT_EQ("malformed", reply.reason);
}

TEST(EngineSupervisorTest, aCommandIsAnswered) {
    Fixture fixture("");
    const auto supervisor = fixture.start();
    for (const char* const json : {"{}", "{\"command\": \"encryption-status\"}"}) {
        const CommandAnswer answer = supervisor->command(json);
        ASSERT_EQ(Exchange::ANSWERED, answer.exchange);
        ASSERT_EQ("{\"result\": 3, \"text\": \"fake\", \"arguments\": " + std::string(json) + "}",
                  answer.json);
    }
}

TEST(EngineSupervisorTest, anUnansweredCommandCostsOneWaitUntilSomethingIsAnswered) {
    Fixture fixture("mute-command");
    fixture.settings.command_timeout = seconds(1);
    const auto supervisor = fixture.start();
    EXPECT_EQ(Exchange::TIMED_OUT, supervisor->command("{}").exchange);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(Exchange::TIMED_OUT, supervisor->command("{}").exchange);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun,
              seconds(100));  // with waits it would be two hundred
    // What is answered at last ends the silence.
    Exchange exchange = Exchange::TIMED_OUT;
    for (int i = 0; i < 60000 && exchange != Exchange::ANSWERED; ++i) {
        exchange = supervisor->command("{\"speak\": 1}").exchange;
        ::usleep(1000);
    }
    EXPECT_EQ(Exchange::ANSWERED, exchange);
}

TEST(EngineSupervisorTest, aCommandToAnEngineThatDiesWithItAndToNone) {
    Fixture fixture("die-on-command");
    const auto supervisor = fixture.start();
    ::setenv("FAKE_ENGINE", "exit", 1);  // the next one
    EXPECT_EQ(Exchange::DOWN, supervisor->command("{}").exchange);
    fixture.diary.await("ended");
    fixture.diary.await("not started");
    EXPECT_EQ(Exchange::DOWN, supervisor->command("{}").exchange);
}

TEST(EngineSupervisorTest, anEngineThatRefusesEndsKeepsSilentOrSpeaksAnotherVersion) {
    EXPECT_EQ("\"certificate\" is \"x\": it must be a PEM file", Fixture("refuse").refusal());
    EXPECT_TRUE(contains(Fixture("exit").refusal(),
                         "exit status 3: Error: the fake engine was told to fail"));
    EXPECT_TRUE(contains(Fixture("garbage").refusal(), "does not speak version 2"));
    EXPECT_TRUE(contains(Fixture("nonsense").refusal(), "it lacks \"workers\""));
    EXPECT_TRUE(contains(Fixture("deep").refusal(), "nested deeper than 64 levels"));
    Fixture silent("silent");
    silent.settings.start_timeout = milliseconds(100);
    EXPECT_TRUE(contains(silent.refusal(), "did not answer within 0.1 s"));
    // Silence is what is limited, not work; but a machine that is busy may be silent, too.
    std::string problem = "not tried";
    for (int i = 0; i < 20 && !problem.empty(); ++i) {
        Fixture slow("slow");
        slow.settings.start_timeout = milliseconds(700);
        problem = slow.refusal();
    }
    EXPECT_EQ("", problem);
    Fixture missing("");
    missing.settings.command = {"/nonexistent/node", "main.js"};
    EXPECT_EQ("\"engine.node\" is \"/nonexistent/node\": it must be a Node.js program that can be "
              "started "
              "(No such file or directory)",
              missing.refusal());
    Fixture nobody("");
    nobody.settings.command.clear();
    nobody.settings.socket = "/nonexistent/socket";
    EXPECT_TRUE(contains(nobody.refusal(), "\"engine.socket\" is \"/nonexistent/socket\""));
    EXPECT_TRUE(children().empty());
}

TEST(EngineSupervisorTest, anEngineThatDiesIsStartedAgainAndItsHandlesDieWithIt) {
    Fixture fixture("bound");
    const auto supervisor = fixture.start();
    const Bytes duid = {0, 3, 0, 1, 10, 11, 12, 13, 14, 15};
    EXPECT_TRUE(fixture.bound.contains(toOctets(duid)));
    const QueryHandle old = receive(*supervisor, encryptedQuery()).query;
    fixture.diary.await("in service");
    ::kill(children().at(0), SIGKILL);
    EXPECT_EQ("ended ended with signal 9 100", fixture.diary.await("ended"));
    EXPECT_TRUE(fixture.bound.contains(toOctets(duid)));
    fixture.diary.await("restarting");
    fixture.diary.await("in service");
    EXPECT_EQ(Exchange::DOWN, supervisor->seal(old, toOctets(encryptedQuery())).exchange);
    const Verdict verdict = receive(*supervisor, encryptedQuery());
    EXPECT_EQ(Exchange::ANSWERED, verdict.exchange);
    EXPECT_NE(verdict.query.generation, old.generation);
}

TEST(EngineSupervisorTest, anEngineThatFailsAgainAndAgainIsStartedLessAndLessOften) {
    Fixture fixture("");
    const auto supervisor = fixture.start();
    fixture.diary.await("in service");
    ::setenv("FAKE_ENGINE", "exit", 1);
    ::kill(children().at(0), SIGKILL);
    fixture.diary.await("ended");
    for (const char* const delay : {" 200", " 400", " 800"}) {
        const std::string entry = fixture.diary.await("not started");
        ASSERT_TRUE(contains(entry, "exit status 3") && contains(entry, delay));
        ASSERT_EQ(Exchange::DOWN, receive(*supervisor, encryptedQuery()).exchange);
    }
    ::setenv("FAKE_ENGINE", "", 1);
    fixture.diary.await("in service");
    EXPECT_EQ(Exchange::ANSWERED, receive(*supervisor, encryptedQuery()).exchange);
}

TEST(EngineSupervisorTest, anEngineThatDiesWhileItIsAsked) {
    Fixture fixture("die-on-send");
    const auto supervisor = fixture.start();
    const QueryHandle query = receive(*supervisor, encryptedQuery()).query;
    EXPECT_EQ(Exchange::DOWN, supervisor->seal(query, toOctets(encryptedQuery())).exchange);
    EXPECT_EQ("ended ended with exit status 4 100", fixture.diary.await("ended"));
}

TEST(EngineSupervisorTest, atItsEndNoChildAndNoThreadIsLeftEvenOfAStoppedEngine) {
    for (const bool stopped : {false, true}) {
        Fixture fixture("");
        auto supervisor = fixture.start();
        ASSERT_EQ(size_t(1), children().size());
        if (stopped) {
            ::kill(children().at(0), SIGSTOP);
        }
        supervisor.reset();
        ASSERT_TRUE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD);
    }
}

TEST(EngineSupervisorTest, aConfigurationAsLongAsAFrameCanBe) {
    Fixture fixture("");
    const std::string text(channel::MAX_FRAME_LENGTH - channel::HEADER_LENGTH, ' ');
    ASSERT_TRUE(fixture.start(text) != nullptr);
}
