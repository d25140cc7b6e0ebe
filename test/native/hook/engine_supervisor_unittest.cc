// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "check.h"
#include "octets.h"

#include <hook/engine_supervisor.h>

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
    void inService(uint16_t workers, const std::vector<std::string> &reasons) override {
        note("in service " + std::to_string(workers) + " " + reasons.at(0));
    }
    void ended(const std::string &how, milliseconds delay) override {
        note("ended " + how + " " + std::to_string(delay.count()));
    }
    void notStarted(const std::string &why, milliseconds delay) override {
        note("not started " + why + " " + std::to_string(delay.count()));
    }
    void restarting() override { note("restarting"); }
    void suspended(uint16_t, bool suspended) override { note(suspended ? "suspended" : "back"); }
    void logged(channel::Severity, const std::string &text) override { note("logged " + text); }
    void printed(const std::string &line) override { note("printed " + line); }

    /// Waits for an entry that begins so and takes it and all before it out. Returns the entry.
    std::string await(const std::string &beginning) {
        std::unique_lock<std::mutex> lock(mutex_);
        std::string found;
        REQUIRE(changed_.wait_for(lock, seconds(120), [&] {
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
    void note(const std::string &entry) {
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

    explicit Fixture(const char *behaviour) {
        ::setenv("FAKE_ENGINE", behaviour, 1);
        settings.command = {FAKE_ENGINE, "--control-fd", "3"};
        settings.timeout = seconds(60);
        settings.command_timeout = seconds(60);
    }

    std::unique_ptr<EngineSupervisor> start(const std::string &configuration = "{}") {
        auto supervisor = std::make_unique<EngineSupervisor>(settings, configuration, diary, bound);
        supervisor->start();
        return (supervisor);
    }

    std::string refusal(const std::string &configuration = "{}") {
        try {
            start(configuration);
        } catch (const EngineError &error) {
            return (error.what());
        }
        return ("");
    }
};

Bytes encryptedQuery() { return (message(251, option(705, message(1, option(1, {0, 3, 0, 1, 5}))))); }

Verdict receive(EngineSupervisor &supervisor, const Bytes &datagram, uint64_t client = 0) {
    static const uint8_t source[ADDRESS_LENGTH] = {0xfe, 0x80};
    ReceiveRequest request;
    request.source = source;
    request.datagram = toOctets(datagram);
    request.spread = client;
    return (supervisor.receive(request));
}

/// The children of this process.
std::vector<int> children() {
    std::ifstream list("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    std::vector<int> pids;
    for (int pid; list >> pid;) {
        pids.push_back(pid);
    }
    return (pids);
}

bool contains(const std::string &text, const std::string &part) {
    return (text.find(part) != std::string::npos);
}

} // namespace

TEST_CASE("engine-supervisor/a query is decrypted and its answer sealed") {
    Fixture fixture("certificate");
    const auto supervisor = fixture.start();
    REQUIRE_EQUAL("in service 2 malformed", fixture.diary.await("in service"));
    for (uint64_t client = 0; client < 4; ++client) {
        const Verdict verdict = receive(*supervisor, encryptedQuery(), client);
        REQUIRE(verdict.exchange == Exchange::ANSWERED && verdict.action == channel::ACTION_REPLACE);
        REQUIRE_EQUAL(channel::CREDENTIAL_CERTIFICATE, verdict.credential);
        REQUIRE_EQUAL("a fake client", verdict.text);
        REQUIRE_EQUAL("fake-host",
                      std::string(verdict.host_identifier.begin(), verdict.host_identifier.end()));
        REQUIRE(verdict.octets == message(1, option(1, {0, 3, 0, 1, 5})));
        REQUIRE_EQUAL(client % 2, uint64_t(verdict.query.worker));
        const Bytes answer = message(2, option(13, {0, 0}));
        const Sealed sealed = supervisor->seal(verdict.query, toOctets(answer));
        REQUIRE(sealed.exchange == Exchange::ANSWERED && sealed.action == channel::ACTION_REPLACE);
        REQUIRE(sealed.octets == message(252, option(705, answer)));
    }
}

TEST_CASE("engine-supervisor/a request is answered, a bad query dropped with the engine's reason") {
    Fixture fixture("");
    const auto supervisor = fixture.start();
    const Verdict reply = receive(*supervisor, relayed(message(253, option(701, {1}))));
    REQUIRE(reply.action == channel::ACTION_REPLY && !reply.octets.empty());
    REQUIRE_EQUAL(MESSAGE_RELAY_REPLY, reply.octets[0]);
    REQUIRE(reply.reason.empty() && reply.host_identifier.empty());
    const Verdict drop = receive(*supervisor, message(251, option(706, {1})));
    REQUIRE(drop.exchange == Exchange::ANSWERED && drop.action == channel::ACTION_DROP);
    REQUIRE_EQUAL("malformed", drop.reason);
    REQUIRE_EQUAL("not a fake query", drop.text);
    QueryHandle unknown = receive(*supervisor, encryptedQuery()).query;
    unknown.handle = 99;
    REQUIRE_EQUAL("unknown-handle", supervisor->seal(unknown, toOctets(encryptedQuery())).reason);
}

TEST_CASE("engine-supervisor/a reply that tells of a failure has the failure's reason") {
    Fixture fixture("report");
    const auto supervisor = fixture.start();
    const Verdict reply = receive(*supervisor, message(253, option(701, {1})));
    REQUIRE(reply.action == channel::ACTION_REPLY && !reply.octets.empty());
    REQUIRE_EQUAL("malformed", reply.reason);
}

TEST_CASE("engine-supervisor/a command is answered") {
    Fixture fixture("");
    const auto supervisor = fixture.start();
    for (const char *const json : {"{}", "{\"command\": \"encryption-status\"}"}) {
        const CommandAnswer answer = supervisor->command(json);
        REQUIRE(answer.exchange == Exchange::ANSWERED);
        REQUIRE_EQUAL("{\"result\": 3, \"text\": \"fake\", \"arguments\": " + std::string(json) + "}",
                      answer.json);
    }
}

TEST_CASE("engine-supervisor/a command that is not answered costs one wait, and no further one until "
          "something is") {
    Fixture fixture("mute-command");
    fixture.settings.command_timeout = seconds(1);
    const auto supervisor = fixture.start();
    REQUIRE(supervisor->command("{}").exchange == Exchange::TIMED_OUT);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
        REQUIRE(supervisor->command("{}").exchange == Exchange::TIMED_OUT);
    }
    REQUIRE(std::chrono::steady_clock::now() - begun < seconds(100)); // with waits it would be two hundred
    // What is answered at last ends the silence.
    Exchange exchange = Exchange::TIMED_OUT;
    for (int i = 0; i < 60000 && exchange != Exchange::ANSWERED; ++i) {
        exchange = supervisor->command("{\"speak\": 1}").exchange;
        ::usleep(1000);
    }
    REQUIRE(exchange == Exchange::ANSWERED);
}

TEST_CASE("engine-supervisor/a command to an engine that dies with it, and to none") {
    Fixture fixture("die-on-command");
    const auto supervisor = fixture.start();
    ::setenv("FAKE_ENGINE", "exit", 1); // the next one
    REQUIRE(supervisor->command("{}").exchange == Exchange::DOWN);
    fixture.diary.await("ended");
    fixture.diary.await("not started");
    REQUIRE(supervisor->command("{}").exchange == Exchange::DOWN);
}

TEST_CASE("engine-supervisor/an engine that refuses, ends, keeps silent or speaks another version") {
    REQUIRE_EQUAL("\"certificate\" is \"x\": it must be a PEM file", Fixture("refuse").refusal());
    REQUIRE(contains(Fixture("exit").refusal(), "exit status 3: Error: the fake engine was told to fail"));
    REQUIRE(contains(Fixture("garbage").refusal(), "does not speak version 1"));
    REQUIRE(contains(Fixture("nonsense").refusal(), "it lacks \"workers\""));
    REQUIRE(contains(Fixture("deep").refusal(), "nested deeper than 64 levels"));
    Fixture silent("silent");
    silent.settings.start_timeout = milliseconds(100);
    REQUIRE(contains(silent.refusal(), "did not answer within 0.1 s"));
    // Silence is what is limited, not work; but a machine that is busy may be silent, too.
    std::string problem = "not tried";
    for (int i = 0; i < 20 && !problem.empty(); ++i) {
        Fixture slow("slow");
        slow.settings.start_timeout = milliseconds(700);
        problem = slow.refusal();
    }
    REQUIRE_EQUAL("", problem);
    Fixture missing("");
    missing.settings.command = {"/nonexistent/node", "main.js"};
    REQUIRE_EQUAL(
        "\"engine.node\" is \"/nonexistent/node\": it must be a Node.js program that can be started "
        "(No such file or directory)",
        missing.refusal());
    Fixture nobody("");
    nobody.settings.command.clear();
    nobody.settings.socket = "/nonexistent/socket";
    REQUIRE(contains(nobody.refusal(), "\"engine.socket\" is \"/nonexistent/socket\""));
    REQUIRE(children().empty());
}

TEST_CASE("engine-supervisor/an engine that dies is started again, and its handles die with it") {
    Fixture fixture("bound");
    const auto supervisor = fixture.start();
    const Bytes duid = {0, 3, 0, 1, 10, 11, 12, 13, 14, 15};
    REQUIRE(fixture.bound.contains(toOctets(duid)));
    const QueryHandle old = receive(*supervisor, encryptedQuery()).query;
    fixture.diary.await("in service");
    ::kill(children().at(0), SIGKILL);
    REQUIRE_EQUAL("ended ended with signal 9 100", fixture.diary.await("ended"));
    REQUIRE(fixture.bound.contains(toOctets(duid)));
    fixture.diary.await("restarting");
    fixture.diary.await("in service");
    REQUIRE(supervisor->seal(old, toOctets(encryptedQuery())).exchange == Exchange::DOWN);
    const Verdict verdict = receive(*supervisor, encryptedQuery());
    REQUIRE(verdict.exchange == Exchange::ANSWERED);
    REQUIRE(verdict.query.generation != old.generation);
}

TEST_CASE("engine-supervisor/an engine that fails again and again is started less and less often") {
    Fixture fixture("");
    const auto supervisor = fixture.start();
    fixture.diary.await("in service");
    ::setenv("FAKE_ENGINE", "exit", 1);
    ::kill(children().at(0), SIGKILL);
    fixture.diary.await("ended");
    for (const char *const delay : {" 200", " 400", " 800"}) {
        const std::string entry = fixture.diary.await("not started");
        REQUIRE(contains(entry, "exit status 3") && contains(entry, delay));
        REQUIRE(receive(*supervisor, encryptedQuery()).exchange == Exchange::DOWN);
    }
    ::setenv("FAKE_ENGINE", "", 1);
    fixture.diary.await("in service");
    REQUIRE(receive(*supervisor, encryptedQuery()).exchange == Exchange::ANSWERED);
}

TEST_CASE("engine-supervisor/an engine that dies while it is asked") {
    Fixture fixture("die-on-send");
    const auto supervisor = fixture.start();
    const QueryHandle query = receive(*supervisor, encryptedQuery()).query;
    REQUIRE(supervisor->seal(query, toOctets(encryptedQuery())).exchange == Exchange::DOWN);
    REQUIRE_EQUAL("ended ended with exit status 4 100", fixture.diary.await("ended"));
}

TEST_CASE("engine-supervisor/at its end no child and no thread is left, even of a stopped engine") {
    for (const bool stopped : {false, true}) {
        Fixture fixture("");
        auto supervisor = fixture.start();
        REQUIRE_EQUAL(size_t(1), children().size());
        if (stopped) {
            ::kill(children().at(0), SIGSTOP);
        }
        supervisor.reset();
        REQUIRE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD);
    }
}

TEST_CASE("engine-supervisor/a configuration as long as a frame can be") {
    Fixture fixture("");
    const std::string text(channel::MAX_FRAME_LENGTH - channel::HEADER_LENGTH, ' ');
    REQUIRE(fixture.start(text) != nullptr);
}
