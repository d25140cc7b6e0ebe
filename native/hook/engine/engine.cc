// SPDX-License-Identifier: MPL-2.0

#include "engine.h"

#include <hook/kea/encryption_log.h>

#include <cc/simple_parser.h>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::data::SimpleParser;
using isc::log::DBGLVL_TRACE_BASIC;
using std::chrono::milliseconds;

namespace kea_encryption {

namespace {

typedef EngineLanes::Clock Clock;

/// @brief How long an engine that tells of its work may take to start.
constexpr std::chrono::minutes MAX_START(2);

constexpr milliseconds FIRST_DELAY(100);
constexpr milliseconds MAX_DELAY(30000);

/// @brief An engine that lived this long is no repeated failure: its successor is started soon.
constexpr std::chrono::minutes STABLE(1);

/// @brief How long an engine may take to end once its control connection is closed.
constexpr milliseconds GRACE_PERIOD(2000);

constexpr int64_t MAX_WORKERS = 1024;
constexpr int64_t MAX_TIMEOUT = 60000;  // milliseconds

/// @brief Frames that are read before Kea may receive a packet.
constexpr int MAX_FRAMES_AT_ONCE = 64;

constexpr size_t MAX_JSON_LEVELS = 64;

std::string
toText(const uint8_t* octets, size_t length) {
    return (std::string(reinterpret_cast<const char*>(octets), length));
}

bool
isTooDeep(const std::string& text) {
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;  // whatever follows does not end the string
            }
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > MAX_JSON_LEVELS) {
                return (true);
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return (false);
}

std::string
reasonName(const std::vector<std::string>& reasons, uint16_t reason) {
    return (reason < reasons.size() ? reasons[reason] : "unspecified");
}

Sender
readSender(const uint8_t* octets) {
    const uint8_t* const names = octets + channel::KEY_LENGTH;
    const uint8_t* const duid = names + channel::NAMES_LENGTH;
    Sender sender;
    sender.key.assign(octets, names);
    if (std::any_of(names, duid, [](uint8_t octet) { return (octet != 0); })) {
        sender.names.assign(names, duid);
    }
    sender.derived_duid.assign(duid, duid + channel::DERIVED_DUID_LENGTH);
    return (sender);
}

/// @brief Reads a VERDICT.
/// @return false if its fields do not fit together.
bool
readVerdict(const std::vector<uint8_t>& frame,
            const std::vector<std::string>& reasons,
            Verdict& verdict) {
    const uint8_t* const text = frame.data() + channel::VERDICT_TEXT;
    const size_t rest = frame.size() - channel::VERDICT_TEXT;
    const size_t text_length = channel::getUint16(&frame[channel::VERDICT_TEXT_LENGTH]);
    const size_t identifier_length =
        channel::getUint16(&frame[channel::VERDICT_HOST_IDENTIFIER_LENGTH]);
    if (text_length + identifier_length > rest ||
        identifier_length > channel::MAX_HOST_IDENTIFIER ||
        frame[channel::VERDICT_ACTION] > channel::ACTION_REPLY ||
        frame[channel::VERDICT_CREDENTIAL] > channel::CREDENTIAL_UNPROVEN) {
        return (false);
    }
    verdict.action = static_cast<channel::Action>(frame[channel::VERDICT_ACTION]);
    verdict.credential = static_cast<channel::CredentialKind>(frame[channel::VERDICT_CREDENTIAL]);
    if (verdict.action == channel::ACTION_DROP) {
        const uint8_t scope = frame[channel::VERDICT_PAUSE_SCOPE];
        if (scope >= channel::PAUSE_SCOPES) {
            return (false);
        }
        verdict.pause_scope = static_cast<channel::PauseScope>(scope);
        verdict.pause = milliseconds(channel::getUint32(&frame[channel::VERDICT_PAUSE_LENGTH]));
    } else {
        verdict.query.handle = channel::getUint64(&frame[channel::VERDICT_HANDLE]);
    }
    verdict.text = toText(text, text_length);
    const uint16_t reason = channel::getUint16(&frame[channel::VERDICT_REASON]);
    if (verdict.action == channel::ACTION_DROP ||
        (verdict.action == channel::ACTION_REPLY && reason != channel::NO_REASON)) {
        verdict.reason = reasonName(reasons, reason);
    }
    if (verdict.action != channel::ACTION_DROP) {
        const uint8_t* const octets = text + text_length + identifier_length;
        verdict.sender = readSender(&frame[channel::VERDICT_SENDER]);
        verdict.host_identifier.assign(text + text_length, octets);
        verdict.octets.assign(octets, text + rest);
    }
    return (verdict.action == channel::ACTION_DROP || !verdict.octets.empty());
}

}  // namespace

