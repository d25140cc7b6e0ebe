// SPDX-License-Identifier: MPL-2.0

#include <hook/engine/engine_process.h>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

using namespace kea_encryption;

namespace {

std::vector<std::string>
shellCommand(const char* script) {
    return {"/bin/sh", "-c", script};
}

/// Waits until a child has ended. Returns how.
std::string
endOf(EngineProcess& process) {
    struct pollfd entry = {process.descriptor(), POLLIN, 0};
    EXPECT_EQ(1, ::poll(&entry, 1, 120000));
    return (process.reap());
}

/// The last word of a child that ends at once, and that it prints as its only line.
std::string
lineOf(const std::vector<std::string>& command, const std::string& settings = std::string()) {
    EngineProcess process(command, settings);
    const std::string how = endOf(process);
    EXPECT_EQ("exit status 0: ", how.substr(0, 15));
    return (how.substr(15));
}

/// Waits until the control connection brings something: the child is up.
void
awaitSign(const Descriptor& control) {
    char sign;
    EXPECT_EQ(1, ::recv(control.get(), &sign, 1, 0));
}

/// Waits until the child is stopped.
void
awaitStop(pid_t pid) {
    for (char state = 'R'; state != 'T';) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string skipped;
        ASSERT_TRUE(file >> skipped >> skipped >> state);
    }
}

}  // namespace

TEST(EngineProcessTest, exitStatusAndLastWordsAreTold) {
    EngineProcess process(
        shellCommand("echo start; echo 'Error: the cause' >&2; echo '    at x:1'; exit 3"));
    EXPECT_EQ("exit status 3: Error: the cause", endOf(process));
}

TEST(EngineProcessTest, theLastLineIsTheLastWordWhereNoneNamesAnError) {
    EngineProcess process(shellCommand("echo one; printf two"));
    EXPECT_EQ("exit status 0: two", endOf(process));
    EngineProcess silent(shellCommand("exit 4"));
    EXPECT_EQ("exit status 4", endOf(silent));
}

TEST(EngineProcessTest, endlessLinesAreCut) {
    EngineProcess process(shellCommand("head -c 5000 /dev/zero | tr '\\0' x"));
    EXPECT_EQ("exit status 0: " + std::string(1024, 'x'), endOf(process));
}

TEST(EngineProcessTest, outputWithoutEndIsNotKeptAndHoldsUpNobody) {
    EngineProcess process(shellCommand(
        "echo 'Error: the cause'; head -c 1000000 /dev/zero | tr '\\0' '\\n'; exit 6"));
    EXPECT_EQ("exit status 6: Error: the cause", endOf(process));
}

TEST(EngineProcessTest, aProgramThatIsNotThere) {
    EXPECT_THROW(EngineProcess({"/nonexistent/program"}), EngineError);
    EXPECT_THROW(EngineProcess({"no-such-program-in-the-path"}), EngineError);
}

TEST(EngineProcessTest,
     theChildHasNoDescriptorBut0To4WithTheControlConnectionAt3AndItsSettingsAt4) {
    // Descriptors such as Kea's sockets and lease file, without close-on-exec.
    const Descriptor leaky(::open("/dev/null", O_RDONLY));
    const Descriptor high(::fcntl(leaky.get(), F_DUPFD, 200));
    // ls itself opens the directory, as descriptor 5.
    EXPECT_EQ("0 1 2 3 4 5 ", lineOf(shellCommand("ls /proc/self/fd | tr '\\n' ' '")));
    EXPECT_EQ(size_t(0), lineOf(shellCommand("readlink /proc/self/fd/3")).find("socket:"));
    EXPECT_EQ("/dev/null", lineOf(shellCommand("readlink /proc/self/fd/0")));
    EXPECT_EQ("{\"mode\": 1}", lineOf(shellCommand("cat /proc/self/fd/4"), "{\"mode\": 1}"));
}

