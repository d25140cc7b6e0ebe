// SPDX-License-Identifier: MPL-2.0

#include "engine_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

extern char** environ;

namespace kea_encryption {

namespace {

/// @brief Descriptors that are to be moved in the child lie above those that they are moved to.
constexpr int LOWEST_DESCRIPTOR = 10;

/// @brief Octets of output that are kept. Linux refuses what the engine writes beyond them.
constexpr size_t MAX_OUTPUT = 262144;

/// @brief Characters of the last words that are told.
constexpr size_t MAX_WORDS = 1024;

Descriptor
moveUp(int fd) {
    const Descriptor original(fd);
    Descriptor moved(::fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR));
    if (!moved) {
        isc_throw(EngineError, "no descriptor for the engine: " << std::strerror(errno));
    }
    return (moved);
}

/// @brief Makes a file in memory of no size yet.
Descriptor
makeEmptyMemoryFile() {
    constexpr unsigned NOEXEC_SEAL = 8;  // which Linux has from 6.3 on, and may insist on
    constexpr unsigned FLAGS = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    Descriptor file(::memfd_create("kea-encryption", FLAGS | NOEXEC_SEAL));
    if (!file && errno == EINVAL) {
        file.reset(::memfd_create("kea-encryption", FLAGS));
    }
    if (!file) {
        isc_throw(EngineError, "no file in memory: " << std::strerror(errno));
    }
    return (file);
}

Descriptor
makeOutput() {
    Descriptor output = makeEmptyMemoryFile();
    if (::ftruncate(output.get(), MAX_OUTPUT) < 0 ||
        ::fcntl(output.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) < 0) {
        isc_throw(EngineError, "no memory for the engine's output: " << std::strerror(errno));
    }
    return (output);
}

/// @brief Attributes and file actions of posix_spawn, freed at the end of the scope.
struct SpawnSettings {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;

    SpawnSettings() {
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_init(&actions);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
};

}  // namespace

Descriptor
makeMemoryFile(const std::string& text) {
    Descriptor file = makeEmptyMemoryFile();
    for (size_t done = 0; done < text.size();) {
        const ssize_t count = ::write(file.get(), text.data() + done, text.size() - done);
        if (count < 0 && errno != EINTR) {
            isc_throw(EngineError,
                      "no memory for the engine's configuration: " << std::strerror(errno));
        }
        done += count > 0 ? static_cast<size_t>(count) : 0;
    }
    constexpr int SEALS = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    if (::fcntl(file.get(), F_ADD_SEALS, SEALS) < 0) {
        isc_throw(EngineError,
                  "the engine's configuration cannot be sealed: " << std::strerror(errno));
    }
    return (file);
}

EngineProcess::EngineProcess(const std::vector<std::string>& command, const std::string& settings)
    : output_(makeOutput()) {
    int control[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0) {
        isc_throw(EngineError,
                  "no socket for the engine's control connection: " << std::strerror(errno));
    }
    control_.reset(control[0]);
    const Descriptor child_control = moveUp(control[1]);
    const Descriptor child_output = moveUp(::dup(output_.get()));
    const Descriptor child_settings = moveUp(makeMemoryFile(settings).release());

    SpawnSettings spawn;
    sigset_t signals;
    sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&spawn.attributes, &signals);
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    ::posix_spawnattr_setsigmask(&spawn.attributes, &signals);
    ::posix_spawnattr_setflags(&spawn.attributes,
                               POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    ::posix_spawn_file_actions_addopen(&spawn.actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, child_output.get(), 1);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, child_output.get(), 2);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, child_control.get(),
                                       ENGINE_CONTROL_DESCRIPTOR);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, child_settings.get(),
                                       ENGINE_SETTINGS_DESCRIPTOR);
    ::posix_spawn_file_actions_addclosefrom_np(&spawn.actions, ENGINE_SETTINGS_DESCRIPTOR + 1);

    std::vector<char*> arguments;
    for (const std::string& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);

    pid_t pid;
    const int error = ::posix_spawnp(&pid, arguments[0], &spawn.actions, &spawn.attributes,
                                     arguments.data(), environ);
    if (error != 0) {
        isc_throw(EngineError, "parameters.engine.node: \""
                                   << command.front()
                                   << "\" is not a Node.js program that can be started ("
                                   << std::strerror(error) << ")");
    }
    // Without a pidfd the child has ended and been reaped already.
    process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

EngineProcess::~EngineProcess() {
    kill();
    reap();
}

void
EngineProcess::kill() {
    if (process_) {
        ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0);
    }
}

std::string
EngineProcess::reap() {
    std::string how = "unknown";
    if (process_) {
        siginfo_t told = {};
        int result;
        do {
            result = ::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process_.get()),
                              &told, WEXITED);
        } while (result < 0 && errno == EINTR);
        if (result == 0) {
            how = (told.si_code == CLD_EXITED ? "exit status " : "signal ") +
                  std::to_string(told.si_status);
        }
        process_.reset();
    }
    const std::string words = lastWords();
    return (words.empty() ? how : how + ": " + words);
}

/// @brief Node.js prints a stack trace and its version after the line that names the error.
std::string
EngineProcess::lastWords() const {
    std::string text(MAX_OUTPUT, '\0');
    const ssize_t length = ::pread(output_.get(), &text[0], text.size(), 0);
    text.resize(::strnlen(text.data(), length > 0 ? static_cast<size_t>(length) : 0));
    std::istringstream lines(text);
    std::string words;
    bool names_error = false;
    for (std::string line; std::getline(lines, line);) {
        const bool is_error = line.find("Error: ") != std::string::npos;
        if (!line.empty() && (is_error || !names_error)) {
            words = line.substr(0, MAX_WORDS);
            names_error = is_error;
        }
    }
    return (words);
}

bool
takesOption(const std::string& node, const std::string& option) {
    constexpr int PATIENCE = 10000;  // milliseconds
    const std::string success = "exit status 0";
    EngineProcess process({node, option, "--version"});
    struct pollfd entry = {process.descriptor(), POLLIN, 0};
    return (entry.fd >= 0 && ::poll(&entry, 1, PATIENCE) == 1 &&
            process.reap().compare(0, success.size(), success) == 0);
}

Descriptor
connectEngine(const std::string& path) {
    struct sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const size_t max = sizeof(address.sun_path) - 1;
    std::string why = "a socket's path has 1 to " + std::to_string(max) + " octets";
    if (!path.empty() && path.size() <= max) {
        std::memcpy(address.sun_path, path.data(), path.size());
        // Non-blocking: an engine that accepts nobody must not hold Kea up.
        Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (socket && ::connect(socket.get(), reinterpret_cast<const struct sockaddr*>(&address),
                                sizeof(address)) == 0) {
            return (socket);
        }
        why = std::strerror(errno);
    }
    isc_throw(EngineError, "parameters.engine.socket: \""
                               << path << "\" is not the socket of an engine that is running ("
                               << why << ")");
}

}  // namespace kea_encryption