ConstElementPtr
parseEngineJson(const std::string& text) {
    if (isTooDeep(text)) {
        isc_throw(EngineError, "it is nested deeper than " << MAX_JSON_LEVELS << " levels");
    }
    return (Element::fromJSON(text));
}

Engine::Engine(EngineSource source, std::string configuration, EventHandler handler)
    : source_(std::move(source)), configuration_(std::move(configuration)),
      handler_(std::move(handler)), epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      buffer_(channel::MAX_FRAME_LENGTH), delay_(FIRST_DELAY) {
    if (!epoll_ || !timer_) {
        isc_throw(EngineError, "no descriptor for the engine: " << std::strerror(errno));
    }
    watch(timer_.get(), TIMER);
}

Engine::~Engine() {
    const std::lock_guard<std::mutex> lock(mutex_);
    supervised_ = false;
    if (state_ == State::STARTING || state_ == State::SERVING) {
        finish("");
    }
    while (state_ == State::ENDING) {
        dispatch(-1);
    }
}

ConstElementPtr
Engine::start() {
    const std::lock_guard<std::mutex> lock(mutex_);
    launch();
    while (state_ == State::STARTING || state_ == State::ENDING) {
        dispatch(-1);
    }
    if (state_ != State::SERVING) {
        isc_throw(EngineError, why_);
    }
    supervised_ = true;
    return (told_);
}

void
Engine::handleEvents() {
    // Another thread that waits for the answer to a command handles them meanwhile.
    const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    if (lock) {
        dispatch(0);
    }
}

/// @brief Handles one event.
/// @param limit milliseconds to wait for it, -1 for as long as it takes.
void
Engine::dispatch(int limit) {
    struct epoll_event event;
    if (::epoll_wait(epoll_.get(), &event, 1, limit) != 1) {
        return;
    }
    switch (event.data.u32) {
    case CONTROL:
        readControl();
        break;
    case PROCESS:
        handleProcessEnd();
        break;
    default:
        handleTime();
        break;
    }
}

void
Engine::watch(int fd, Watched what) {
    struct epoll_event event = {};
    event.events = EPOLLIN;
    event.data.u32 = what;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0) {
        isc_throw(EngineError, "the engine cannot be watched: " << std::strerror(errno));
    }
}

void
Engine::unwatch(int fd) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

/// @param delay 0 for never
void
Engine::setTimer(milliseconds delay) {
    struct itimerspec time = {};
    time.it_value.tv_sec = delay.count() / 1000;
    time.it_value.tv_nsec = delay.count() % 1000 * 1000000;
    ::timerfd_settime(timer_.get(), 0, &time, nullptr);
}

std::string
Engine::name() const {
    if (source_.command.empty()) {
        return ("the engine at " + source_.socket);
    }
    std::string name = "the engine \"";
    for (const std::string& word : source_.command) {
        name += (&word == &source_.command.front() ? "" : " ") + word;
    }
    return (name + "\"");
}

