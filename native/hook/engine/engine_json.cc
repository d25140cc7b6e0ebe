// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "engine_json.h"

#include "engine_process.h"

using isc::data::ConstElementPtr;
using isc::data::Element;

namespace kea_encryption {

namespace {

constexpr size_t DEEPEST = 64;

/// Whether brackets are nested too deeply. Those inside strings do not count.
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
            if (++depth > DEEPEST) {
                return (true);
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return (false);
}

}  // namespace

ConstElementPtr
parseEngineJson(const std::string& text) {
    if (isTooDeep(text)) {
        throw EngineError("it is nested deeper than " + std::to_string(DEEPEST) + " levels");
    }
    return (Element::fromJSON(text));
}

ConstElementPtr
memberOf(const ConstElementPtr& json, const char* name) {
    const ConstElementPtr member = json->get(name);
    if (!member) {
        throw EngineError(std::string("it lacks \"") + name + "\"");
    }
    return (member);
}

}  // namespace kea_encryption
