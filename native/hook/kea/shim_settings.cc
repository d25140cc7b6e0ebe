// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "shim_settings.h"

#include <sys/un.h>

#include <set>

using isc::data::ConstElementPtr;
using isc::data::Element;

namespace kea_encryption {

namespace {

const char* const DEFAULT_STATE_DIRECTORY = "/var/lib/kea/encryption";
const char* const NO_HOST_IDENTIFIER = "none";
const char* const DEFAULT_SOCKET_NAME = "/engine.sock";
constexpr int64_t LONGEST_TIMEOUT = 60000;
constexpr size_t SOCKET_PATH_LIMIT = sizeof(sockaddr_un::sun_path);

[[noreturn]] void
refuse(const std::string& setting, const ConstElementPtr& value, const std::string& right) {
    throw BadSetting("\"" + setting + "\" is " + value->str() + ": it must be " + right);
}

/// A map of settings with the name that its members are prefixed with in messages.
class Settings {
public:
    Settings(const ConstElementPtr& map, const std::string& prefix) : map_(map), prefix_(prefix) {
    }

    /// The member of that name, null if there is none.
    ConstElementPtr find(const std::string& name) const {
        return (map_ ? map_->get(name) : ConstElementPtr());
    }

    std::string fullName(const std::string& name) const {
        return (prefix_ + name);
    }

    Settings map(const std::string& name) const {
        const ConstElementPtr value = find(name);
        if (value && value->getType() != Element::map) {
            refuse(fullName(name), value, "a map");
        }
        return (Settings(value, fullName(name) + "."));
    }

    std::string text(const std::string& name, const std::string& otherwise) const {
        const ConstElementPtr value = find(name);
        if (!value) {
            return (otherwise);
        }
        if (value->getType() != Element::string || value->stringValue().empty()) {
            refuse(fullName(name), value, "a string that is not empty");
        }
        return (value->stringValue());
    }

    bool flag(const std::string& name, bool otherwise) const {
        const ConstElementPtr value = find(name);
        if (!value) {
            return (otherwise);
        }
        if (value->getType() != Element::boolean) {
            refuse(fullName(name), value, "true or false");
        }
        return (value->boolValue());
    }

    int64_t
    number(const std::string& name, int64_t otherwise, int64_t lowest, int64_t highest) const {
        const ConstElementPtr value = find(name);
        if (!value) {
            return (otherwise);
        }
        if (value->getType() != Element::integer || value->intValue() < lowest ||
            value->intValue() > highest) {
            refuse(fullName(name), value,
                   "an integer from " + std::to_string(lowest) + " to " + std::to_string(highest));
        }
        return (value->intValue());
    }

private:
    ConstElementPtr map_;
    std::string prefix_;
};

void
parseMessageTypes(const Settings& types, ShimSettings& settings) {
    const auto type = [&types](const char* name, uint8_t& value) {
        value = static_cast<uint8_t>(types.number(name, value, 1, 255));
    };
    type("encrypted-query", settings.encrypted_query);
    type("encrypted-response", settings.encrypted_response);
    type("encrypted-request", settings.encrypted_request);
    type("encrypted-reply", settings.encrypted_reply);
    const std::set<uint8_t> distinct = {settings.encrypted_query, settings.encrypted_response,
                                        settings.encrypted_request, settings.encrypted_reply};
    if (distinct.size() != 4) {
        throw BadSetting("\"message-types\" gives two messages the same type: each needs its own");
    }
}

void
parseEngine(const Settings& engine, const std::string& state_directory, ShimSettings& settings) {
    settings.node = engine.text("node", settings.node);
    settings.engine_timeout = std::chrono::milliseconds(
        engine.number("timeout", settings.engine_timeout.count(), 1, LONGEST_TIMEOUT));
    const ConstElementPtr socket = engine.find("socket");
    const bool spawn = engine.flag("spawn", !socket);
    if (spawn && socket) {
        refuse(engine.fullName("spawn"), engine.find("spawn"),
               "false where \"" + engine.fullName("socket") +
                   "\" names an engine that is already running");
    }
    if (!spawn) {
        settings.engine_socket = engine.text("socket", state_directory + DEFAULT_SOCKET_NAME);
        if (settings.engine_socket.size() >= SOCKET_PATH_LIMIT) {
            throw BadSetting("\"" + engine.fullName("socket") + "\" is \"" +
                             settings.engine_socket + "\": it must have fewer than " +
                             std::to_string(SOCKET_PATH_LIMIT) + " characters");
        }
    }
}

}  // namespace

ShimSettings
ShimSettings::parse(const ConstElementPtr& parameters) {
    if (parameters && parameters->getType() != Element::map) {
        throw BadSetting("\"parameters\" of the encryption hook must be a map");
    }
    const Settings all(parameters, "");
    ShimSettings settings;

    if (const ConstElementPtr solution = all.find("solution")) {
        if (solution->getType() != Element::string ||
            (solution->stringValue() != "A" && solution->stringValue() != "B")) {
            refuse("solution", solution, "\"A\" or \"B\"");
        }
        settings.solution_b = solution->stringValue() == "B";
    }
    if (const ConstElementPtr mode = all.find("mode")) {
        settings.mode = parseMode(mode, "mode");
    }
    settings.identifies_hosts =
        all.text("host-identifier", NO_HOST_IDENTIFIER) != NO_HOST_IDENTIFIER;
    parseMessageTypes(all.map("message-types"), settings);
    const Settings options = all.map("option-codes");
    settings.public_key =
        static_cast<uint16_t>(options.number("public-key", settings.public_key, 1, 65535));
    settings.certificate =
        static_cast<uint16_t>(options.number("certificate", settings.certificate, 1, 65535));
    settings.encrypted_message = static_cast<uint16_t>(
        options.number("encrypted-message", settings.encrypted_message, 1, 65535));
    parseEngine(all.map("engine"), all.text("state-directory", DEFAULT_STATE_DIRECTORY), settings);
    return (settings);
}

channel::Mode
parseMode(const ConstElementPtr& value, const std::string& setting) {
    if (value->getType() == Element::string) {
        for (const channel::Mode mode : {channel::MODE_OFF, channel::MODE_OPTIONAL,
                                         channel::MODE_ENCRYPTED, channel::MODE_AUTHENTICATED}) {
            if (value->stringValue() == modeName(mode)) {
                return (mode);
            }
        }
    }
    refuse(setting, value, "\"off\", \"optional\", \"encrypted\" or \"authenticated\"");
}

const char*
modeName(channel::Mode mode) {
    switch (mode) {
    case channel::MODE_OFF:
        return ("off");
    case channel::MODE_OPTIONAL:
        return ("optional");
    case channel::MODE_ENCRYPTED:
        return ("encrypted");
    case channel::MODE_AUTHENTICATED:
        return ("authenticated");
    }
    return ("authenticated");
}

}  // namespace kea_encryption
