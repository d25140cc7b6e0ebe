// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "check.h"

#include <hook/shim_settings.h>

using isc::data::Element;
using namespace kea_encryption;

namespace {

ShimSettings parsed(const std::string &json) { return (ShimSettings::parse(Element::fromJSON(json))); }

std::string refusal(const std::string &json) {
    try {
        parsed(json);
    } catch (const BadSetting &error) {
        return (error.what());
    }
    return ("");
}

} // namespace

TEST_CASE("shim-settings/defaults") {
    const ShimSettings settings = ShimSettings::parse(isc::data::ConstElementPtr());
    REQUIRE(!settings.solution_b);
    REQUIRE_EQUAL(channel::MODE_OPTIONAL, settings.mode);
    REQUIRE_EQUAL(251, settings.encrypted_query);
    REQUIRE_EQUAL(254, settings.encrypted_reply);
    REQUIRE_EQUAL(701, settings.public_key);
    REQUIRE_EQUAL("node", settings.node);
    REQUIRE_EQUAL("", settings.engine_socket);
    REQUIRE_EQUAL(500, settings.engine_timeout.count());
}

TEST_CASE("shim-settings/values") {
    const ShimSettings settings = parsed(
        "{\"solution\": \"B\", \"mode\": \"authenticated\", \"message-types\": {\"encrypted-query\": 100},"
        " \"option-codes\": {\"certificate\": 9000}, \"engine\": {\"node\": \"/opt/node\", \"timeout\": "
        "20}}");
    REQUIRE(settings.solution_b);
    REQUIRE_EQUAL(channel::MODE_AUTHENTICATED, settings.mode);
    REQUIRE_EQUAL(100, settings.encrypted_query);
    REQUIRE_EQUAL(252, settings.encrypted_response);
    REQUIRE_EQUAL(9000, settings.certificate);
    REQUIRE_EQUAL("/opt/node", settings.node);
    REQUIRE_EQUAL(20, settings.engine_timeout.count());
}

TEST_CASE("shim-settings/a running engine is connected to") {
    REQUIRE_EQUAL("/run/e", parsed("{\"engine\": {\"socket\": \"/run/e\"}}").engine_socket);
    REQUIRE_EQUAL("/run/e", parsed("{\"engine\": {\"socket\": \"/run/e\", \"spawn\": false}}").engine_socket);
    REQUIRE_EQUAL("/s/engine.sock",
                  parsed("{\"state-directory\": \"/s\", \"engine\": {\"spawn\": false}}").engine_socket);
}

TEST_CASE("shim-settings/a wrong setting is named with its value and what would be right") {
    REQUIRE_EQUAL("\"mode\" is \"on\": it must be \"off\", \"optional\", \"encrypted\" or \"authenticated\"",
                  refusal("{\"mode\": \"on\"}"));
    REQUIRE_EQUAL("\"solution\" is 1: it must be \"A\" or \"B\"", refusal("{\"solution\": 1}"));
    REQUIRE_EQUAL("\"engine.timeout\" is 0: it must be an integer from 1 to 60000",
                  refusal("{\"engine\": {\"timeout\": 0}}"));
    REQUIRE_EQUAL("\"engine.node\" is \"\": it must be a string that is not empty",
                  refusal("{\"engine\": {\"node\": \"\"}}"));
    REQUIRE_EQUAL("\"engine.spawn\" is \"yes\": it must be true or false",
                  refusal("{\"engine\": {\"spawn\": \"yes\"}}"));
    REQUIRE_EQUAL("\"engine\" is 5: it must be a map", refusal("{\"engine\": 5}"));
    REQUIRE_EQUAL("\"message-types.encrypted-reply\" is 256: it must be an integer from 1 to 255",
                  refusal("{\"message-types\": {\"encrypted-reply\": 256}}"));
    REQUIRE_EQUAL("\"option-codes.public-key\" is 0: it must be an integer from 1 to 65535",
                  refusal("{\"option-codes\": {\"public-key\": 0}}"));
    REQUIRE(refusal("{\"message-types\": {\"encrypted-reply\": 251}}").find("same type") !=
            std::string::npos);
    REQUIRE(refusal("{\"engine\": {\"spawn\": true, \"socket\": \"/s\"}}").find("\"engine.socket\"") !=
            std::string::npos);
    REQUIRE(
        refusal("{\"engine\": {\"socket\": \"/" + std::string(120, 'x') + "\"}}").find("fewer than 108") !=
        std::string::npos);
    REQUIRE(refusal("[]").find("must be a map") != std::string::npos);
}

TEST_CASE("shim-settings/other parameters are the engine's to judge") {
    REQUIRE_EQUAL("", refusal("{\"certificate\": 7, \"nonsense\": {}, \"engine\": {\"workers\": -1}}"));
}
