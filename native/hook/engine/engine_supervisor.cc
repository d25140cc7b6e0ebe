// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "engine_supervisor.h"

#include "engine_json.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

using isc::data::ConstElementPtr;

namespace kea_encryption {

namespace {

/// How long an engine that tells of its work may take to start.
constexpr std::chrono::minutes LONGEST_START(2);

typedef std::chrono::steady_clock Clock;
using std::chrono::milliseconds;

constexpr milliseconds FIRST_DELAY(100);
constexpr milliseconds LONGEST_DELAY(30000);

/// An engine that lived this long is no repeated failure: its successor is started soon.
constexpr std::chrono::minutes STABLE(1);

/// How long an engine may take to end once its control connection is closed.
constexpr milliseconds END_PATIENCE(2000);

/// Large enough for the largest CONFIGURE.
constexpr int CONTROL_BUFFER = 262144;

constexpr uint16_t MOST_WORKERS = 1024;

std::string
toText(const uint8_t* octets, size_t length) {
    return (std::string(reinterpret_cast<const char*>(octets), length));
}

std::string
toSeconds(milliseconds duration) {
    std::string text = std::to_string(duration.count() / 1000);
    if (duration.count() % 1000 != 0) {
        text += "." + std::to_string(duration.count() % 1000 / 100);
    }
    return (text + " s");
}

std::string
nameOf(const EngineSettings& settings) {
    if (settings.command.empty()) {
        return ("the engine at " + settings.socket);
    }
    std::string name = "the engine \"";
    for (const std::string& word : settings.command) {
        name += (&word == &settings.command.front() ? "" : " ") + word;
    }
    return (name + "\"");
}

/// The text of a CONFIGURED frame.
struct Configured {
    uint16_t workers;
    std::vector<std::string> reasons;
};

Configured
parseAccepted(const std::string& text) {
    Configured configured;
    const ConstElementPtr json = parseEngineJson(text);
    const int64_t workers = memberOf(json, "workers")->intValue();
    if (workers < 1 || workers > MOST_WORKERS) {
        throw EngineError("it claims to have " + std::to_string(workers) + " workers");
    }
    configured.workers = static_cast<uint16_t>(workers);
    const ConstElementPtr reasons = memberOf(json, "reasons");
    for (const auto& reason : reasons->listValue()) {
        configured.reasons.push_back(reason->stringValue());
    }
    return (configured);
}

std::string
parseRefused(const std::string& text) {
    const ConstElementPtr json = parseEngineJson(text);
    return (memberOf(json, "error")->stringValue());
}

}  // namespace

EngineSupervisor::EngineSupervisor(EngineSettings settings,
                                   std::string configuration,
                                   EngineEvents& events,
                                   BoundDuids& bound)
    : settings_(std::move(settings)), configuration_(std::move(configuration)), events_(events),
      bound_(bound), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      buffer_(channel::MAX_FRAME_LENGTH) {
    if (!stop_) {
        throw EngineError(std::string("no eventfd: ") + std::strerror(errno));
    }
}

EngineSupervisor::~EngineSupervisor() {
    const uint64_t one = 1;
    while (::write(stop_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

void
EngineSupervisor::start() {
    Engine engine = launch();
    // Kea's signals are handled by its main thread, so this one leaves them all to it.
    sigset_t all;
    sigset_t previous;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &previous);
    try {
        thread_ = std::thread(&EngineSupervisor::watch, this, std::move(engine));
    } catch (...) {
        ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
        publish(nullptr);
        throw;
    }
    ::pthread_sigmask(SIG_SETMASK, &previous, nullptr);
}

/// Starts an engine and brings it in service.
EngineSupervisor::Engine
EngineSupervisor::launch() {
    Engine engine;
    Descriptor control = open(engine);
    configure(engine, std::move(control));
    publish(&engine);
    events_.inService(engine.session->workers(), engine.reasons);
    return (engine);
}

Descriptor
EngineSupervisor::open(Engine& engine) {
    const bool connects = settings_.command.empty();
    try {
        if (connects) {
            return (connectEngine(settings_.socket));
        }
        engine.process = std::make_unique<EngineProcess>(settings_.command);
        engine.output_open = true;
        return (engine.process->takeControl());
    } catch (const EngineError& error) {
        const std::string wrong =
            connects ? "\"engine.socket\" is \"" + settings_.socket +
                           "\": it must be the socket of an engine that is running (" :
                       "\"engine.node\" is \"" + settings_.command.front() +
                           "\": it must be a Node.js program that can be started (";
        throw EngineError(wrong + error.what() + ")");
    }
}

void
EngineSupervisor::sendConfigure(int control) {
    ::setsockopt(control, SOL_SOCKET, SO_SNDBUF, &CONTROL_BUFFER, sizeof(CONTROL_BUFFER));
    uint8_t header[channel::HEADER_LENGTH];
    channel::putHeader(header, channel::CONFIGURE, 1);
    const struct iovec parts[] = {
        {header, sizeof(header)},
        {const_cast<char*>(configuration_.data()), configuration_.size()}};
    struct msghdr message = {};
    message.msg_iov = const_cast<struct iovec*>(parts);
    message.msg_iovlen = 2;
    ssize_t sent;
    do {
        sent = ::sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    // A child that has already ended makes this fail too, but then its last words say more.
    if (sent < 0 && errno != EPIPE && errno != ECONNRESET) {
        throw EngineError("the configuration cannot be handed to " + nameOf(settings_) + ": " +
                          std::strerror(errno));
    }
}

void
EngineSupervisor::configure(Engine& engine, Descriptor control) {
    bound_.stage();
    sendConfigure(control.get());
    const Clock::time_point latest = Clock::now() + LONGEST_START;
    Clock::time_point deadline = Clock::now() + settings_.start_timeout;
    for (;;) {
        const milliseconds left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
        const Wake wake = left.count() > 0 ? wait(control.get(), engine, left) : Wake::TIME;
        if (wake == Wake::STOP) {
            throw EngineError("stopped");
        }
        if (wake == Wake::TIME) {
            throw EngineError(nameOf(settings_) + " did not answer within " +
                              toSeconds(settings_.start_timeout));
        }
        if (wake == Wake::OUTPUT) {
            readOutput(engine);
            continue;
        }
        const ssize_t length = ::recv(control.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (length <= 0) {
            control.reset();
            throw EngineError(nameOf(settings_) + " " + describeEnd(engine));
        }
        const size_t size = static_cast<size_t>(length);
        if (!channel::isWellFormed(buffer_.data(), size)) {
            throw EngineError(nameOf(settings_) + " does not speak version " +
                              std::to_string(channel::CHANNEL_VERSION) + " of the channel");
        }
        if (buffer_[channel::OFFSET_KIND] != channel::CONFIGURED) {
            handle(buffer_.data(), size);
            // It is at work: a table of a million keys takes longer than an engine may be silent.
            deadline = std::min(latest, Clock::now() + settings_.start_timeout);
            continue;
        }
        const std::string text =
            toText(buffer_.data() + channel::CONFIGURED_TEXT, size - channel::CONFIGURED_TEXT);
        std::string refusal;
        Configured configured;
        try {
            if (buffer_[channel::CONFIGURED_STATUS] == channel::CONFIGURED_ACCEPTED) {
                configured = parseAccepted(text);
            } else {
                refusal = parseRefused(text);
            }
        } catch (const std::exception& error) {
            throw EngineError(nameOf(settings_) +
                              " gave an answer that is not understood: " + error.what());
        }
        if (!refusal.empty()) {
            throw EngineError(refusal);
        }
        bound_.commit();
        engine.reasons = std::move(configured.reasons);
        engine.session = std::make_shared<EngineSession>(
            std::move(control), ++generation_, configured.workers, settings_.timeout,
            [this](uint16_t worker, bool suspended) { events_.suspended(worker, suspended); });
        return;
    }
}

EngineSupervisor::Wake
EngineSupervisor::wait(int control, Engine& engine, milliseconds limit) {
    struct pollfd entries[] = {
        {stop_.get(), POLLIN, 0},
        {control, POLLIN, 0},
        {engine.output_open ? engine.process->outputDescriptor() : -1, POLLIN, 0},
    };
    int result;
    do {
        result = ::poll(entries, 3, limit.count() < 0 ? -1 : static_cast<int>(limit.count()));
    } while (result < 0 && errno == EINTR);
    if (result <= 0) {
        return (Wake::TIME);
    }
    if (entries[0].revents != 0) {
        return (Wake::STOP);
    }
    return (entries[2].revents != 0 ? Wake::OUTPUT : Wake::CONTROL);
}

void
EngineSupervisor::readOutput(Engine& engine) {
    if (engine.output_open) {
        engine.output_open =
            engine.process->readOutput([this](const std::string& line) { events_.printed(line); });
    }
}

void
EngineSupervisor::handle(const uint8_t* frame, size_t length) {
    switch (frame[channel::OFFSET_KIND]) {
    case channel::LOG: {
        const uint8_t severity =
            std::min<uint8_t>(frame[channel::LOG_SEVERITY], channel::SEVERITY_ERROR);
        events_.logged(static_cast<channel::Severity>(severity),
                       toText(frame + channel::LOG_TEXT, length - channel::LOG_TEXT));
        break;
    }
    case channel::BOUND: {
        const Octets duid = {frame + channel::BOUND_DUID, length - channel::BOUND_DUID};
        switch (frame[channel::BOUND_OPERATION]) {
        case channel::BOUND_CLEAR:
            bound_.clear();
            break;
        case channel::BOUND_ADD:
            bound_.add(duid);
            break;
        case channel::BOUND_REMOVE:
            bound_.remove(duid);
            break;
        default:
            break;
        }
        break;
    }
    case channel::ANSWER:
        answered(channel::getUint32(frame + channel::OFFSET_ID),
                 toText(frame + channel::HEADER_LENGTH, length - channel::HEADER_LENGTH));
        break;
    default:
        break;  // nothing else is expected, and nothing else does harm
    }
}

void
EngineSupervisor::answered(uint32_t id, const std::string& json) {
    const std::lock_guard<std::mutex> lock(commands_mutex_);
    commands_silent_ = false;
    const auto found = commands_.find(id);
    if (found != commands_.end()) {  // else a late answer to a command that was given up
        found->second->answer = {Exchange::ANSWERED, json};
        found->second->settled = true;
        command_settled_.notify_all();
    }
}

/// The engine that was asked has ended.
void
EngineSupervisor::failCommands() {
    const std::lock_guard<std::mutex> lock(commands_mutex_);
    commands_silent_ = false;
    for (const auto& command : commands_) {
        command.second->settled = true;
    }
    command_settled_.notify_all();
}

/// Hears the engine in service until it ends or is to be ended.
void
EngineSupervisor::serve(Engine& engine) {
    const int control = engine.session->controlDescriptor();
    for (;;) {
        switch (wait(control, engine, milliseconds(-1))) {
        case Wake::STOP:
            return;
        case Wake::OUTPUT:
            readOutput(engine);
            continue;
        case Wake::CONTROL:
        case Wake::TIME:
            break;
        }
        const ssize_t length = ::recv(control, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (length <= 0 || !channel::isWellFormed(buffer_.data(), static_cast<size_t>(length))) {
            return;
        }
        handle(buffer_.data(), static_cast<size_t>(length));
    }
}

/// Ends an engine that was in service. Returns how it ended.
std::string
EngineSupervisor::end(Engine& engine) {
    publish(nullptr);
    engine.session->end();
    failCommands();
    return (describeEnd(engine));
}

/// Waits for the end of an engine whose control connection is closed.
std::string
EngineSupervisor::describeEnd(Engine& engine) {
    if (!engine.process) {
        return ("closed the connection");
    }
    engine.process->stop(END_PATIENCE);
    // What the pipe still holds; a grandchild may keep it open, so no waiting for its end.
    readOutput(engine);
    std::string text = "ended with " + engine.process->status();
    if (!engine.process->lastWords().empty()) {
        text += ": " + engine.process->lastWords();
    }
    return (text);
}

/// The supervisor's thread.
void
EngineSupervisor::watch(Engine engine) {
    milliseconds delay = FIRST_DELAY;
    for (;;) {
        const Clock::time_point begun = Clock::now();
        serve(engine);
        const std::string how = end(engine);
        if (Clock::now() - begun >= STABLE) {
            delay = FIRST_DELAY;
        }
        engine = Engine();
        std::string why;
        bool was_in_service = true;
        do {
            struct pollfd stop = {stop_.get(), POLLIN, 0};
            if (::poll(&stop, 1, 0) > 0) {
                return;
            }
            if (was_in_service) {
                events_.ended(how, delay);
            } else {
                events_.notStarted(why, delay);
            }
            was_in_service = false;
            int result;
            do {
                result = ::poll(&stop, 1, static_cast<int>(delay.count()));
            } while (result < 0 && errno == EINTR);
            if (result > 0) {
                return;
            }
            delay = std::min(delay * 2, LONGEST_DELAY);
            events_.restarting();
            try {
                engine = launch();
            } catch (const std::exception& error) {
                why = error.what();
            }
        } while (!engine.session);
    }
}

void
EngineSupervisor::publish(const Engine* engine) {
    Service next;
    if (engine) {
        next.session = engine->session;
        next.reasons = std::make_shared<const std::vector<std::string>>(engine->reasons);
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    std::swap(service_, next);
}

EngineSupervisor::Service
EngineSupervisor::service() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return (service_);
}

std::string
EngineSupervisor::reasonName(const Service& service, uint16_t reason) {
    return (reason < service.reasons->size() ? (*service.reasons)[reason] : "unspecified");
}

Verdict
EngineSupervisor::receive(const ReceiveRequest& request) {
    Verdict verdict;
    const Service now = service();
    if (!now.session) {
        return (verdict);
    }
    const uint16_t worker = static_cast<uint16_t>(request.spread % now.session->workers());
    uint8_t head[channel::RECEIVE_OCTETS] = {};
    channel::putHeader(head, channel::RECEIVE, 0);
    head[channel::RECEIVE_MODE] = request.mode;
    channel::putUint32(head + channel::RECEIVE_INTERFACE, request.interface_index);
    std::memcpy(head + channel::RECEIVE_SOURCE, request.source,
                channel::RECEIVE_OCTETS - channel::RECEIVE_SOURCE);

    bool sound = true;
    verdict.exchange = now.session->exchange(
        worker, head, sizeof(head), request.datagram, channel::VERDICT,
        [&](const uint8_t* frame, size_t length) {
            const size_t text_length = channel::getUint16(frame + channel::VERDICT_TEXT_LENGTH);
            const size_t identifier_length =
                channel::getUint16(frame + channel::VERDICT_HOST_IDENTIFIER_LENGTH);
            const size_t rest = length - channel::VERDICT_TEXT;
            if (text_length + identifier_length > rest ||
                identifier_length > channel::MAX_HOST_IDENTIFIER ||
                frame[channel::VERDICT_ACTION] > channel::ACTION_REPLY ||
                frame[channel::VERDICT_CREDENTIAL] > channel::CREDENTIAL_PUBLIC_KEY) {
                sound = false;
                return;
            }
            verdict.action = static_cast<channel::Action>(frame[channel::VERDICT_ACTION]);
            verdict.credential =
                static_cast<channel::CredentialKind>(frame[channel::VERDICT_CREDENTIAL]);
            verdict.query.generation = now.session->generation();
            verdict.query.worker = worker;
            verdict.query.handle = channel::getUint64(frame + channel::VERDICT_HANDLE);
            verdict.text = toText(frame + channel::VERDICT_TEXT, text_length);
            const uint16_t reason = channel::getUint16(frame + channel::VERDICT_REASON);
            if (verdict.action == channel::ACTION_DROP ||
                (verdict.action == channel::ACTION_REPLY && reason != channel::NO_REASON)) {
                verdict.reason = reasonName(now, reason);
            }
            if (verdict.action != channel::ACTION_DROP) {
                const uint8_t* identifier = frame + channel::VERDICT_TEXT + text_length;
                const uint8_t* octets = identifier + identifier_length;
                verdict.host_identifier.assign(identifier, octets);
                verdict.octets.assign(octets, frame + length);
                sound = !verdict.octets.empty();
            }
        });
    if (!sound) {
        return (Verdict());
    }
    return (verdict);
}

CommandAnswer
EngineSupervisor::command(const std::string& json) {
    const Service now = service();
    if (!now.session) {
        return (CommandAnswer());
    }
    const Clock::time_point deadline = Clock::now() + settings_.command_timeout;
    PendingCommand pending;
    std::unique_lock<std::mutex> lock(commands_mutex_);
    // Id 0 is that of frames nobody asked for.
    const uint32_t id = ++last_command_ != 0 ? last_command_ : ++last_command_;
    const bool waits = !commands_silent_;
    if (waits) {
        commands_[id] = &pending;
    }
    lock.unlock();

    uint8_t header[channel::HEADER_LENGTH];
    channel::putHeader(header, channel::COMMAND, id);
    const struct iovec parts[] = {{header, sizeof(header)},
                                  {const_cast<char*>(json.data()), json.size()}};
    // To an engine that is silent it is sent all the same: the answer to it, however late, ends the
    // silence.
    const bool sent = now.session->sendControl(parts, 2, waits ? deadline : Clock::now());

    lock.lock();
    if (waits && sent) {
        command_settled_.wait_until(lock, deadline, [&pending] { return (pending.settled); });
    }
    commands_.erase(id);
    if (!pending.settled && (sent || !waits)) {
        pending.answer.exchange = Exchange::TIMED_OUT;
        commands_silent_ = true;
    }
    return (pending.answer);
}

Sealed
EngineSupervisor::seal(const QueryHandle& query, const Octets& answer) {
    Sealed sealed;
    const Service now = service();
    // A handle means nothing to another engine than the one that gave it.
    if (!now.session || now.session->generation() != query.generation) {
        return (sealed);
    }
    uint8_t head[channel::SEND_OCTETS];
    channel::putHeader(head, channel::SEND, 0);
    channel::putUint64(head + channel::SEND_HANDLE, query.handle);
    bool sound = true;
    sealed.exchange = now.session->exchange(
        query.worker, head, sizeof(head), answer, channel::SEALED,
        [&](const uint8_t* frame, size_t length) {
            if (frame[channel::SEALED_ACTION] == channel::ACTION_REPLACE &&
                length > channel::SEALED_OCTETS) {
                sealed.action = channel::ACTION_REPLACE;
                sealed.octets.assign(frame + channel::SEALED_OCTETS, frame + length);
            } else if (frame[channel::SEALED_ACTION] == channel::ACTION_DROP) {
                sealed.reason = reasonName(now, channel::getUint16(frame + channel::SEALED_REASON));
            } else {
                sound = false;
            }
        });
    if (!sound) {
        return (Sealed());
    }
    return (sealed);
}

}  // namespace kea_encryption
