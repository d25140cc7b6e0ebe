// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_WORKER_CHOICE_H
#define KEA_ENCRYPTION_WORKER_CHOICE_H

/// @file worker_choice.h
///
/// Which of the engine's workers a message goes to.

#include "recognise.h"

#include <cstdint>

namespace kea_encryption {

/// A context is found by its enc, wherever its queries come from (docs/protocol.md 4.1), and a
/// worker has its contexts for itself; what has no enc goes by the link and the client's address on
/// it.
/// @param encrypted_message code of the option that holds the envelope, in an Encrypted-Query; else
/// 0.
/// @param source the datagram's source address, 16 octets.
/// @return a number that is to be taken modulo the number of workers.
uint32_t
chooseWorker(const Datagram& datagram,
             uint16_t encrypted_message,
             uint32_t interface_index,
             const uint8_t* source);

}  // namespace kea_encryption

#endif
