// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_ENGINE_PROCESS_H
#define KEA_ENCRYPTION_ENGINE_PROCESS_H

#include "descriptor.h"

#include <sys/types.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace kea_encryption {

/// The engine could not be started or reached, or refused. what() is meant for the operator.
class EngineError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The descriptor under which a started engine finds its control connection.
constexpr int ENGINE_CONTROL_DESCRIPTOR = 3;

/// An engine that this process started: a child process, its control connection and what it prints.
///
/// The child gets default signal handling, a signal mask of SIGUSR1 alone (which would end it until
/// it handles that; Node.js takes it out of the mask then), a session of its own (so that a
/// terminal's Ctrl-C reaches it only by way of the closed control connection) and no descriptor but
/// 0 (/dev/null), 1 and 2 (a pipe to here) and ENGINE_CONTROL_DESCRIPTOR: a child that shared Kea's
/// would keep its sockets and lease file open.
///
/// Kea reaps any child of its process when its own children end, so a process id alone may already
/// mean another process: everything goes by pidfd.
class EngineProcess {
public:
    /// Starts the engine.
    ///
    /// @param command the program, looked up in PATH, and its arguments.
    /// @throw EngineError if it cannot be started.
    explicit EngineProcess(const std::vector<std::string>& command);

    /// Kills the child if it still runs, and reaps it.
    ~EngineProcess();

    EngineProcess(const EngineProcess&) = delete;
    EngineProcess& operator=(const EngineProcess&) = delete;

    /// Hands out this end of the control connection.
    Descriptor takeControl() {
        return (std::move(control_));
    }

    /// What the engine prints comes out of this descriptor; non-blocking.
    int outputDescriptor() const {
        return (output_.get());
    }

    /// Reads what the engine printed. Calls `line` for each whole line.
    /// @return false at the end of the output.
    template <typename Line>
    bool readOutput(Line line) {
        std::string chunk;
        const bool more = readChunk(chunk);
        for (const char c : chunk) {
            if (c != '\n' && pending_.size() < MAX_LINE) {
                pending_ += c;
            } else if (!pending_.empty()) {
                remember(pending_);
                line(pending_);
                pending_.assign(c == '\n' ? 0 : 1, c);
            }
        }
        if (!more && !pending_.empty()) {
            remember(pending_);
            line(pending_);
            pending_.clear();
        }
        return (more);
    }

    /// The line of the output that most likely says why the engine ended; may be empty.
    const std::string& lastWords() const {
        return (last_words_);
    }

    /// Asks the engine to end and waits until it has: first for a while in kindness (its control
    /// connection is closed by now), then with SIGTERM, at last with SIGKILL.
    void stop(std::chrono::milliseconds kindness);

    /// Waits until the child has ended, and reaps it.
    /// @return false if it still runs.
    bool waitEnd(std::chrono::milliseconds limit);

    /// How the child ended, as "exit status 1" or "signal 9"; "unknown" if somebody else reaped it.
    const std::string& status() const {
        return (status_);
    }

private:
    static constexpr size_t MAX_LINE = 1024;

    bool readChunk(std::string& chunk);
    void remember(const std::string& line);
    void signal(int number);

    Descriptor control_;
    Descriptor output_;
    Descriptor process_;
    bool running_ = false;
    std::string pending_;
    std::string last_words_;
    std::string status_;
};

/// Connects to an engine that already runs.
/// @throw EngineError if there is none at the path.
Descriptor
connectEngine(const std::string& path);

}  // namespace kea_encryption

#endif
