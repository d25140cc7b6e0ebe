// SPDX-License-Identifier: MPL-2.0

#pragma once

// What Kea may be given to unpack. Before 3.2 it calls itself for each list of options inside an
// option and has no bound for that but its receive buffer, which this library gets around
// (LargeDatagramFilter). Pure and total, as recognise.h is.

#include "recognise.h"

namespace kea_encryption {

/// @brief Lists of options inside one another, the message's own included. A level takes up to 4 KB
/// of the stack, and a packet thread may have no more than 128 KiB (musl's default). Messages have
/// four: Kea 3.2 takes nine.
constexpr unsigned MAX_NESTED_LISTS = 16;

/// @brief Lists in all. No message of MAX_LIST_LENGTH has more than twice 375 containers, but Kea
/// unpacks the options of an IA Prefix twice, so that they can be made to double at each level.
constexpr unsigned MAX_LISTS = 1024;

/// @brief Octets of one list, without what a relay wraps. This is what Kea alone reads of a
/// datagram, so it bounds as well as that does what option definitions of the configuration have
/// Kea call itself for.
constexpr size_t MAX_LIST_LENGTH = 1500;

/// @brief Whether lists of options, of the message or of a relay, are nested deeper than
/// MAX_NESTED_LISTS by Kea's own option definitions, or are more than MAX_LISTS.
bool
isNestedTooDeep(const Octets& datagram);

/// @brief Whether that is so, or a list is longer than MAX_LIST_LENGTH.
bool
exceedsUnpackLimits(const Octets& datagram);

}  // namespace kea_encryption
