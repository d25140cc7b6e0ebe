// SPDX-License-Identifier: MPL-2.0

/// @file fake_engine.cc
///
/// An engine without cryptography, to try the hook's side of the channel with: the
/// Encrypted-Message option (705) of a query holds the inner message in clear, and that of a
/// response Kea's answer.
///
/// What else it does is told by the environment variable FAKE_ENGINE, words separated by commas:
///   refuse      refuses every configuration
///   exit        prints an error and exits with status 3 instead of answering CONFIGURE
///   silent      does not answer CONFIGURE
///   slow        answers it after a second in which it logs all the time
///   garbage     answers CONFIGURE with a frame of another version
///   nonsense    answers CONFIGURE without saying how many workers it has
///   deep        answers CONFIGURE with lists in lists
///   deep-answer answers every command so
///   scant       answers every command without a result
///   odd         answers every command with a result that is a text
///   list        answers every command with a list
///   deaf        answers nothing on the lanes
///   mute-seal   answers no SEND
///   drop-seal   drops every SEND
///   die-on-send exits when the first SEND comes
///   renewed     gives clients another key, and with "certificate" the same names
///   certificate says that clients have shown a certificate, and gives the host identifier
///   "fake-host" mute-command answers no command but those that have the word "speak" in them
///   die-on-command exits when the first command comes
///   die-loudly  does so with status 6, after it has logged and printed errors
///   hang-up     closes its control connection when the first command comes, and goes on
///   flood       logs a thousand lines with the answer to a command
///   length      tells with CONFIGURED how long the configuration is
///   pause       drops every query and request, and those of its source for a second
///   report      answers every request with the report of a failure, reason 0

#include "receive_frame.h"

#include <cc/data.h>
#include <channel/frame.h>
#include <exceptions/exceptions.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

using isc::data::Element;
using isc::data::ElementPtr;
using namespace kea_encryption::channel;

