// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_ENGINE_JSON_H
#define KEA_ENCRYPTION_ENGINE_JSON_H

/// @file engine_json.h
///
/// JSON that the engine says. Whatever it says must not end Kea.

#include <cc/data.h>

#include <string>

namespace kea_encryption {

/// @throw EngineError if it is nested too deeply: Kea 2.2 parses as deep as its stack goes.
/// @throw isc::data::JSONError if it is no JSON.
isc::data::ConstElementPtr
parseEngineJson(const std::string& text);

/// A member of a map.
/// @throw EngineError if there is none.
isc::data::ConstElementPtr
memberOf(const isc::data::ConstElementPtr& json, const char* name);

}  // namespace kea_encryption

#endif
