// SPDX-License-Identifier: MPL-2.0

#pragma once

// The engine as the rest of the hook sees it.

#include "engine_lanes.h"
#include "engine_process.h"

#include <cc/data.h>
#include <channel/frame.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace kea_encryption {

/// @brief Where the engine comes from, and how long to wait for it.
struct EngineSource {
    /// @brief The engine's command and arguments; empty if `socket` names one that already runs.
    std::vector<std::string> command;
    /// @brief What a command finds at ENGINE_SETTINGS_DESCRIPTOR.
    std::string settings;
    std::string socket;
    /// @brief How long an engine may be silent while it loads and checks its configuration. On a
    /// busy machine loading alone takes ten seconds; one that ends meanwhile is not waited for.
    std::chrono::milliseconds start_timeout = std::chrono::seconds(30);
    /// @brief How long it may take to answer a command: Kea's main thread receives nothing then.
    std::chrono::milliseconds command_timeout = std::chrono::seconds(5);
};

/// @brief A query of which Kea has the inner message, as the engine knows it.
struct QueryHandle {
    uint64_t generation = 0;  ///< which start of the engine; a handle means nothing to the next one
    uint16_t worker = 0;      ///< the worker whose memory holds the query's context
    uint64_t handle = 0;
};

/// @brief A datagram to be judged.
struct ReceiveRequest {
    channel::Mode mode = channel::MODE_OPTIONAL;
    uint32_t interface_index = 0;
    const uint8_t* source = nullptr;  ///< 16 octets: where the datagram came from
    Octets datagram;
    uint64_t affinity_hash = 0;  ///< equal for all datagrams that one worker has to get
};

/// @brief Who has proved a query (docs/protocol.md 8).
struct Sender {
    std::vector<uint8_t> key;  ///< SHA-256 of its SubjectPublicKeyInfo
    std::vector<uint8_t>
        names;  ///< hash of its certificate's issuer and names; empty if it has none
    std::vector<uint8_t> derived_duid;
};

/// @brief The engine's word on a datagram, or on an answer of Kea's (never ACTION_REPLY).
struct Verdict {
    Exchange exchange = Exchange::DOWN;
    channel::Action action = channel::ACTION_DROP;
    channel::CredentialKind credential = channel::CREDENTIAL_NONE;
    /// @brief Name of the statistic's last part: for ACTION_DROP, and for an ACTION_REPLY that
    /// tells of a failure.
    std::string reason;
    QueryHandle query;
    /// @brief With ACTION_DROP: for so long the hook is not to ask about others of this scope that
    /// are like it; 0 for none.
    std::chrono::milliseconds pause{0};
    channel::PauseScope pause_scope = channel::PAUSE_SOURCE;
    Sender sender;                         ///< for ACTION_REPLACE of a datagram
    std::string text;                      ///< who the client is, or what was wrong
    std::vector<uint8_t> host_identifier;  ///< for ACTION_REPLACE; may be empty
    std::vector<uint8_t> octets;           ///< for ACTION_REPLACE and ACTION_REPLY
};

/// @brief The engine's answer to a command.
struct CommandAnswer {
    Exchange exchange = Exchange::DOWN;
    std::string json;
};

/// @brief Parses JSON that the engine has sent. Kea's parser calls itself for each level, and the
/// engine is not to be able to end Kea.
/// @throw EngineError if it is nested too deep, isc::data::JSONError if it is no JSON.
isc::data::ConstElementPtr
parseEngineJson(const std::string& text);

/// @brief Keeps an engine at work: starts it (or connects to one), configures it, hears what it
/// says on the control connection, starts it again when it has ended, ends it at last.
///
/// It has no thread: whoever owns it calls handleEvents() as often as descriptor() is readable.
/// Any thread may call receive(), seal() and command().
class Engine {
public:
    /// @brief What is counted.
    enum class Event {
        RESTART,    ///< an attempt to replace an engine begins
        TIMED_OUT,  ///< a worker is not waited for any more; comes from packet threads
    };
    typedef std::function<void(Event)> EventHandler;

    /// @param configuration the text of CONFIGURE.
    Engine(EngineSource source, std::string configuration, EventHandler handler);

    /// @brief Ends the engine.
    ~Engine();

    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// @brief Brings the first engine in service.
    /// @return the text of CONFIGURED.
    /// @throw EngineError if the engine cannot be started or refuses the configuration.
    isc::data::ConstElementPtr start();

    /// @brief Is readable when there is something for handleEvents().
    int descriptor() const {
        return (epoll_.get());
    }

    /// @brief Does what is to be done next, without waiting.
    void handleEvents();

    /// @brief Has the engine judge a datagram.
    Verdict receive(const ReceiveRequest& request);

    /// @brief Has the engine encrypt Kea's packed answer to a query.
    Verdict seal(const QueryHandle& query, const Octets& answer);

    /// @brief Has the engine carry out a command. An engine that has left one without an answer is
    /// not waited for until it has answered any.
    /// @param json {"command", "arguments"}
    CommandAnswer command(const std::string& json);

private:
    enum class State {
        DOWN,      ///< none; the timer starts the next one
        STARTING,  ///< it has its configuration; the timer limits its silence
        SERVING,
        ENDING,  ///< its connection is closed; the timer limits its life
    };
    /// @brief What the descriptors that are waited for are of.
    enum Watched : uint32_t { CONTROL, PROCESS, TIMER };
    /// @brief What the packet threads see of an engine in service.
    struct Service {
        uint64_t generation = 0;
        std::shared_ptr<EngineLanes> lanes;
        std::vector<std::string> reasons;  ///< those that it drops for
    };
    typedef std::shared_ptr<const Service> ServicePtr;

    void dispatch(int limit);
    void launch();
    void sendConfiguration();
    bool readControl();
    void handleFrame(const uint8_t* frame, size_t length);
    void configured(uint8_t status, const std::string& text);
    void handleTime();
    void handleProcessEnd();
    void finish(const std::string& why);
    void finished();
    void failed(const std::string& why);
    void watch(int fd, Watched what);
    void unwatch(int fd);
    void setTimer(std::chrono::milliseconds delay);
    std::string name() const;
    void publish(const ServicePtr& service);
    ServicePtr service() const;
    Verdict ask(const Service& service,
                const QueryHandle& query,
                std::vector<uint8_t> head,
                const Octets& tail) const;

    const EngineSource source_;
    const std::string configuration_;
    const EventHandler handler_;
    const Descriptor epoll_;
    const Descriptor timer_;
    std::vector<uint8_t> buffer_;

    /// @brief Held by whoever handles events; guards all below but service_.
    std::mutex mutex_;
    State state_ = State::DOWN;
    std::unique_ptr<EngineProcess> process_;
    std::shared_ptr<const Descriptor> control_;
    uint64_t generation_ = 0;
    /// @brief Whether one that has failed is followed by another.
    bool supervised_ = false;
    bool was_serving_ = false;
    std::string why_;  ///< why it is ended; empty if it has ended of itself
    isc::data::ConstElementPtr told_;
    EngineLanes::Clock::time_point begun_;  ///< when it was started, or came in service
    std::chrono::milliseconds delay_;       ///< to the next start
    uint32_t last_command_ = 0;
    std::optional<std::string> answer_;  ///< to the last command
    /// @brief A command was given up, and nothing answered since: nobody waits for the next one.
    bool commands_silent_ = false;

    mutable std::mutex service_mutex_;
    ServicePtr service_;
};

}  // namespace kea_encryption
