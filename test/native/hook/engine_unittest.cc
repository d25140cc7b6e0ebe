// SPDX-License-Identifier: MPL-2.0

#include "log_file.h"
#include "octets.h"

#include <hook/engine/engine.h>

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <fstream>

using namespace kea_encryption;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// The fake engine, kept at work.
struct Fixture {
    LogFile log;
    EngineSource source;
    std::atomic<int> restarts = {0};

    explicit Fixture(const char* behaviour) {
        ::setenv("FAKE_ENGINE", behaviour, 1);
        source.command = {FAKE_ENGINE, "--control-fd", "3"};
        source.command_timeout = seconds(60);
    }

    std::unique_ptr<Engine> start(const std::string& configuration = "{}") {
        auto engine = std::make_unique<Engine>(source, configuration, [this](Engine::Event event) {
            restarts += event == Engine::Event::RESTART ? 1 : 0;
        });
        told = engine->start();
        return (engine);
    }

    std::string refusal(const std::string& configuration = "{}") {
        try {
            start(configuration);
        } catch (const EngineError& error) {
            return (error.what());
        }
        return ("");
    }

    /// Does what Kea's main thread does until something is logged. Returns the line.
    std::string await(Engine& engine, const std::string& part) {
        return (log.await(part, [&engine] { engine.handleEvents(); }));
    }

    isc::data::ConstElementPtr told;
};

Bytes
encryptedQuery() {
    return (message(251, option(705, message(1, option(1, {0, 3, 0, 1, 5})))));
}

Verdict
receive(Engine& engine, const Bytes& datagram, uint64_t client = 0) {
    static const uint8_t source[ADDRESS_LENGTH] = {0xfe, 0x80};
    ReceiveRequest request;
    request.source = source;
    request.datagram = toOctets(datagram);
    request.affinity_hash = client;
    return (engine.receive(request));
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

TEST(EngineTest, aQueryIsDecryptedAndItsAnswerSealed) {
    Fixture fixture("certificate");
    const auto engine = fixture.start();
    EXPECT_EQ(2, fixture.told->get("workers")->intValue());
    EXPECT_EQ(size_t(1),
              fixture.log.count("ENCRYPTION_ENGINE_STARTED the engine is in service with 2"));
    EXPECT_EQ(size_t(1),
              fixture.log.count("ENCRYPTION_ENGINE_INFO engine: fake engine configured"));
    for (uint64_t client = 0; client < 4; ++client) {
        const Verdict verdict = receive(*engine, encryptedQuery(), client);
        ASSERT_TRUE(verdict.exchange == Exchange::ANSWERED &&
                    verdict.action == channel::ACTION_REPLACE);
        ASSERT_EQ(channel::CREDENTIAL_CERTIFICATE, verdict.credential);
        ASSERT_EQ("a fake client", verdict.text);
        ASSERT_EQ("fake-host",
                  std::string(verdict.host_identifier.begin(), verdict.host_identifier.end()));
        ASSERT_EQ(message(1, option(1, {0, 3, 0, 1, 5})), verdict.octets);
        ASSERT_EQ(client % 2, uint64_t(verdict.query.worker));
        const Bytes answer = message(2, option(13, {0, 0}));
        const Verdict sealed = engine->seal(verdict.query, toOctets(answer));
        ASSERT_TRUE(sealed.exchange == Exchange::ANSWERED &&
                    sealed.action == channel::ACTION_REPLACE);
        ASSERT_EQ(message(252, option(705, answer)), sealed.octets);
    }
}

TEST(EngineTest, aRequestIsAnsweredABadQueryDroppedWithTheEnginesReason) {
    Fixture fixture("");
    const auto engine = fixture.start();
    const Verdict reply = receive(*engine, relayed(message(253, option(701, {1}))));
    ASSERT_TRUE(reply.action == channel::ACTION_REPLY && !reply.octets.empty());
    EXPECT_EQ(MESSAGE_RELAY_REPLY, reply.octets[0]);
    EXPECT_TRUE(reply.reason.empty() && reply.host_identifier.empty());
    const Verdict drop = receive(*engine, message(251, option(706, {1})));
    EXPECT_TRUE(drop.exchange == Exchange::ANSWERED && drop.action == channel::ACTION_DROP);
    EXPECT_EQ("malformed", drop.reason);
    EXPECT_EQ("not a fake query", drop.text);
    QueryHandle unknown = receive(*engine, encryptedQuery()).query;
    unknown.handle = 99;
    EXPECT_EQ("unknown-handle", engine->seal(unknown, toOctets(encryptedQuery())).reason);
}

TEST(EngineTest, aReplyThatTellsOfAFailureHasTheFailuresReason) {
    Fixture fixture("report");
    const auto engine = fixture.start();
    const Verdict reply = receive(*engine, message(253, option(701, {1})));
    ASSERT_TRUE(reply.action == channel::ACTION_REPLY && !reply.octets.empty());
    EXPECT_EQ("malformed", reply.reason);
}

TEST(EngineTest, aCommandIsAnswered) {
    Fixture fixture("");
    const auto engine = fixture.start();
    for (const char* const json : {"{}", "{\"command\": \"encryption-status\"}"}) {
        const CommandAnswer answer = engine->command(json);
        ASSERT_EQ(Exchange::ANSWERED, answer.exchange);
        ASSERT_EQ("{\"result\": 3, \"text\": \"fake\", \"arguments\": " + std::string(json) + "}",
                  answer.json);
    }
}

TEST(EngineTest, anUnansweredCommandCostsOneWaitUntilSomethingIsAnswered) {
    Fixture fixture("mute-command");
    fixture.source.command_timeout = seconds(1);
    const auto engine = fixture.start();
    EXPECT_EQ(Exchange::TIMED_OUT, engine->command("{}").exchange);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(Exchange::TIMED_OUT, engine->command("{}").exchange);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun,
              seconds(100));  // with waits it would be two hundred
    // What is answered at last ends the silence.
    Exchange exchange = Exchange::TIMED_OUT;
    for (int i = 0; i < 60000 && exchange != Exchange::ANSWERED; ++i) {
        exchange = engine->command("{\"speak\": 1}").exchange;
        ::usleep(1000);
    }
    EXPECT_EQ(Exchange::ANSWERED, exchange);
}

