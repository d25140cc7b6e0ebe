// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "check.h"

#include <hook/engine_process.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

using namespace kea_encryption;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::vector<std::string> shellCommand(const char *script) { return {"/bin/sh", "-c", script}; }

/// All that a child prints until its output ends.
std::vector<std::string> outputOf(EngineProcess &process) {
    std::vector<std::string> lines;
    const auto take = [&lines](const std::string &line) { lines.push_back(line); };
    do {
        struct pollfd entry = {process.outputDescriptor(), POLLIN, 0};
        ::poll(&entry, 1, 120000);
    } while (process.readOutput(take));
    return (lines);
}

/// Waits until a child has printed a line, so that it is known to run.
std::string awaitLine(EngineProcess &process) {
    std::string seen;
    while (seen.empty()) {
        struct pollfd entry = {process.outputDescriptor(), POLLIN, 0};
        REQUIRE(::poll(&entry, 1, 120000) == 1);
        REQUIRE(process.readOutput([&seen](const std::string &line) { seen = line; }));
    }
    return (seen);
}

/// Waits until a process is stopped.
void awaitStop(const std::string &pid) {
    for (char state = 'R'; state != 'T';) {
        std::ifstream file("/proc/" + pid + "/stat");
        std::string skipped;
        REQUIRE(file >> skipped >> skipped >> state);
    }
}

} // namespace

TEST_CASE("engine-process/exit status and last words are told") {
    EngineProcess process(shellCommand("echo start; echo 'Error: the cause' >&2; echo '    at x:1'; exit 3"));
    REQUIRE_EQUAL(size_t(3), outputOf(process).size());
    REQUIRE(process.waitEnd(seconds(120)));
    REQUIRE_EQUAL("exit status 3", process.status());
    REQUIRE_EQUAL("Error: the cause", process.lastWords());
}

TEST_CASE("engine-process/the last line is the last word where none names an error") {
    EngineProcess process(shellCommand("echo one; printf two"));
    REQUIRE_EQUAL("two", outputOf(process).back());
    REQUIRE_EQUAL("two", process.lastWords());
}

TEST_CASE("engine-process/endless lines are cut") {
    EngineProcess process(shellCommand("head -c 5000 /dev/zero | tr '\\0' x"));
    size_t total = 0;
    for (const std::string &line : outputOf(process)) {
        REQUIRE(line.size() <= 1024);
        total += line.size();
    }
    REQUIRE_EQUAL(size_t(5000), total);
}

TEST_CASE("engine-process/a program that is not there") {
    REQUIRE_THROWS(EngineError, EngineProcess({"/nonexistent/program"}));
    REQUIRE_THROWS(EngineError, EngineProcess({"no-such-program-in-the-path"}));
}

TEST_CASE("engine-process/the child has no descriptor but 0 to 3, and the control connection at 3") {
    // Descriptors such as Kea's sockets and lease file, without close-on-exec.
    const Descriptor leaky(::open("/dev/null", O_RDONLY));
    const Descriptor high(::fcntl(leaky.get(), F_DUPFD, 200));
    EngineProcess process(
        shellCommand("ls /proc/self/fd; readlink /proc/self/fd/3; readlink /proc/self/fd/0"));
    const std::vector<std::string> lines = outputOf(process);
    REQUIRE_EQUAL("0", lines.at(0));
    REQUIRE_EQUAL("3", lines.at(3));
    // ls itself opens the directory, as descriptor 4.
    REQUIRE_EQUAL("4", lines.at(4));
    REQUIRE_EQUAL(size_t(0), lines.at(5).find("socket:"));
    REQUIRE_EQUAL("/dev/null", lines.at(6));
    REQUIRE_EQUAL(size_t(7), lines.size());
}

TEST_CASE("engine-process/the child has default signal handling, an empty mask and a session of its own") {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    struct sigaction before;
    ::sigaction(SIGPIPE, &ignore, &before);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    EngineProcess process(
        shellCommand("grep -E '^Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f 1,6 /proc/$$/stat"));
    const std::vector<std::string> lines = outputOf(process);
    ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    ::sigaction(SIGPIPE, &before, nullptr);
    REQUIRE_EQUAL("SigBlk:\t0000000000000000", lines.at(0));
    // glibc has its own two signals ignored in what it spawns; the first 31 are the standard ones.
    REQUIRE_EQUAL(0ull, std::stoull(lines.at(1).substr(8), nullptr, 16) & 0x7fffffff);
    const std::string &ids = lines.at(2);
    REQUIRE_EQUAL(ids.substr(0, ids.find(' ')), ids.substr(ids.find(' ') + 1));
}

TEST_CASE("engine-process/a child that ends when its control connection closes is not killed") {
    EngineProcess process(shellCommand("echo up; cat <&3 >/dev/null; exit 0"));
    Descriptor control = process.takeControl();
    awaitLine(process);
    control.reset();
    process.stop(seconds(120));
    REQUIRE_EQUAL("exit status 0", process.status());
}

TEST_CASE("engine-process/a child that does not end is told to with SIGTERM") {
    // On a machine that is busy it may be too late, and is killed.
    std::string status = "signal 9";
    for (int i = 0; i < 20 && status == "signal 9"; ++i) {
        EngineProcess process(shellCommand("trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done"));
        awaitLine(process);
        process.stop(milliseconds(0));
        status = process.status();
    }
    REQUIRE_EQUAL("exit status 5", status);
}

TEST_CASE("engine-process/a child that is stopped or heeds no SIGTERM is killed") {
    EngineProcess stopped(shellCommand("echo $$; kill -STOP $$"));
    awaitStop(awaitLine(stopped));
    stopped.stop(milliseconds(0));
    REQUIRE_EQUAL("signal 9", stopped.status());
    EngineProcess deaf(shellCommand("trap '' TERM; echo up; while :; do sleep 0.01; done"));
    awaitLine(deaf);
    deaf.stop(milliseconds(0));
    REQUIRE_EQUAL("signal 9", deaf.status());
}

TEST_CASE("engine-process/no child is left when it goes out of scope") {
    { EngineProcess process(shellCommand("sleep 60")); }
    REQUIRE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD);
}

TEST_CASE("engine-process/a child that somebody else reaped, as Kea may, has ended too") {
    EngineProcess process(shellCommand("exit 1"));
    REQUIRE(::waitpid(-1, nullptr, 0) > 0);
    REQUIRE(process.waitEnd(seconds(120)));
    REQUIRE_EQUAL("unknown", process.status());
}

TEST_CASE("engine-process/an engine that already runs") {
    REQUIRE_THROWS(EngineError, connectEngine("/nonexistent/socket"));
    REQUIRE_THROWS(EngineError, connectEngine(""));
    REQUIRE_THROWS(EngineError, connectEngine(std::string(200, 'x')));
}
