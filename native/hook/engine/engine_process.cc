// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "engine_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

extern char** environ;

namespace kea_encryption {

namespace {

/// Descriptors that are to be moved in the child lie above those that they are moved to.
constexpr int LOWEST_DESCRIPTOR = 10;

/// How long a child may take to end after SIGTERM.
constexpr std::chrono::milliseconds SIGTERM_PATIENCE(500);

Descriptor
moveUp(int fd) {
    const Descriptor original(fd);
    return (Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR)));
}

std::string
errorText(int error) {
    return (std::strerror(error));
}

/// Attributes and file actions of posix_spawn, freed at the end of the scope.
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

EngineProcess::EngineProcess(const std::vector<std::string>& command) {
    int control[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0) {
        throw EngineError("no socket for the engine's control connection: " + errorText(errno));
    }
    control_ = Descriptor(control[0]);
    const Descriptor child_control = moveUp(control[1]);
    int output[2];
    if (::pipe2(output, O_CLOEXEC) < 0) {
        throw EngineError("no pipe for the engine's output: " + errorText(errno));
    }
    output_ = Descriptor(output[0]);
    const Descriptor child_output = moveUp(output[1]);
    if (!child_control || !child_output || ::fcntl(output_.get(), F_SETFL, O_NONBLOCK) < 0) {
        throw EngineError("no descriptor for the engine: " + errorText(errno));
    }

    SpawnSettings settings;
    sigset_t signals;
    sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&settings.attributes, &signals);
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    ::posix_spawnattr_setsigmask(&settings.attributes, &signals);
    ::posix_spawnattr_setflags(&settings.attributes,
                               POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    ::posix_spawn_file_actions_addopen(&settings.actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&settings.actions, child_output.get(), 1);
    ::posix_spawn_file_actions_adddup2(&settings.actions, child_output.get(), 2);
    ::posix_spawn_file_actions_adddup2(&settings.actions, child_control.get(),
                                       ENGINE_CONTROL_DESCRIPTOR);
    ::posix_spawn_file_actions_addclosefrom_np(&settings.actions, ENGINE_CONTROL_DESCRIPTOR + 1);

    std::vector<char*> arguments;
    for (const std::string& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);

    pid_t pid;
    const int error = ::posix_spawnp(&pid, arguments[0], &settings.actions, &settings.attributes,
                                     arguments.data(), environ);
    if (error != 0) {
        throw EngineError(errorText(error));
    }
    process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    // Without a pidfd the child has ended and been reaped already.
    running_ = static_cast<bool>(process_);
    status_ = "unknown";
}

EngineProcess::~EngineProcess() {
    control_.reset();
    stop(std::chrono::milliseconds(0));
}

bool
EngineProcess::readChunk(std::string& chunk) {
    char buffer[4096];
    for (;;) {
        const ssize_t length = ::read(output_.get(), buffer, sizeof(buffer));
        if (length > 0) {
            chunk.assign(buffer, static_cast<size_t>(length));
            return (true);
        }
        if (length == 0 || (errno != EINTR && errno != EAGAIN)) {
            return (false);
        }
        if (errno == EAGAIN) {
            return (true);
        }
    }
}

void
EngineProcess::remember(const std::string& line) {
    // Node.js prints a stack trace and its version after the line that names the error.
    const bool names_error = line.find("Error: ") != std::string::npos;
    const bool had_error = last_words_.find("Error: ") != std::string::npos;
    if (names_error || !had_error) {
        last_words_ = line;
    }
}

void
EngineProcess::signal(int number) {
    ::syscall(SYS_pidfd_send_signal, process_.get(), number, nullptr, 0);
}

bool
EngineProcess::waitEnd(std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (running_) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        struct pollfd entry = {process_.get(), POLLIN, 0};
        const int result = ::poll(&entry, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (result < 0 && errno == EINTR) {
            continue;
        }
        if (result <= 0) {
            return (false);
        }
        siginfo_t how = {};
        if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process_.get()), &how,
                     WEXITED) == 0) {
            status_ = (how.si_code == CLD_EXITED ? "exit status " : "signal ") +
                      std::to_string(how.si_status);
        } else if (errno == EINTR) {
            continue;
        }
        running_ = false;
    }
    return (true);
}

void
EngineProcess::stop(std::chrono::milliseconds kindness) {
    if (waitEnd(kindness)) {
        return;
    }
    signal(SIGTERM);
    if (waitEnd(SIGTERM_PATIENCE)) {
        return;
    }
    signal(SIGKILL);
    // Nothing holds up SIGKILL but the kernel itself.
    waitEnd(std::chrono::seconds(10));
}

Descriptor
connectEngine(const std::string& path) {
    struct sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path)) {
        throw EngineError("a socket's path has 1 to " +
                          std::to_string(sizeof(address.sun_path) - 1) + " characters");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    // Non-blocking while connecting only: an engine that accepts nobody must not hold Kea up.
    Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket || ::connect(socket.get(), reinterpret_cast<const struct sockaddr*>(&address),
                             sizeof(address)) < 0) {
        throw EngineError(errorText(errno));
    }
    return (socket);
}

}  // namespace kea_encryption