TEST(EngineProcessTest, anOptionIsTriedBeforeItIsUsed) {
    EXPECT_TRUE(takesOption("/bin/true", "--disable-sigusr1"));
    EXPECT_FALSE(takesOption("/bin/false", "--disable-sigusr1"));
    EXPECT_TRUE(takesOption("node", "--no-warnings"));
    EXPECT_FALSE(takesOption("node", "--no-such-option"));
    EXPECT_THROW(takesOption("/nonexistent/node", "--version"), EngineError);
}

TEST(EngineProcessTest, whatAMemoryFileHoldsStaysAsItIs) {
    const std::string text(100000, 'x');
    const Descriptor file = makeMemoryFile(text);
    struct stat status = {};
    ASSERT_EQ(0, ::fstat(file.get(), &status));
    EXPECT_EQ(static_cast<off_t>(text.size()), status.st_size);
    EXPECT_EQ(-1, ::pwrite(file.get(), "y", 1, 0));
    EXPECT_EQ(-1, ::ftruncate(file.get(), 0));
    EXPECT_EQ(0, ::fstat(makeMemoryFile("").get(), &status));
    EXPECT_EQ(0, status.st_size);
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
    const std::string mask = lineOf({"grep", "-E", "^SigBlk", "/proc/self/status"});
    const std::string ignored = lineOf({"grep", "-E", "^SigIgn", "/proc/self/status"});
    const std::string session = lineOf({"cut", "-d", " ", "-f", "1,6", "/proc/self/stat"});
    ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    ::sigaction(SIGPIPE, &before, nullptr);
    const uint64_t sigusr1 = 1ull << (SIGUSR1 - 1);
    EXPECT_EQ(sigusr1, std::stoull(mask.substr(8), nullptr, 16));
    // glibc has its own two signals ignored in what it spawns; the first 31 are the standard ones.
    EXPECT_EQ(0ull, std::stoull(ignored.substr(8), nullptr, 16) & 0x7fffffff);
    const size_t between = session.find(' ');
    EXPECT_EQ(session.substr(0, between), session.substr(between + 1));
}

TEST(EngineProcessTest, aChildEndsWhenItsControlConnectionCloses) {
    EngineProcess process(shellCommand("printf . >&3; cat <&3 >/dev/null; exit 0"));
    Descriptor control = process.takeControl();
    awaitSign(control);
    control.reset();
    EXPECT_EQ("exit status 0", endOf(process));
}

TEST(EngineProcessTest, aChildThatIsStoppedOrHeedsNoSIGTERMIsKilled) {
    EngineProcess stopped(shellCommand("echo $$ >&3; kill -STOP $$"));
    const Descriptor control = stopped.takeControl();
    char pid[16] = {};
    EXPECT_LT(0, ::recv(control.get(), pid, sizeof(pid) - 1, 0));
    awaitStop(std::atoi(pid));
    stopped.kill();
    EXPECT_EQ("signal 9", endOf(stopped));
    EngineProcess deaf(shellCommand("trap '' TERM; printf . >&3; while :; do sleep 0.01; done"));
    awaitSign(deaf.takeControl());
    deaf.kill();
    EXPECT_EQ("signal 9", endOf(deaf));
}

TEST(EngineProcessTest, noChildIsLeftWhenItGoesOutOfScope) {
    { EngineProcess process(shellCommand("sleep 60")); }
    EXPECT_TRUE(::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD);
}

TEST(EngineProcessTest, aChildThatSomebodyElseReapedAsKeaMayHasEndedToo) {
    EngineProcess process(shellCommand("exit 1"));
    EXPECT_TRUE(::waitpid(-1, nullptr, 0) > 0);
    EXPECT_EQ("unknown", process.reap());
}

TEST(EngineProcessTest, anEngineThatAlreadyRuns) {
    EXPECT_THROW(connectEngine("/nonexistent/socket"), EngineError);
    EXPECT_THROW(connectEngine(""), EngineError);
    EXPECT_THROW(connectEngine(std::string(200, 'x')), EngineError);
}