TEST(EngineTest, aCommandToAnEngineThatDiesWithItAndToNone) {
    Fixture fixture("die-on-command");
    const auto engine = fixture.start();
    ::setenv("FAKE_ENGINE", "exit", 1);  // the next one
    EXPECT_EQ(Exchange::DOWN, engine->command("{}").exchange);
    fixture.await(*engine, "ENCRYPTION_ENGINE_ENDED the engine ended with exit status 5;");
    fixture.await(*engine, "ENCRYPTION_ENGINE_START_FAILED");
    EXPECT_EQ(Exchange::DOWN, engine->command("{}").exchange);
}

TEST(EngineTest, anEngineThatRefusesEndsKeepsSilentOrSpeaksAnotherVersion) {
    EXPECT_EQ("\"certificate\" is \"x\": it must be a PEM file", Fixture("refuse").refusal());
    EXPECT_TRUE(contains(Fixture("exit").refusal(),
                         "exit status 3: Error: the fake engine was told to fail"));
    EXPECT_TRUE(contains(Fixture("garbage").refusal(), "does not speak version 5"));
    EXPECT_TRUE(contains(Fixture("nonsense").refusal(), "missing parameter 'workers'"));
    EXPECT_TRUE(contains(Fixture("deep").refusal(), "nested deeper than 64 levels"));
    Fixture silent("silent");
    silent.source.start_timeout = milliseconds(100);
    EXPECT_TRUE(contains(silent.refusal(), "did not answer within 0.1 s"));
    // Silence is what is limited, not work; but a machine that is busy may be silent, too.
    std::string problem = "not tried";
    for (int i = 0; i < 20 && !problem.empty(); ++i) {
        Fixture slow("slow");
        slow.source.start_timeout = milliseconds(700);
        problem = slow.refusal();
    }
    EXPECT_EQ("", problem);
    Fixture missing("");
    missing.source.command = {"/nonexistent/node", "main.js"};
    EXPECT_EQ("parameters.engine.node: \"/nonexistent/node\" is not a Node.js program that can be "
              "started (No such file or directory)",
              missing.refusal());
    Fixture nobody("");
    nobody.source.command.clear();
    nobody.source.socket = "/nonexistent/socket";
    EXPECT_TRUE(contains(nobody.refusal(),
                         "parameters.engine.socket: \"/nonexistent/socket\" is not the socket"));
    EXPECT_TRUE(children().empty());
}

TEST(EngineTest, anEngineThatDiesIsStartedAgainAndItsHandlesDieWithIt) {
    Fixture fixture("");
    const auto engine = fixture.start();
    const QueryHandle old = receive(*engine, encryptedQuery()).query;
    fixture.await(*engine, "ENCRYPTION_ENGINE_STARTED");
    ::kill(children().at(0), SIGKILL);
    fixture.await(*engine, "ENCRYPTION_ENGINE_ENDED the engine ended with signal 9; it is started "
                           "again in 100 ms");
    EXPECT_EQ(0, fixture.restarts.load());
    fixture.await(*engine, "ENCRYPTION_ENGINE_STARTED");
    EXPECT_EQ(1, fixture.restarts.load());
    EXPECT_EQ(Exchange::DOWN, engine->seal(old, toOctets(encryptedQuery())).exchange);
    const Verdict verdict = receive(*engine, encryptedQuery());
    EXPECT_EQ(Exchange::ANSWERED, verdict.exchange);
    EXPECT_NE(verdict.query.generation, old.generation);
}