namespace {

typedef std::vector<uint8_t> Bytes;

constexpr uint8_t QUERY = 251;
constexpr uint8_t RESPONSE = 252;
constexpr uint8_t REQUEST = 253;
constexpr uint8_t REPLY = 254;
constexpr uint16_t RELAY_MESSAGE = 9;
constexpr uint16_t ENCRYPTED_MESSAGE = 705;
constexpr size_t RELAY_HEADER = 34;

const std::string BEHAVIOUR =
    "," + std::string(std::getenv("FAKE_ENGINE") ? std::getenv("FAKE_ENGINE") : "") + ",";

bool
behaves(const char* word) {
    return (BEHAVIOUR.find("," + std::string(word) + ",") != std::string::npos);
}

void
putOption(Bytes& to, uint16_t code, const Bytes& data) {
    uint8_t header[4];
    putUint16(header, code);
    putUint16(header + 2, static_cast<uint16_t>(data.size()));
    to.insert(to.end(), header, header + 4);
    to.insert(to.end(), data.begin(), data.end());
}

/// Calls `use` with the code and the data of each option.
template <typename Use>
void
eachOption(const Bytes& from, size_t start, Use use) {
    for (size_t at = start; at + 4 <= from.size();) {
        const size_t length = getUint16(&from[at + 2]);
        const size_t end = std::min(at + 4 + length, from.size());
        use(getUint16(&from[at]),
            Bytes(from.begin() + static_cast<long>(at) + 4, from.begin() + static_cast<long>(end)));
        at = end;
    }
}

/// Replaces the innermost message of a nest of relay messages by what `change` makes of it.
template <typename Change>
Bytes
changeInnermost(const Bytes& octets, bool to_reply, Change change) {
    if (octets.size() < RELAY_HEADER || (octets[0] != 12 && octets[0] != 13)) {
        return (change(octets));
    }
    Bytes changed(octets.begin(), octets.begin() + RELAY_HEADER);
    if (to_reply) {
        changed[0] = 13;
    }
    eachOption(octets, RELAY_HEADER, [&](uint16_t code, const Bytes& data) {
        putOption(changed, code,
                  code == RELAY_MESSAGE ? changeInnermost(data, to_reply, change) : data);
    });
    return (changed);
}

void
send(int fd, const Bytes& frame) {
    if (::send(fd, frame.data(), frame.size(), MSG_NOSIGNAL) < 0) {
        std::perror("fake engine: send");
    }
}

Bytes
frame(Kind kind, uint32_t id, size_t length) {
    Bytes octets(length, 0);
    putHeader(octets.data(), kind, id);
    return (octets);
}

void
sendText(int fd, Kind kind, uint32_t id, int first, const std::string& text) {
    Bytes octets = frame(kind, id, HEADER_LENGTH);
    if (first >= 0) {
        octets.push_back(static_cast<uint8_t>(first));
    }
    octets.insert(octets.end(), text.begin(), text.end());
    send(fd, octets);
}

/// The file that came with CONFIGURE.
std::string
textOf(int file) {
    std::string text;
    char buffer[4096];
    for (ssize_t length;
         (length = ::pread(file, buffer, sizeof(buffer), static_cast<off_t>(text.size()))) > 0;) {
        text.append(buffer, static_cast<size_t>(length));
    }
    return (text);
}

/// What CONFIGURED tells: the parameters, unjudged, and the defaults of those that are not there.
std::string
told(const std::string& configuration) {
    ElementPtr told = Element::fromJSON(
        "{\"workers\": 2, \"reasons\": [\"malformed\", \"unknown-handle\"], \"timeout\": 60000, "
        "\"solution\": \"A\", \"mode\": \"optional\", "
        "\"message-types\": {\"encrypted-query\": 251, \"encrypted-response\": 252, "
        "\"encrypted-request\": 253, \"encrypted-reply\": 254}, "
        "\"option-codes\": {\"public-key\": 701, \"certificate\": 702, \"encrypted-message\": "
        "705, \"signature\": 703, \"cookie\": 710}}");
    const ElementPtr all = Element::createMap();
    try {
        isc::data::merge(all, Element::fromJSON(configuration));
    } catch (const isc::Exception&) {
        // A test of the connection alone.
    }
    if (const auto parameters = all->get("parameters")) {
        for (const char* const name : {"solution", "mode"}) {
            if (parameters->get(name)) {
                told->set(name, parameters->get(name));
            }
        }
        for (const char* const name : {"message-types", "option-codes"}) {
            const ElementPtr map = isc::data::copy(told->get(name));
            if (parameters->get(name)) {
                isc::data::merge(map, parameters->get(name));
            }
            told->set(name, map);
        }
        const auto engine = parameters->get("engine");
        if (engine && engine->get("timeout")) {
            told->set("timeout", engine->get("timeout"));
        }
    }
    if (behaves("length")) {
        told->set("length", Element::create(static_cast<int64_t>(configuration.size())));
    }
    return (told->str());
}

void
configure(int control, uint32_t id, const std::string& configuration) {
    if (behaves("exit")) {
        std::fprintf(stderr,
                     "Error: the fake engine was told to fail\n    at a line that follows\n");
        std::exit(3);
    }
    if (behaves("silent")) {
        return;
    }
    if (behaves("slow")) {
        for (int i = 0; i < 20; ++i) {
            sendText(control, LOG, 0, SEVERITY_INFO, "still at work");
            ::usleep(50000);
        }
    }
    if (behaves("garbage")) {
        send(control, Bytes(32, 0xff));
        return;
    }
    if (behaves("nonsense")) {
        sendText(control, CONFIGURED, id, CONFIGURED_ACCEPTED, "{\"reasons\": []}");
        return;
    }
    if (behaves("deep")) {
        sendText(control, CONFIGURED, id, CONFIGURED_ACCEPTED, std::string(60000, '['));
        return;
    }
    if (behaves("refuse")) {
        sendText(control, CONFIGURED, id, CONFIGURED_REFUSED,
                 "{\"error\": \"\\\"certificate\\\" is \\\"x\\\": it must be a PEM file\"}");
        return;
    }
    sendText(control, LOG, 0, SEVERITY_INFO, "fake engine configured");
    sendText(control, CONFIGURED, id, CONFIGURED_ACCEPTED, told(configuration));
}

void
sendVerdict(int lane,
            uint32_t id,
            Action action,
            uint16_t reason,
            uint64_t handle,
            const std::string& text,
            const Bytes& octets) {
    Bytes verdict = frame(VERDICT, id, VERDICT_TEXT);
    verdict[VERDICT_ACTION] = action;
    verdict[VERDICT_CREDENTIAL] =
        behaves("certificate") ? CREDENTIAL_CERTIFICATE : CREDENTIAL_PUBLIC_KEY;
    putUint16(&verdict[VERDICT_REASON], reason);
    putUint64(&verdict[VERDICT_HANDLE], handle);
    const std::string identifier =
        behaves("certificate") && action == ACTION_REPLACE ? "fake-host" : "";
    putUint16(&verdict[VERDICT_TEXT_LENGTH], static_cast<uint16_t>(text.size()));
    putUint16(&verdict[VERDICT_HOST_IDENTIFIER_LENGTH], static_cast<uint16_t>(identifier.size()));
    uint8_t* const sender = &verdict[VERDICT_SENDER];
    std::memset(sender, behaves("renewed") ? 0x12 : 0x11, KEY_LENGTH);
    std::memset(sender + KEY_LENGTH, behaves("certificate") ? 0x22 : 0, NAMES_LENGTH);
    const uint8_t duid_uuid[] = {0, 4};
    std::memset(sender + KEY_LENGTH + NAMES_LENGTH, 0x33, DERIVED_DUID_LENGTH);
    std::memcpy(sender + KEY_LENGTH + NAMES_LENGTH, duid_uuid, sizeof(duid_uuid));
    verdict.insert(verdict.end(), text.begin(), text.end());
    verdict.insert(verdict.end(), identifier.begin(), identifier.end());
    verdict.insert(verdict.end(), octets.begin(), octets.end());
    send(lane, verdict);
}

void
receive(int lane, uint32_t id, const Bytes& datagram) {
    if (behaves("deaf")) {
        return;
    }
    bool request = false;
    bool good = false;
    const Bytes query = changeInnermost(datagram, false, [&](const Bytes& message) {
        Bytes inner;
        request = !message.empty() && message[0] == REQUEST;
        eachOption(message, 4, [&](uint16_t code, const Bytes& data) {
            if (code == ENCRYPTED_MESSAGE) {
                inner = data;
            }
        });
        good = inner.size() >= 4 && message[0] == QUERY;
        return (inner);
    });
    if (behaves("pause")) {
        const uint64_t pause = (uint64_t{PAUSE_SOURCE} << 32) | 1000;
        sendVerdict(lane, id, ACTION_DROP, 0, pause, "not now", Bytes());
    } else if (request) {
        const Bytes reply = changeInnermost(datagram, true, [](const Bytes& message) {
            Bytes answer(message);
            answer[0] = REPLY;
            return (answer);
        });
        sendVerdict(lane, id, ACTION_REPLY, behaves("report") ? 0 : NO_REASON, 0, "a fake request",
                    reply);
    } else if (good) {
        sendVerdict(lane, id, ACTION_REPLACE, 0, 7, "a fake client", query);
    } else {
        sendVerdict(lane, id, ACTION_DROP, 0, 0, "not a fake query", Bytes());
    }
}

void
seal(int lane, uint32_t id, uint64_t handle, const Bytes& answer) {
    if (behaves("die-on-send")) {
        std::exit(4);
    }
    if (behaves("deaf") || behaves("mute-seal")) {
        return;
    }
    if (behaves("drop-seal") || handle != 7) {
        sendVerdict(lane, id, ACTION_DROP, 1, 0, "", Bytes());
        return;
    }
    const Bytes octets = changeInnermost(answer, false, [](const Bytes& message) {
        Bytes response(message.begin(), message.begin() + 4);
        response[0] = RESPONSE;
        putOption(response, ENCRYPTED_MESSAGE, message);
        return (response);
    });
    sendVerdict(lane, id, ACTION_REPLACE, 0, 0, "", octets);
}

/// Answers with what was asked.
void
command(int control, uint32_t id, const std::string& json) {
    if (behaves("die-on-command")) {
        std::exit(5);
    }
    if (behaves("die-loudly")) {
        sendText(control, LOG, 0, SEVERITY_ERROR, "a thread has died");
        std::fprintf(stderr, "Error: the last words\n    at a line that follows\n");
        std::exit(6);
    }
    if (behaves("hang-up")) {
        ::shutdown(control, SHUT_RDWR);
        ::pause();
    }
    for (int i = 0; behaves("flood") && i < 1000; ++i) {
        if (i == 1) {
            sendText(control, ANSWER, id, -1, "{\"result\": 0}");
        }
        sendText(control, LOG, 0, SEVERITY_INFO, "a line of a flood");
    }
    const std::pair<const char*, std::string> wrong[] = {
        {"deep-answer", std::string(60000, '[')},
        {"scant", "{\"text\": \"fake\"}"},
        {"odd", "{\"result\": \"0\", \"text\": \"fake\"}"},
        {"list", "[]"},
    };
    for (const auto& one : wrong) {
        if (behaves(one.first)) {
            sendText(control, ANSWER, id, -1, one.second);
            return;
        }
    }
    if (!behaves("mute-command") || json.find("speak") != std::string::npos) {
        sendText(control, ANSWER, id, -1,
                 "{\"result\": 3, \"text\": \"fake\", \"arguments\": " + json + "}");
    }
}

void
handle(int fd, const Bytes& octets, int passed) {
    const uint32_t id = getUint32(&octets[OFFSET_ID]);
    switch (octets[OFFSET_KIND]) {
    case CONFIGURE:
        configure(fd, id, textOf(passed));
        ::close(passed);
        break;
    case RECEIVE:
        receive(fd, id, Bytes(octets.begin() + RECEIVE_OCTETS, octets.end()));
        break;
    case SEND:
        seal(fd, id, getUint64(&octets[SEND_HANDLE]),
             Bytes(octets.begin() + SEND_OCTETS, octets.end()));
        break;
    case COMMAND:
        command(fd, id, std::string(octets.begin() + HEADER_LENGTH, octets.end()));
        break;
    default:
        break;
    }
}

}  // namespace

/// @param argv with "--accept-fd N" the engine serves the first connection to that socket, else
/// descriptor 3.
int
main(int argc, char** argv) {
    int control = 3;
    if (argc == 3 && std::string(argv[1]) == "--accept-fd") {
        control = ::accept(std::atoi(argv[2]), nullptr, nullptr);
    }
    std::vector<struct pollfd> connections = {{control, POLLIN, 0}};
    Bytes octets;
    while (::poll(connections.data(), connections.size(), -1) > 0) {
        for (size_t i = 0; i < connections.size(); ++i) {
            if (connections[i].revents == 0) {
                continue;
            }
            int passed = -1;
            if (kea_encryption::receiveFrame(connections[i].fd, octets, passed) &&
                isWellFormed(octets.data(), octets.size())) {
                handle(connections[i].fd, octets, passed);
            } else if (i == 0) {
                return (0);
            } else {
                ::close(connections[i].fd);
                connections.erase(connections.begin() + static_cast<long>(i));
                break;
            }
            if (passed >= 0 && octets[OFFSET_KIND] == LANE) {
                connections.push_back({passed, POLLIN, 0});
                break;
            }
        }
    }
    return (1);
}
