// SPDX-License-Identifier: MPL-2.0

#include "kea_configuration.h"

#include <hook/kea/configuration.h>
#include <hook/kea/user_context.h>

#include <dhcpsrv/cfg_duid.h>
#include <dhcpsrv/cfg_host_operations.h>

#include <gtest/gtest.h>

#include <algorithm>

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::dhcp::CfgMgr;
using namespace kea_encryption;

namespace {

PeekedSettings
peeked(const std::string& json) {
    return (PeekedSettings(Element::fromJSON(json)));
}

const char* const TOLD =
    "{\"solution\": \"B\", \"mode\": \"encrypted\", \"message-types\": {\"encrypted-query\": 100, "
    "\"encrypted-response\": 101, \"encrypted-request\": 102, \"encrypted-reply\": 103}, "
    "\"option-codes\": {\"public-key\": 9000, \"certificate\": 9001, \"encrypted-message\": 9002, "
    "\"signature\": 9003, \"cookie\": 9004}}";

}  // namespace

TEST(ConfigurationTest, withoutParametersTheHookStartsNode) {
    for (const auto& settings : {PeekedSettings(ConstElementPtr()), peeked("{}")}) {
        EXPECT_EQ(channel::MODE_OPTIONAL, settings.mode);
        EXPECT_FALSE(settings.identifies_hosts);
        EXPECT_EQ("node", settings.node);
        EXPECT_EQ("", settings.socket);
        EXPECT_EQ(0, Element::fromJSON(settings.engine_settings)->size());
    }
}

TEST(ConfigurationTest, whatIsSetIsPeeked) {
    const PeekedSettings settings = peeked("{\"mode\": \"off\", \"host-identifier\": \"san-uri\", "
                                           "\"engine\": {\"node\": \"/opt/node\"}}");
    EXPECT_EQ(channel::MODE_OFF, settings.mode);
    EXPECT_TRUE(settings.identifies_hosts);
    EXPECT_EQ("/opt/node", settings.node);
    EXPECT_FALSE(peeked("{\"host-identifier\": \"none\"}").identifies_hosts);
}

TEST(ConfigurationTest, aRunningEngineIsConnectedTo) {
    EXPECT_EQ("/run/e", peeked("{\"engine\": {\"socket\": \"/run/e\"}}").socket);
    EXPECT_EQ("/run/e", peeked("{\"engine\": {\"socket\": \"/run/e\", \"spawn\": false}}").socket);
    EXPECT_EQ("/run/kea-encryption/engine.sock",
              peeked("{\"state-directory\": \"/s\", \"engine\": {\"spawn\": false}}").socket);
    const EngineSource source = peeked("{\"engine\": {\"socket\": \"/run/e\"}}").engineSource();
    EXPECT_TRUE(source.command.empty() && source.socket == "/run/e" && source.settings.empty());
}

TEST(ConfigurationTest, nodeIsToldToLeaveSIGUSR1AloneWhereItKnowsHow) {
    const auto options = [](const char* node) {
        const auto command = peeked("{\"engine\": {\"node\": \"" + std::string(node) + "\"}}")
                                 .engineSource()
                                 .command;
        return (std::count(command.begin(), command.end(), "--disable-sigusr1"));
    };
    EXPECT_EQ(1, options("/bin/true"));
    EXPECT_EQ(0, options("/bin/false"));
}

TEST(ConfigurationTest, whatCannotBeReadIsTakenForTheStrictestAndLeftToTheEngine) {
    for (const char* const mode : {"7", "\"on\"", "null", "{}", "\"authenticated\""}) {
        EXPECT_EQ(channel::MODE_AUTHENTICATED,
                  peeked("{\"mode\": " + std::string(mode) + "}").mode);
    }
    for (const char* const kind : {"7", "\"\"", "{}", "\"uri\""}) {
        EXPECT_TRUE(peeked("{\"host-identifier\": " + std::string(kind) + "}").identifies_hosts);
    }
    for (const char* const engine :
         {"5", "[]", "{\"node\": \"\"}", "{\"node\": 7}", "{\"spawn\": \"no\"}",
          "{\"spawn\": true, \"socket\": \"/s\"}"}) {
        const PeekedSettings settings = peeked("{\"engine\": " + std::string(engine) + "}");
        EXPECT_TRUE(settings.node == "node" && settings.socket.empty());
    }
    EXPECT_EQ("/run/kea-encryption/engine.sock",
              peeked("{\"state-directory\": 7, \"engine\": {\"socket\": []}}").socket);
    EXPECT_EQ(channel::MODE_OPTIONAL, peeked("[]").mode);
}

