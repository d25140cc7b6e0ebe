// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_STATISTICS_H
#define KEA_ENCRYPTION_STATISTICS_H

/// @file statistics.h
///
/// The hook's statistics in Kea's StatsMgr. Their names have hyphens and no dots. What is counted
/// for a packet is counted twice: in total, and for its subnet under `subnet[ID].`, where one is
/// known. Any number of threads may count.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace kea_encryption {
namespace statistics {

// What arrived.
extern const char* const RECEIVED_REQUEST;
extern const char* const RECEIVED_QUERY;
extern const char* const RECEIVED_SOLICIT;
// What became of it, and of Kea's answers.
extern const char* const DECRYPTED;
extern const char* const REPLIED;
extern const char* const SEALED;
extern const char* const DROPPED;
// The engine.
extern const char* const ENGINE_RESTARTS;
extern const char* const ENGINE_TIMEOUTS;

// Reasons of the hook's own for dropping a packet; the engine has more.
extern const char* const REASON_REFUSED_SETTINGS;
extern const char* const REASON_ENGINE_DOWN;
extern const char* const REASON_ENGINE_TIMEOUT;
extern const char* const REASON_MALFORMED_RELAY;
extern const char* const REASON_UNEXPECTED_MESSAGE;
extern const char* const REASON_NOT_ON_LINK;
extern const char* const REASON_UNPACK_LIMIT;
extern const char* const REASON_MODE_OFF;
extern const char* const REASON_BOUND_DUID;
extern const char* const REASON_LEASED_IN_CLEAR;
extern const char* const REASON_CLEARTEXT_REFUSED;
extern const char* const REASON_PUBLIC_KEY_REFUSED;
extern const char* const REASON_INTERNAL_ERROR;
/// What an engine says that this hook does not know.
extern const char* const REASON_UNSPECIFIED;

/// A packet for which no subnet is known: Kea's SUBNET_ID_UNUSED, which is of another type in each
/// version.
constexpr uint32_t NO_SUBNET = 0;

/// Creates those statistics that are not there yet, with the value 0. Those of an earlier
/// configuration keep their values.
/// @param reasons the engine's reasons for dropping a packet.
/// @param subnets the subnet-ids for which packets are counted.
void
initialise(const std::vector<std::string>& reasons, const std::vector<uint32_t>& subnets);

/// The subnets that something was counted for, in this configuration or an earlier one.
std::set<uint32_t>
subnetsWithStatistics();

/// Removes what was counted for subnets that are gone, as Kea does with its own statistics of them.
void
forget(const std::vector<std::string>& reasons, const std::vector<uint32_t>& subnets);

/// Adds one to what is not about a packet.
void
count(const char* name);

/// Adds one, for the subnet and in total.
void
count(const char* name, uint32_t subnet_id);

/// Counts a dropped query or answer by its reason and among all that were dropped, for the subnet
/// and in total.
void
countDrop(const std::string& reason, uint32_t subnet_id);

/// Counts a query that a callout dropped in Kea's own pkt6-receive-drop, where Kea does not do so
/// itself.
/// @param kea_may_count true at hook points where Kea 2.2 and 2.4 count it.
void
countReceiveDrop(bool kea_may_count);

}  // namespace statistics
}  // namespace kea_encryption

#endif
