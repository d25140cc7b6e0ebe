// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_CLIENT_IDENTIFIER_H
#define KEA_ENCRYPTION_CLIENT_IDENTIFIER_H

/// @file client_identifier.h
///
/// What a message says of its sender.

#include "recognise.h"
#include <hook/engine/bound_duids.h>

namespace kea_encryption {

/// Whether there is a Client Identifier.
bool
namesClient(const Datagram& datagram);

/// The first Client Identifier; `data` is null without.
Octets
clientIdentifier(const Datagram& datagram);

/// Whether a Client Identifier is bound to a key (docs/protocol.md 8).
bool
namesBoundDuid(const Datagram& datagram, const BoundDuids& bound);

}  // namespace kea_encryption

#endif
