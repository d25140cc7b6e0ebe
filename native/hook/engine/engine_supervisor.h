// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_ENGINE_SUPERVISOR_H
#define KEA_ENCRYPTION_ENGINE_SUPERVISOR_H

/// @file engine_supervisor.h
///
/// Keeps an engine at work: starts it (or connects to one), configures it, hears what it says on
/// the control connection, starts it again when it has ended, ends it at last.

#include "bound_duids.h"
#include "engine_client.h"
#include "engine_process.h"
#include "engine_session.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kea_encryption {

/// Where the engine comes from, and how long to wait for it.
struct EngineSettings {
    /// The engine's command and arguments; empty if `socket` names one that already runs.
    std::vector<std::string> command;
    std::string socket;
    std::chrono::milliseconds timeout = std::chrono::milliseconds(500);
    /// How long an engine may be silent while it loads and checks its configuration. On a busy
    /// machine loading alone takes ten seconds; one that ends meanwhile is not waited for.
    std::chrono::milliseconds start_timeout = std::chrono::seconds(30);
    /// How long it may take to answer a command: Kea's main thread waits, and receives no packets
    /// meanwhile.
    std::chrono::milliseconds command_timeout = std::chrono::seconds(5);
};

/// What happens to the engine. Called from the supervisor's thread, but for the first inService(),
/// which the caller of start() calls, and suspended(), which packet threads call. No function may
/// throw.
class EngineEvents {
public:
    virtual ~EngineEvents() = default;

    /// An engine is in service. `reasons` are the reasons it drops for.
    virtual void inService(uint16_t workers, const std::vector<std::string>& reasons) = 0;
    /// The engine in service has ended; the next start is in `delay`.
    virtual void ended(const std::string& how, std::chrono::milliseconds delay) = 0;
    /// An engine could not be brought in service; the next attempt is in `delay`.
    virtual void notStarted(const std::string& why, std::chrono::milliseconds delay) = 0;
    /// An attempt to replace an engine begins.
    virtual void restarting() = 0;
    /// A worker is no longer waited for, or is again.
    virtual void suspended(uint16_t worker, bool suspended) = 0;
    /// The engine logs.
    virtual void logged(channel::Severity severity, const std::string& text) = 0;
    /// The engine printed a line.
    virtual void printed(const std::string& line) = 0;
};

class EngineSupervisor : public EngineClient {
public:
    /// @param configuration the text of the CONFIGURE frame.
    EngineSupervisor(EngineSettings settings,
                     std::string configuration,
                     EngineEvents& events,
                     BoundDuids& bound);

    /// Ends the engine and joins the thread.
    ~EngineSupervisor() override;

    EngineSupervisor(const EngineSupervisor&) = delete;
    EngineSupervisor& operator=(const EngineSupervisor&) = delete;

    /// Brings the first engine in service, in the caller's thread, then watches over it in another.
    /// @throw EngineError if the engine cannot be started or refuses the configuration.
    void start();

    Verdict receive(const ReceiveRequest& request) override;
    Sealed seal(const QueryHandle& query, const Octets& answer) override;
    CommandAnswer command(const std::string& json) override;

private:
    /// One engine with all that belongs to it. The session is shared with the packet threads.
    struct Engine {
        std::unique_ptr<EngineProcess> process;
        std::shared_ptr<EngineSession> session;
        std::vector<std::string> reasons;
        bool output_open = false;
    };
    /// What the packet threads see of it.
    struct Service {
        std::shared_ptr<EngineSession> session;
        std::shared_ptr<const std::vector<std::string>> reasons;
    };
    /// A command that its asker waits with.
    struct PendingCommand {
        bool settled = false;
        CommandAnswer answer;
    };
    enum class Wake { CONTROL, OUTPUT, STOP, TIME };

    Engine launch();
    Descriptor open(Engine& engine);
    void configure(Engine& engine, Descriptor control);
    void sendConfigure(int control);
    void watch(Engine engine);
    void serve(Engine& engine);
    std::string end(Engine& engine);
    std::string describeEnd(Engine& engine);
    Wake wait(int control, Engine& engine, std::chrono::milliseconds limit);
    void readOutput(Engine& engine);
    void handle(const uint8_t* frame, size_t length);
    void answered(uint32_t id, const std::string& json);
    void failCommands();
    void publish(const Engine* engine);
    Service service() const;
    static std::string reasonName(const Service& service, uint16_t reason);

    const EngineSettings settings_;
    const std::string configuration_;
    EngineEvents& events_;
    BoundDuids& bound_;
    Descriptor stop_;
    uint64_t generation_ = 0;
    std::vector<uint8_t> buffer_;
    mutable std::mutex mutex_;
    Service service_;
    std::mutex commands_mutex_;
    std::condition_variable command_settled_;
    std::map<uint32_t, PendingCommand*> commands_;
    uint32_t last_command_ = 0;
    /// A command was given up and nothing has been answered since: nobody waits for the next one.
    bool commands_silent_ = false;
    std::thread thread_;
};

}  // namespace kea_encryption

#endif
