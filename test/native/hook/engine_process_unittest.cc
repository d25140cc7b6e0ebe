// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include <hook/engine/engine_process.h>

#include <gtest/gtest.h>

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

std::vector<std::string>
shellCommand(const char* script) {
    return {"/bin/sh", "-c", script};
}

/// All that a child prints until its output ends.
std::vector<std::string>
outputOf(EngineProcess& process) {
    std::vector<std::string> lines;
    const auto take = [&lines](const std::string& line) { lines.push_back(line); };
    do {
        struct pollfd entry = {process.outputDescriptor(), POLLIN, 0};
        ::poll(&entry, 1, 120000);
    } while (process.readOutput(take));
    return (lines);
}

/// Waits until a child has printed a line, so that it is known to run.
std::string
awaitLine(EngineProcess& process) {
    std::string seen;
    while (seen.empty()) {
        struct pollfd entry = {process.outputDescriptor(), POLLIN, 0};
        const bool is_up = ::poll(&entry, 1, 120000) == 1 &&
                           process.readOutput([&seen](const std::string& line) { seen = line; });
        if (!is_up) {
            throw std::runtime_error("the child printed no line");
        }
    }
    return (seen);
}

/// Waits until a process is stopped.
void
awaitStop(const std::string& pid) {
    for (char state = 'R'; state != 'T';) {
        std::ifstream file("/proc/" + pid + "/stat");
        std::string skipped;
        ASSERT_TRUE(file >> skipped >> skipped >> state);
    }
}

}  // namespace

TEST(EngineProcessTest, exitStatusAndLastWordsAreTold) {
    EngineProcess process(
        shellCommand("echo start; echo 'Error: the cause' >&2; echo '    at x:1'; exit 3"));
    EXPECT_EQ(size_t(3), outputOf(process).size());
    EXPECT_TRUE(process.waitEnd(seconds(120)));
    EXPECT_EQ("exit status 3", process.status());
    EXPECT_EQ("Error: the cause", process.lastWords());
}

TEST(EngineProcessTest, theLastLineIsTheLastWordWhereNoneNamesAnError) {
    EngineProcess process(shellCommand("echo one; printf two"));
    EXPECT_EQ("two", outputOf(process).back());
    EXPECT_EQ("two", process.lastWords());
}

TEST(EngineProcessTest, endlessLinesAreCut) {
    EngineProcess process(shellCommand("head -c 5000 /dev/zero | tr '\\0' x"));
    size_t total = 0;
    for (const std::string& line : outputOf(process)) {
        ASSERT_LE(line.size(), 1024);
        total += line.size();
    }
    EXPECT_EQ(size_t(5000), total);
}

TEST(EngineProcessTest, aProgramThatIsNotThere) {
    EXPECT_THROW(EngineProcess({"/nonexistent/program"}), EngineError);
    EXPECT_THROW(EngineProcess({"no-such-program-in-the-path"}), EngineError);
}

TEST(EngineProcessTest, theChildHasNoDescriptorBut0To3AndTheControlConnectionAt3) {
    // Descriptors such as Kea's sockets and lease file, without close-on-exec.
    const Descriptor leaky(::open("/dev/null", O_RDONLY));
    const Descriptor high(::fcntl(leaky.get(), F_DUPFD, 200));
    EngineProcess process(
        shellCommand("ls /proc/self/fd; readlink /proc/self/fd/3; readlink /proc/self/fd/0"));
    const std::vector<std::string> lines = outputOf(process);
    EXPECT_EQ("0", lines.at(0));
    EXPECT_EQ("3", lines.at(3));
    // ls itself opens the directory, as descriptor 4.
    EXPECT_EQ("4", lines.at(4));
    EXPECT_EQ(size_t(0), lines.at(5).find("socket:"));
    EXPECT_EQ("/dev/null", lines.at(6));
    EXPECT_EQ(size_t(7), lines.size());
}

TEST(EngineProcessTest, theChildHasDefaultSignalHandlingSIGUSR1BlockedAndASessionOfItsOwn) {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    struct sigaction before;
    ::sigaction(SIGPIPE, &ignore, &before);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    // Not by way of a shell, which clears the mask.
    EngineProcess signals({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"});
    EngineProcess ids({"cut", "-d", " ", "-f", "1,6", "/proc/self/stat"});
    const std::vector<std::string> lines = outputOf(signals);
    const std::vector<std::string> session = outputOf(ids);
    ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    ::sigaction(SIGPIPE, &before, nullptr);
    const uint64_t sigusr1 = 1ull << (SIGUSR1 - 1);
    EXPECT_EQ(sigusr1, std::stoull(lines.at(0).substr(8), nullptr, 16));
    // glibc has its own two signals ignored in what it spawns; the first 31 are the standard ones.
    EXPECT_EQ(0ull, std::stoull(lines.at(1).substr(8), nullptr, 16) & 0x7fffffff);
    const size_t between = session.at(0).find(' ');
    EXPECT_EQ(session.at(0).substr(0, between), session.at(0).substr(between + 1));
}

TEST(EngineProcessTest, aChildThatEndsWhenItsControlConnectionClosesIsNotKilled) {
    EngineProcess process(shellCommand("echo up; cat <&3 >/dev/null; exit 0"));
    Descriptor control = process.takeControl();
    awaitLine(process);
    control.reset();
    process.stop(seconds(120));
    EXPECT_EQ("exit status 0", process.status());
}

TEST(EngineProcessTest, aChildThatDoesNotEndIsToldToWithSIGTERM) {
    // On a machine that is busy it may be too late, and is killed.
    std::string status = "signal 9";
    for (int i = 0; i < 20 && status == "signal 9"; ++i) {
        EngineProcess process(
            shellCommand("trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done"));
        awaitLine(process);
        process.stop(milliseconds(0));
        status = process.status();
    }
    EXPECT_EQ("exit status 5", status);
}

TEST(EngineProcessTest, aChildThatIsStoppedOrHeedsNoSIGTERMIsKilled) {
    EngineProcess stopped(shellCommand("echo $$; kill -STOP $$"));
    awaitStop(awaitLine(stopped));
    stopped.stop(milliseconds(0));
    EXPECT_EQ("signal 9", stopped.status());
    EngineProcess deaf(shellCommand("trap '' TERM; echo up; while :; do sleep 0.01; done"));
    awaitLine(deaf);
    deaf.stop(milliseconds(0));
    EXPECT_EQ("signal 9", deaf.status());
}

TEST(EngineProcessTest, noChildIsLeftWhenItGoesOutOfScope) {
    { EngineProcess process(shellCommand("sleep 60")); }
    EXPECT_TRUE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD);
}

TEST(EngineProcessTest, aChildThatSomebodyElseReapedAsKeaMayHasEndedToo) {
    EngineProcess process(shellCommand("exit 1"));
    EXPECT_TRUE(::waitpid(-1, nullptr, 0) > 0);
    EXPECT_TRUE(process.waitEnd(seconds(120)));
    EXPECT_EQ("unknown", process.status());
}

TEST(EngineProcessTest, anEngineThatAlreadyRuns) {
    EXPECT_THROW(connectEngine("/nonexistent/socket"), EngineError);
    EXPECT_THROW(connectEngine(""), EngineError);
    EXPECT_THROW(connectEngine(std::string(200, 'x')), EngineError);
}