TEST(EngineTest, anEngineThatFailsAgainAndAgainIsStartedLessAndLessOften) {
    Fixture fixture("");
    const auto engine = fixture.start();
    fixture.await(*engine, "ENCRYPTION_ENGINE_STARTED");
    ::setenv("FAKE_ENGINE", "exit", 1);
    ::kill(children().at(0), SIGKILL);
    fixture.await(*engine, "ENCRYPTION_ENGINE_ENDED");
    for (const char* const delay : {" 200 ms", " 400 ms", " 800 ms"}) {
        const std::string entry = fixture.await(*engine, "ENCRYPTION_ENGINE_START_FAILED");
        ASSERT_TRUE(contains(entry, "exit status 3") && contains(entry, delay));
        ASSERT_EQ(Exchange::DOWN, receive(*engine, encryptedQuery()).exchange);
    }
    ::setenv("FAKE_ENGINE", "", 1);
    fixture.await(*engine, "ENCRYPTION_ENGINE_STARTED");
    EXPECT_EQ(4, fixture.restarts.load());
    EXPECT_EQ(Exchange::ANSWERED, receive(*engine, encryptedQuery()).exchange);
}

TEST(EngineTest, anEngineThatDiesWhileItIsAsked) {
    Fixture fixture("die-on-send");
    const auto engine = fixture.start();
    const QueryHandle query = receive(*engine, encryptedQuery()).query;
    EXPECT_EQ(Exchange::DOWN, engine->seal(query, toOctets(encryptedQuery())).exchange);
    fixture.await(*engine, "ENCRYPTION_ENGINE_ENDED the engine ended with exit status 4; it is "
                           "started again in 100 ms");
}

TEST(EngineTest, atItsEndNoChildAndNoThreadIsLeftEvenOfAStoppedEngine) {
    for (const bool stopped : {false, true}) {
        Fixture fixture("");
        auto engine = fixture.start();
        ASSERT_EQ(size_t(1), children().size());
        if (stopped) {
            ::kill(children().at(0), SIGSTOP);
        }
        engine.reset();
        ASSERT_TRUE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD);
    }
}

TEST(EngineTest, anEngineThatGoesOnWithoutItsConnectionIsKilledAndFollowedByAnother) {
    Fixture fixture("hang-up");
    const auto engine = fixture.start();
    EXPECT_EQ(Exchange::DOWN, engine->command("{}").exchange);
    ::setenv("FAKE_ENGINE", "", 1);
    fixture.await(*engine, "ENCRYPTION_ENGINE_ENDED the engine ended with signal 9;");
    fixture.await(*engine, "ENCRYPTION_ENGINE_STARTED");
    EXPECT_EQ(Exchange::ANSWERED, engine->command("{}").exchange);
}

TEST(EngineTest, whatItSaidAtLastIsLoggedAndItsLastWords) {
    Fixture fixture("die-loudly");
    const auto engine = fixture.start();
    EXPECT_EQ(Exchange::DOWN, engine->command("{}").exchange);
    fixture.await(*engine, "ENCRYPTION_ENGINE_ERROR engine: a thread has died");
    fixture.await(*engine,
                  "ENCRYPTION_ENGINE_ENDED the engine ended with exit status 6: Error: the "
                  "last words; it is started again in 100 ms");
}

TEST(EngineTest, aFloodOfItsLogLinesHoldsUpNobody) {
    Fixture fixture("flood");
    const auto engine = fixture.start();
    ASSERT_EQ(Exchange::ANSWERED, engine->command("{}").exchange);
    const auto lines = [&fixture] { return (fixture.log.count("engine: a line of a flood")); };
    // Kea may receive a packet in between.
    for (size_t before = lines(); before < 1000; before = lines()) {
        engine->handleEvents();
        ASSERT_LE(lines(), before + 64);
    }
    EXPECT_EQ(Exchange::ANSWERED, receive(*engine, encryptedQuery()).exchange);
}

TEST(EngineTest, aConfigurationOfAnyLength) {
    Fixture fixture("length");
    fixture.start(std::string(5000000, ' '));
    EXPECT_EQ(5000000, fixture.told->get("length")->intValue());
}
