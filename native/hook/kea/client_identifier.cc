// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "client_identifier.h"

namespace kea_encryption {

namespace {

/// Whether a Client Identifier is what is asked for.
template <typename Predicate>
bool
anyClientIdentifier(const Datagram& datagram, Predicate is_meant) {
    OptionWalk walk = OptionWalk::ofMessage(datagram.message);
    for (Option option; walk.next(option);) {
        if (option.code == OPTION_CLIENT_IDENTIFIER && is_meant(option.data)) {
            return (true);
        }
    }
    return (false);
}

}  // namespace

bool
namesClient(const Datagram& datagram) {
    return (anyClientIdentifier(datagram, [](const Octets&) { return (true); }));
}

bool
namesBoundDuid(const Datagram& datagram, const BoundDuids& bound) {
    return (!bound.empty() && anyClientIdentifier(datagram, [&](const Octets& duid) {
        return (bound.contains(duid));
    }));
}

Octets
clientIdentifier(const Datagram& datagram) {
    Octets first;
    anyClientIdentifier(datagram, [&first](const Octets& duid) {
        first = duid;
        return (true);
    });
    return (first);
}

}  // namespace kea_encryption
