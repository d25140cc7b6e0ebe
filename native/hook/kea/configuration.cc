// SPDX-License-Identifier: MPL-2.0

#include "configuration.h"

#include "user_context.h"

#include <cc/simple_parser.h>
#include <dhcp/duid.h>
#include <dhcpsrv/cfg_duid.h>
#include <dhcpsrv/cfg_host_operations.h>
#include <dhcpsrv/cfg_shared_networks.h>
#include <dhcpsrv/cfg_subnets6.h>
#include <dhcpsrv/shared_network.h>

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::data::ElementPtr;
using isc::data::SimpleParser;
using namespace isc::dhcp;

namespace kea_encryption {

namespace {

const char* const DEFAULT_SOCKET = "/run/kea-encryption/engine.sock";

/// @brief Parameters that name private keys, or who signs with them: they are the engine's own and
/// go over no socket.
const std::array<std::string, 3> SECRETS = {"private-key", "private-key-command", "previous-keys"};

/// @brief From the directory of this library in the build tree.
const char* const ENGINE_IN_BUILD_TREE = "/../../dist/engine/main.js";
const char* const ENGINE_INSTALLED = "/usr/lib/kea-encryption/dist/engine/main.js";

/// @brief An address that cannot be bound: SIGUSR1 opens no port of Node.js's inspector.
const char* const NO_INSPECTOR = "--inspect-port=[ff02::1]:0";

/// @brief What Node.js 22.14, 23.7 and later have besides: no inspector at all at SIGUSR1.
const char* const NO_SIGNAL = "--disable-sigusr1";

/// @brief Returns a member that is a string and not empty, or something else.
std::string
textOr(const std::string& otherwise, const ConstElementPtr& map, const char* name) {
    const ConstElementPtr value = memberOf(map, name);
    const bool is_text = value && value->getType() == Element::string;
    return (is_text && !value->stringValue().empty() ? value->stringValue() : otherwise);
}

/// @brief Returns the program of the build tree around this library, or the installed one.
std::string
findEngine() {
    std::string beside;
    Dl_info library;
    char path[PATH_MAX];
    if (::dladdr(reinterpret_cast<const void*>(&findEngine), &library) != 0 &&
        ::realpath(library.dli_fname, path)) {
        beside = path;
        beside.erase(beside.rfind('/'));
        beside += ENGINE_IN_BUILD_TREE;
        if (::realpath(beside.c_str(), path)) {
            return (path);
        }
    }
    if (::access(ENGINE_INSTALLED, R_OK) < 0) {
        isc_throw(EngineError, "the engine is neither at " << beside << " nor at "
                                                           << ENGINE_INSTALLED
                                                           << ": build or install it");
    }
    return (ENGINE_INSTALLED);
}

/// @brief Whether kea-dhcp6 -T checks the configuration: it does so without creating the DUID.
bool
isCheck(const SrvConfig& config) {
    return (!config.getCfgDUID()->getCurrentDuid());
}

/// @brief Returns Kea's DUID in hexadecimal.
std::string
serverIdentifier(const SrvConfig& config) {
    CfgDUID duid(*config.getCfgDUID());
    // Any will do for a check.
    duid.setPersist(false);
    std::string text =
        duid.getCurrentDuid() ? duid.getCurrentDuid()->toText() : duid.create("")->toText();
    text.erase(std::remove(text.begin(), text.end(), ':'), text.end());
    return (text);
}

/// @brief Returns the parameters without those that the engine does not take from Kea.
ElementPtr
withoutSecrets(const ConstElementPtr& parameters) {
    const ElementPtr rest = Element::createMap();
    if (parameters && parameters->getType() == Element::map) {
        for (const auto& parameter : parameters->mapValue()) {
            if (std::find(SECRETS.begin(), SECRETS.end(), parameter.first) == SECRETS.end()) {
                rest->set(parameter.first, parameter.second);
            }
        }
    }
    return (rest);
}

void
addUserContext(const ElementPtr& list, const std::string& of, const ConstElementPtr& context) {
    if (context) {
        const ElementPtr entry = Element::createMap();
        entry->set("of", Element::create(of));
        entry->set("user-context", context);
        list->add(entry);
    }
}

}  // namespace

PeekedSettings::PeekedSettings(const ConstElementPtr& parameters) {
    if (const ConstElementPtr value = memberOf(parameters, "mode")) {
        mode = readMode(value);
    }
    const ConstElementPtr identifier = memberOf(parameters, "host-identifier");
    identifies_hosts = identifier && !identifier->equals(*Element::create("none"));

    const ConstElementPtr map = memberOf(parameters, "engine");
    const ConstElementPtr spawn = memberOf(map, "spawn");
    const bool is_told = spawn && spawn->getType() == Element::boolean;
    if (is_told ? spawn->boolValue() : !memberOf(map, "socket")) {
        node = textOr("node", map, "node");
        engine_settings = parameters ? parameters->str() : "{}";
    } else {
        socket = textOr(DEFAULT_SOCKET, map, "socket");
    }
}

HookSettings::HookSettings(const ConstElementPtr& told)
    : solution_b(SimpleParser::getString(told, "solution") == "B"),
      mode(readMode(told->get("mode"))) {
    const auto number = [&told](const char* group, const char* name, int64_t max) {
        const ConstElementPtr map = memberOf(told, group);
        if (!map) {
            isc_throw(EngineError, "it lacks \"" << group << "\"");
        }
        return (SimpleParser::getInteger(map, name, 1, max));
    };
    const auto type = [&number](const char* name) {
        return (static_cast<uint8_t>(number("message-types", name, UINT8_MAX)));
    };
    const auto code = [&number](const char* name) {
        return (static_cast<uint16_t>(number("option-codes", name, UINT16_MAX)));
    };
    encrypted_query = type("encrypted-query");
    encrypted_response = type("encrypted-response");
    encrypted_request = type("encrypted-request");
    encrypted_reply = type("encrypted-reply");
    public_key = code("public-key");
    certificate = code("certificate");
    encrypted_message = code("encrypted-message");
    signature = code("signature");
    cookie = code("cookie");
}

std::string
describeConfiguration(const ConstElementPtr& parameters, const SrvConfig& config) {
    const ElementPtr contexts = Element::createList();
    for (const auto& network : *config.getCfgSharedNetworks6()->getAll()) {
        addUserContext(contexts, "shared network " + network->getName(), network->getContext());
    }
    for (const auto& subnet : *config.getCfgSubnets6()->getAll()) {
        addUserContext(contexts, "subnet " + subnet->toText(), subnet->getContext());
    }
    const auto& types = config.getCfgHostOperations6()->getIdentifierTypes();
    const bool has_flex_id = std::find(types.begin(), types.end(), Host::IDENT_FLEX) != types.end();
    const ElementPtr configuration = Element::createMap();
    configuration->set("parameters", withoutSecrets(parameters));
    configuration->set("check", Element::create(isCheck(config)));
    configuration->set("server-identifier", Element::create(serverIdentifier(config)));
    configuration->set("flex-id", Element::create(has_flex_id));
    configuration->set("user-contexts", contexts);
    return (configuration->str());
}

EngineSource
PeekedSettings::engineSource() const {
    EngineSource source;
    source.socket = socket;
    if (socket.empty()) {
        source.command = {node,
                          NO_INSPECTOR,
                          findEngine(),
                          "--control-fd",
                          std::to_string(ENGINE_CONTROL_DESCRIPTOR),
                          "--settings-fd",
                          std::to_string(ENGINE_SETTINGS_DESCRIPTOR)};
        if (takesOption(node, NO_SIGNAL)) {
            source.command.insert(source.command.begin() + 1, NO_SIGNAL);
        }
        source.settings = engine_settings;
    }
    return (source);
}

}  // namespace kea_encryption