TEST(ConfigurationTest, theHookActsOnWhatItIsTold) {
    const HookSettings settings(Element::fromJSON(TOLD));
    EXPECT_TRUE(settings.solution_b);
    EXPECT_EQ(channel::MODE_ENCRYPTED, settings.mode);
    EXPECT_EQ(100, settings.encrypted_query);
    EXPECT_EQ(101, settings.encrypted_response);
    EXPECT_EQ(102, settings.encrypted_request);
    EXPECT_EQ(103, settings.encrypted_reply);
    EXPECT_EQ(9000, settings.public_key);
    EXPECT_EQ(9001, settings.certificate);
    EXPECT_EQ(9002, settings.encrypted_message);
    EXPECT_EQ(9003, settings.signature);
    EXPECT_EQ(9004, settings.cookie);
}

TEST(ConfigurationTest, whatItIsToldIsWholeAndInRange) {
    for (const char* const name : {"solution", "message-types", "option-codes"}) {
        const auto told = Element::fromJSON(TOLD);
        told->remove(name);
        EXPECT_THROW(HookSettings{told}, isc::Exception);
    }
    const auto told = isc::data::copy(Element::fromJSON(TOLD));
    for (const int type : {0, 256}) {
        const auto types = isc::data::copy(told->get("message-types"));
        types->set("encrypted-query", Element::create(type));
        told->set("message-types", types);
        EXPECT_THROW(HookSettings{told}, isc::Exception);
    }
}

TEST(ConfigurationTest, theEngineIsToldTheParametersAndWhatStandsInUserContexts) {
    KeaConfiguration configuration;
    configuration.staging().getCfgDUID()->setType(isc::dhcp::DUID::DUID_EN);
    configuration.network("n", "off").subnet(1, "2001:db8:1::/64");
    configuration.subnet(2, "2001:db8:2::/64").context("{\"encyrption\": 7}");
    configuration.commit();
    const auto& config = *CfgMgr::instance().getCurrentCfg();
    const auto told =
        Element::fromJSON(describeConfiguration(Element::fromJSON("{\"mode\": [1]}"), config));
    EXPECT_EQ("{ \"mode\": [ 1 ] }", told->get("parameters")->str());
    EXPECT_EQ("[ { \"of\": \"shared network n\", \"user-context\": { \"encryption\": { \"mode\": "
              "\"off\" } } }, { \"of\": \"subnet 2001:db8:2::/64\", \"user-context\": { "
              "\"encyrption\": 7 } } ]",
              told->get("user-contexts")->str());
    EXPECT_TRUE(told->get("check")->boolValue());  // Kea has made no DUID yet
    EXPECT_EQ("0002", told->get("server-identifier")->stringValue().substr(0, 4));
    EXPECT_FALSE(told->get("flex-id")->boolValue());
    CfgMgr::instance().getCurrentCfg()->getCfgHostOperations6()->addIdentifierType("flex-id");
    EXPECT_TRUE(Element::fromJSON(describeConfiguration(ConstElementPtr(), config))
                    ->get("flex-id")
                    ->boolValue());
}

TEST(ConfigurationTest, whatNamesPrivateKeysGoesToAnEngineThatTheHookStartsAndOverNoSocket) {
    const auto parameters = Element::fromJSON(
        "{\"private-key\": \"/k\", \"private-key-command\": [], \"previous-keys\": [], "
        "\"certificate\": \"/c\", \"mode\": \"off\"}");
    KeaConfiguration configuration;
    configuration.commit();
    const auto told =
        Element::fromJSON(describeConfiguration(parameters, *CfgMgr::instance().getCurrentCfg()));
    EXPECT_EQ("{ \"certificate\": \"/c\", \"mode\": \"off\" }", told->get("parameters")->str());
    EXPECT_EQ(5, parameters->size());
    const PeekedSettings settings(parameters);
    EXPECT_TRUE(Element::fromJSON(settings.engine_settings)->equals(*parameters));
}

TEST(ConfigurationTest, ofAUserContextTheModeIsReadAndWhatIsWrongIsTheStrictest) {
    const auto mode = [](const std::string& json) { return (namedMode(Element::fromJSON(json))); };
    for (const char* const none : {"{}", "[]", "{\"encryption\": {}}", "{\"mode\": \"off\"}"}) {
        EXPECT_FALSE(mode(none));
    }
    EXPECT_FALSE(namedMode(ConstElementPtr()));
    for (const char* const name : {"off", "optional", "encrypted", "authenticated"}) {
        const auto named = mode("{\"encryption\": {\"mode\": \"" + std::string(name) + "\"}}");
        ASSERT_TRUE(named);
        EXPECT_EQ(std::string(name), modeName(*named));
    }
    for (const char* const wrong :
         {"true", "[]", "null", "{\"mode\": 7}", "{\"mode\": \"on\"}", "{\"mode\": null}"}) {
        EXPECT_EQ(channel::MODE_AUTHENTICATED,
                  mode("{\"encryption\": " + std::string(wrong) + "}"));
    }
}
