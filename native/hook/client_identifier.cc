// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "client_identifier.h"

#include <dhcp/duid.h>

namespace kea_encryption {

namespace {

/// Two octets of type and the UUID (RFC 6355 section 4).
constexpr size_t DUID_UUID_LENGTH = 18;

} // namespace

bool namesBoundDuid(const Datagram &datagram, const BoundDuids &bound) {
    if (bound.empty()) {
        return (false);
    }
    OptionWalk walk = OptionWalk::ofMessage(datagram.message);
    for (Option option; walk.next(option);) {
        if (option.code == OPTION_CLIENT_IDENTIFIER && bound.contains(option.data)) {
            return (true);
        }
    }
    return (false);
}

bool namesDerivedDuid(const Datagram &datagram) {
    OptionWalk walk = OptionWalk::ofMessage(datagram.message);
    for (Option option; walk.next(option);) {
        const uint8_t *duid = option.data.data;
        if (option.code == OPTION_CLIENT_IDENTIFIER && option.data.length == DUID_UUID_LENGTH &&
            duid[0] == 0 && duid[1] == isc::dhcp::DUID::DUID_UUID && (duid[8] >> 4) == 8 &&
            (duid[10] >> 6) == 2) {
            return (true);
        }
    }
    return (false);
}

} // namespace kea_encryption