/// @brief Starts an engine, or connects to one, and hands it its configuration.
void
Engine::launch() {
    was_serving_ = false;
    try {
        if (source_.command.empty()) {
            control_ = std::make_shared<const Descriptor>(connectEngine(source_.socket));
        } else {
            process_ = std::make_unique<EngineProcess>(source_.command, source_.settings);
            control_ = std::make_shared<const Descriptor>(process_->takeControl());
        }
        sendConfiguration();
        watch(control_->get(), CONTROL);
        if (process_ && process_->descriptor() >= 0) {
            watch(process_->descriptor(), PROCESS);
        }
    } catch (...) {
        control_.reset();
        process_.reset();
        throw;
    }
    state_ = State::STARTING;
    begun_ = Clock::now();
    setTimer(source_.start_timeout);
}

void
Engine::sendConfiguration() {
    const Descriptor file = makeMemoryFile(configuration_);
    uint8_t header[channel::HEADER_LENGTH];
    channel::putHeader(header, channel::CONFIGURE, 1);
    // A child that has already ended makes this fail too, but then its last words say more.
    if (!sendFrame(control_->get(), {header, sizeof(header)}, Octets(), file.get()) &&
        errno != EPIPE && errno != ECONNRESET) {
        isc_throw(EngineError, "the configuration cannot be handed to " << name() << ": "
                                                                        << std::strerror(errno));
    }
}

/// @brief Reads some of what has come in on the control connection.
/// @return whether there may be more.
bool
Engine::readControl() {
    for (int i = 0; i < MAX_FRAMES_AT_ONCE; ++i) {
        const ssize_t length =
            ::recv(control_->get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT | MSG_TRUNC);
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
            return (errno == EINTR);
        }
        const size_t size = static_cast<size_t>(length);
        if (length <= 0) {
            finish("");
        } else if (size > buffer_.size() || !channel::isWellFormed(buffer_.data(), size)) {
            finish(name() + " does not speak version " + std::to_string(channel::CHANNEL_VERSION) +
                   " of the channel");
        } else {
            handleFrame(buffer_.data(), size);
        }
        if (!control_) {
            return (false);
        }
    }
    return (true);
}

void
Engine::handleFrame(const uint8_t* frame, size_t length) {
    const auto textFrom = [&](size_t offset) { return (toText(frame + offset, length - offset)); };
    switch (frame[channel::OFFSET_KIND]) {
    case channel::CONFIGURED:
        if (state_ == State::STARTING) {
            configured(frame[channel::CONFIGURED_STATUS], textFrom(channel::CONFIGURED_TEXT));
        }
        return;
    case channel::LOG: {
        const std::string text = textFrom(channel::LOG_TEXT);
        switch (frame[channel::LOG_SEVERITY]) {
        case channel::SEVERITY_DEBUG:
            LOG_DEBUG(encryption_logger, DBGLVL_TRACE_BASIC, ENCRYPTION_ENGINE_DEBUG).arg(text);
            break;
        case channel::SEVERITY_INFO:
            LOG_INFO(encryption_logger, ENCRYPTION_ENGINE_INFO).arg(text);
            break;
        case channel::SEVERITY_WARN:
            LOG_WARN(encryption_logger, ENCRYPTION_ENGINE_WARNING).arg(text);
            break;
        default:
            LOG_ERROR(encryption_logger, ENCRYPTION_ENGINE_ERROR).arg(text);
            break;
        }
        break;
    }
    case channel::ANSWER:
        commands_silent_ = false;
        if (channel::getUint32(frame + channel::OFFSET_ID) == last_command_) {
            answer_ = textFrom(channel::HEADER_LENGTH);
        }  // else a late answer to a command that was given up
        break;
    default:
        break;  // nothing else is expected, and nothing else does harm
    }
    if (state_ == State::STARTING) {
        // It is at work: a table of a million keys takes longer than an engine may be silent.
        const auto left =
            std::chrono::duration_cast<milliseconds>(begun_ + MAX_START - Clock::now());
        setTimer(std::max(std::min(left, source_.start_timeout), milliseconds(1)));
    }
}

