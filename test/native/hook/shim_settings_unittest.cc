// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include <hook/kea/shim_settings.h>

#include <gtest/gtest.h>

using isc::data::Element;
using namespace kea_encryption;

namespace {

ShimSettings
parsed(const std::string& json) {
    return (ShimSettings::parse(Element::fromJSON(json)));
}

std::string
refusal(const std::string& json) {
    try {
        parsed(json);
    } catch (const BadSetting& error) {
        return (error.what());
    }
    return ("");
}

}  // namespace

TEST(ShimSettingsTest, defaults) {
    const ShimSettings settings = ShimSettings::parse(isc::data::ConstElementPtr());
    EXPECT_FALSE(settings.solution_b);
    EXPECT_EQ(channel::MODE_OPTIONAL, settings.mode);
    EXPECT_EQ(251, settings.encrypted_query);
    EXPECT_EQ(254, settings.encrypted_reply);
    EXPECT_EQ(701, settings.public_key);
    EXPECT_EQ("node", settings.node);
    EXPECT_EQ("", settings.engine_socket);
    EXPECT_EQ(500, settings.engine_timeout.count());
}

TEST(ShimSettingsTest, values) {
    const ShimSettings settings = parsed("{\"solution\": \"B\", \"mode\": \"authenticated\", "
                                         "\"message-types\": {\"encrypted-query\": 100},"
                                         " \"option-codes\": {\"certificate\": 9000}, \"engine\": "
                                         "{\"node\": \"/opt/node\", \"timeout\": "
                                         "20}}");
    EXPECT_TRUE(settings.solution_b);
    EXPECT_EQ(channel::MODE_AUTHENTICATED, settings.mode);
    EXPECT_EQ(100, settings.encrypted_query);
    EXPECT_EQ(252, settings.encrypted_response);
    EXPECT_EQ(9000, settings.certificate);
    EXPECT_EQ("/opt/node", settings.node);
    EXPECT_EQ(20, settings.engine_timeout.count());
}

TEST(ShimSettingsTest, aRunningEngineIsConnectedTo) {
    EXPECT_EQ("/run/e", parsed("{\"engine\": {\"socket\": \"/run/e\"}}").engine_socket);
    EXPECT_EQ("/run/e",
              parsed("{\"engine\": {\"socket\": \"/run/e\", \"spawn\": false}}").engine_socket);
    EXPECT_EQ(
        "/s/engine.sock",
        parsed("{\"state-directory\": \"/s\", \"engine\": {\"spawn\": false}}").engine_socket);
}

TEST(ShimSettingsTest, aWrongSettingIsNamedWithItsValueAndWhatWouldBeRight) {
    EXPECT_EQ(
        "\"mode\" is \"on\": it must be \"off\", \"optional\", \"encrypted\" or \"authenticated\"",
        refusal("{\"mode\": \"on\"}"));
    EXPECT_EQ("\"solution\" is 1: it must be \"A\" or \"B\"", refusal("{\"solution\": 1}"));
    EXPECT_EQ("\"engine.timeout\" is 0: it must be an integer from 1 to 60000",
              refusal("{\"engine\": {\"timeout\": 0}}"));
    EXPECT_EQ("\"engine.node\" is \"\": it must be a string that is not empty",
              refusal("{\"engine\": {\"node\": \"\"}}"));
    EXPECT_EQ("\"engine.spawn\" is \"yes\": it must be true or false",
              refusal("{\"engine\": {\"spawn\": \"yes\"}}"));
    EXPECT_EQ("\"engine\" is 5: it must be a map", refusal("{\"engine\": 5}"));
    EXPECT_EQ("\"message-types.encrypted-reply\" is 256: it must be an integer from 1 to 255",
              refusal("{\"message-types\": {\"encrypted-reply\": 256}}"));
    EXPECT_EQ("\"option-codes.public-key\" is 0: it must be an integer from 1 to 65535",
              refusal("{\"option-codes\": {\"public-key\": 0}}"));
    EXPECT_TRUE(refusal("{\"message-types\": {\"encrypted-reply\": 251}}").find("same type") !=
                std::string::npos);
    EXPECT_TRUE(
        refusal("{\"engine\": {\"spawn\": true, \"socket\": \"/s\"}}").find("\"engine.socket\"") !=
        std::string::npos);
    EXPECT_TRUE(refusal("{\"engine\": {\"socket\": \"/" + std::string(120, 'x') + "\"}}")
                    .find("fewer than 108") != std::string::npos);
    EXPECT_TRUE(refusal("[]").find("must be a map") != std::string::npos);
}

TEST(ShimSettingsTest, otherParametersAreTheEnginesToJudge) {
    EXPECT_EQ("", refusal("{\"certificate\": 7, \"nonsense\": {}, \"engine\": {\"workers\": -1}}"));
}
