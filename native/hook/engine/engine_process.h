// SPDX-License-Identifier: MPL-2.0

#pragma once

#include <channel/descriptor.h>
#include <exceptions/exceptions.h>

#include <string>
#include <vector>

namespace kea_encryption {

/// @brief The engine cannot be started or reached, or refuses. what() is for the operator.
class EngineError : public isc::Exception {
public:
    EngineError(const char* file, size_t line, const char* what)
        : isc::Exception(file, line, what) {
    }
};

/// @brief The descriptor under which a started engine finds its control connection.
constexpr int ENGINE_CONTROL_DESCRIPTOR = 3;

/// @brief The descriptor under which it finds its settings.
constexpr int ENGINE_SETTINGS_DESCRIPTOR = 4;

/// @brief Makes a file in memory, without a name, that holds a text and cannot be changed.
/// @throw EngineError if there is none to be had.
Descriptor
makeMemoryFile(const std::string& text);

/// @brief An engine that this process started.
///
/// The child gets default signal handling, a signal mask of SIGUSR1 alone (which would end it until
/// it handles that; Node.js takes it out of the mask then), a session of its own (so that a
/// terminal's Ctrl-C reaches it only by way of the closed control connection) and no descriptor but
/// 0 (/dev/null), 1 and 2 (a file in memory of fixed size, so that nobody has to read it while the
/// child runs), ENGINE_CONTROL_DESCRIPTOR and ENGINE_SETTINGS_DESCRIPTOR: a child that shared Kea's
/// would keep its sockets and lease file open.
///
/// Kea reaps any child of its process when its own children end, so a process id alone may already
/// mean another process: everything goes by pidfd.
class EngineProcess {
public:
    /// @brief Starts the engine.
    ///
    /// @param command the program, looked up in PATH, and its arguments.
    /// @param settings the text that it finds at ENGINE_SETTINGS_DESCRIPTOR.
    /// @throw EngineError if it cannot be started.
    explicit EngineProcess(const std::vector<std::string>& command,
                           const std::string& settings = std::string());

    /// @brief Kills the child if it still runs, and reaps it.
    ~EngineProcess();

    EngineProcess(const EngineProcess&) = delete;
    EngineProcess& operator=(const EngineProcess&) = delete;

    /// @brief Hands out this end of the control connection.
    Descriptor takeControl() {
        return (std::move(control_));
    }

    /// @brief Returns what is readable once the child has ended; -1 if somebody else has reaped it.
    int descriptor() const {
        return (process_.get());
    }

    void kill();

    /// @brief Waits until the child has ended, and reaps it.
    /// @return how it ended and the line of its output that most likely says why, as "exit status
    /// 1: Error: out of memory"; "unknown" if somebody else has reaped it.
    std::string reap();

private:
    std::string lastWords() const;

    Descriptor control_;
    Descriptor output_;
    Descriptor process_;
};

/// @brief Tries whether a Node.js knows an option, by having it tell its version.
/// @return false where it says no, or nothing for ten seconds.
/// @throw EngineError if it cannot be started.
bool
takesOption(const std::string& node, const std::string& option);

/// @brief Connects to an engine that already runs.
/// @throw EngineError if there is none at the path.
Descriptor
connectEngine(const std::string& path);

}  // namespace kea_encryption