void
Engine::configured(uint8_t status, const std::string& text) {
    const auto service = std::make_shared<Service>();
    try {
        told_ = parseEngineJson(text);
        if (status != channel::CONFIGURED_ACCEPTED) {
            finish(SimpleParser::getString(told_, "error"));
            return;
        }
        const int64_t workers = SimpleParser::getInteger(told_, "workers", 1, MAX_WORKERS);
        const int64_t timeout = SimpleParser::getInteger(told_, "timeout", 1, MAX_TIMEOUT);
        const ConstElementPtr reasons = told_->get("reasons");
        for (size_t i = 0; reasons && i < reasons->size(); ++i) {
            service->reasons.push_back(reasons->get(static_cast<int>(i))->stringValue());
        }
        service->generation = ++generation_;
        service->lanes = std::make_shared<EngineLanes>(control_, static_cast<uint16_t>(workers),
                                                       milliseconds(timeout),
                                                       [this] { handler_(Event::TIMED_OUT); });
    } catch (const std::exception& error) {
        finish(name() + " gave an answer that is not understood: " + error.what());
        return;
    }
    publish(service);
    commands_silent_ = false;
    state_ = State::SERVING;
    begun_ = Clock::now();
    setTimer(milliseconds(0));
    LOG_INFO(encryption_logger, ENCRYPTION_ENGINE_STARTED).arg(service->lanes->workers());
}

void
Engine::handleTime() {
    uint64_t times;
    if (::read(timer_.get(), &times, sizeof(times)) < 0) {
        return;
    }
    switch (state_) {
    case State::DOWN:
        handler_(Event::RESTART);
        try {
            launch();
        } catch (const std::exception& error) {
            failed(error.what());
        }
        break;
    case State::STARTING: {
        std::ostringstream why;
        why << name() << " did not answer within " << source_.start_timeout.count() / 1000.0
            << " s";
        finish(why.str());
        break;
    }
    case State::ENDING:
        process_->kill();
        break;
    case State::SERVING:
        break;
    }
}

void
Engine::handleProcessEnd() {
    // What it said at last; a grandchild may keep the connection open, so no waiting for its end.
    while (control_ && readControl()) {
    }
    if (control_) {
        finish("");
    }
    finished();
}

/// @brief Ends the connection, by which the engine ends too.
/// @param why empty if it has ended the connection itself
void
Engine::finish(const std::string& why) {
    if (const ServicePtr last = service()) {
        last->lanes->end();
    }
    publish(ServicePtr());
    ::shutdown(control_->get(), SHUT_RDWR);  // packet threads may hold it still
    unwatch(control_->get());
    control_.reset();
    was_serving_ = state_ == State::SERVING;
    why_ = why;
    state_ = State::ENDING;
    if (process_ && process_->descriptor() >= 0) {
        setTimer(GRACE_PERIOD);
    } else {
        finished();
    }
}

/// @brief The engine that was being ended is no more.
void
Engine::finished() {
    std::string how = "closed the connection";
    if (process_) {
        unwatch(process_->descriptor());
        how = "ended with " + process_->reap();
        process_.reset();
    }
    if (why_.empty()) {
        why_ = was_serving_ ? how : name() + " " + how;
    }
    failed(why_);
}

/// @brief There is no engine, and another one is started in a while.
void
Engine::failed(const std::string& why) {
    state_ = State::DOWN;
    setTimer(milliseconds(0));
    if (!supervised_) {
        return;
    }
    if (was_serving_ && Clock::now() - begun_ >= STABLE) {
        delay_ = FIRST_DELAY;
    }
    if (was_serving_) {
        LOG_ERROR(encryption_logger, ENCRYPTION_ENGINE_ENDED).arg(why).arg(delay_.count());
    } else {
        LOG_ERROR(encryption_logger, ENCRYPTION_ENGINE_START_FAILED).arg(why).arg(delay_.count());
    }
    setTimer(delay_);
    delay_ = std::min(delay_ * 2, MAX_DELAY);
}

void
Engine::publish(const ServicePtr& service) {
    const std::lock_guard<std::mutex> lock(service_mutex_);
    service_ = service;
}

Engine::ServicePtr
Engine::service() const {
    const std::lock_guard<std::mutex> lock(service_mutex_);
    return (service_);
}

/// @brief Has a query's worker say what is to be done.
/// @param head the frame from its header to where `tail` begins.
Verdict
Engine::ask(const Service& service,
            const QueryHandle& query,
            std::vector<uint8_t> head,
            const Octets& tail) const {
    Verdict verdict;
    verdict.query = query;
    std::vector<uint8_t> frame;
    verdict.exchange = service.lanes->ask(query.worker, std::move(head), tail, frame);
    const bool is_sound =
        verdict.exchange != Exchange::ANSWERED || readVerdict(frame, service.reasons, verdict);
    return (is_sound ? verdict : Verdict());
}

Verdict
Engine::receive(const ReceiveRequest& request) {
    const ServicePtr now = service();
    if (!now) {
        return (Verdict());
    }
    QueryHandle query;
    query.generation = now->generation;
    query.worker = static_cast<uint16_t>(request.affinity_hash % now->lanes->workers());
    std::vector<uint8_t> head(channel::RECEIVE_OCTETS);
    channel::putHeader(head.data(), channel::RECEIVE, 0);
    head[channel::RECEIVE_MODE] = request.mode;
    channel::putUint32(&head[channel::RECEIVE_INTERFACE], request.interface_index);
    std::memcpy(&head[channel::RECEIVE_SOURCE], request.source,
                channel::RECEIVE_OCTETS - channel::RECEIVE_SOURCE);
    return (ask(*now, query, std::move(head), request.datagram));
}

Verdict
Engine::seal(const QueryHandle& query, const Octets& answer) {
    const ServicePtr now = service();
    // A handle means nothing to another engine than the one that gave it.
    if (!now || now->generation != query.generation) {
        return (Verdict());
    }
    std::vector<uint8_t> head(channel::SEND_OCTETS);
    channel::putHeader(head.data(), channel::SEND, 0);
    channel::putUint64(&head[channel::SEND_HANDLE], query.handle);
    const Verdict verdict = ask(*now, query, std::move(head), answer);
    return (verdict.action == channel::ACTION_REPLY ? Verdict() : verdict);
}

CommandAnswer
Engine::command(const std::string& json) {
    const Clock::time_point deadline = Clock::now() + source_.command_timeout;
    const std::lock_guard<std::mutex> lock(mutex_);
    CommandAnswer answer;
    dispatch(0);  // the late answer to an earlier one may have come
    if (state_ != State::SERVING) {
        return (answer);
    }
    // Id 0 is that of frames nobody asked for.
    last_command_ = last_command_ + 1 != 0 ? last_command_ + 1 : 1;
    answer_.reset();
    uint8_t header[channel::HEADER_LENGTH];
    channel::putHeader(header, channel::COMMAND, last_command_);
    // It is sent to a silent engine, too: the answer to it, however late, ends the silence.
    const bool sent = sendFrame(control_->get(), {header, sizeof(header)},
                                {reinterpret_cast<const uint8_t*>(json.data()), json.size()});
    while (sent && !commands_silent_ && !answer_ && state_ == State::SERVING &&
           waitReady(epoll_.get(), POLLIN, deadline)) {
        dispatch(0);
    }
    if (answer_) {
        answer.exchange = Exchange::ANSWERED;
        answer.json = *answer_;
    } else if (state_ == State::SERVING) {
        answer.exchange = Exchange::TIMED_OUT;
        commands_silent_ = true;
    }
    return (answer);
}

}  // namespace kea_encryption
