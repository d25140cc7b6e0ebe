// SPDX-License-Identifier: MPL-2.0

#pragma once

// The hook's statistics in Kea's StatsMgr. Their names have hyphens and no dots. What is counted
// for a packet is counted twice: in total, and for its subnet under `subnet[ID].`, where one is
// known. Any number of threads may count.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace kea_encryption::statistics {

// What arrived.
constexpr const char* RECEIVED_REQUEST = "encryption-received-encrypted-request";
constexpr const char* RECEIVED_QUERY = "encryption-received-encrypted-query";
constexpr const char* RECEIVED_SOLICIT = "encryption-received-signed-solicit";
// What became of it, and of Kea's answers.
constexpr const char* DECRYPTED = "encryption-decrypted";
constexpr const char* REPLIED = "encryption-replied";
constexpr const char* SEALED = "encryption-sealed";
constexpr const char* DROPPED = "encryption-dropped";
// The engine.
constexpr const char* ENGINE_RESTARTS = "encryption-engine-restarts";
constexpr const char* ENGINE_TIMEOUTS = "encryption-engine-timeouts";

// Reasons of the hook's own for dropping a packet; the engine has more.
constexpr const char* REASON_REFUSED_SETTINGS = "refused-settings";
constexpr const char* REASON_ENGINE_DOWN = "engine-down";
constexpr const char* REASON_ENGINE_TIMEOUT = "engine-timeout";
constexpr const char* REASON_MALFORMED_RELAY = "malformed-relay";
constexpr const char* REASON_UNEXPECTED_MESSAGE = "unexpected-message";
constexpr const char* REASON_NOT_ON_LINK = "not-on-link";
constexpr const char* REASON_UNPACK_LIMIT = "unpack-limit";
constexpr const char* REASON_MODE_OFF = "mode-off";
constexpr const char* REASON_BOUND_DUID = "bound-duid";
constexpr const char* REASON_LEASED_IN_CLEAR = "leased-in-clear";
constexpr const char* REASON_IDENTITY_REFUSED = "identity-refused";
constexpr const char* REASON_CLEARTEXT_REFUSED = "cleartext-refused";
constexpr const char* REASON_PUBLIC_KEY_REFUSED = "public-key-refused";
constexpr const char* REASON_INTERNAL_ERROR = "internal-error";
/// @brief What an engine says that this hook does not know.
constexpr const char* REASON_UNSPECIFIED = "unspecified";

/// @brief A packet for which no subnet is known: Kea's SUBNET_ID_UNUSED, which is of another type
/// in each version.
constexpr uint32_t NO_SUBNET = 0;

/// @brief Creates those statistics that are not there yet, with the value 0. Those of an earlier
/// configuration keep their values.
/// @param reasons the engine's reasons for dropping a packet.
/// @param subnets the subnet-ids for which packets are counted.
void
initialise(const std::vector<std::string>& reasons, const std::vector<uint32_t>& subnets);

/// @brief The subnets that something was counted for, in this configuration or an earlier one.
std::set<uint32_t>
subnetsWithStatistics();

/// @brief Removes what was counted for subnets that are gone, as Kea does with its own.
void
forget(const std::vector<std::string>& reasons, const std::vector<uint32_t>& subnets);

/// @brief Adds one, in total and for the subnet of what is about a packet.
void
count(const std::string& name, uint32_t subnet_id = NO_SUBNET);

/// @brief Counts a dropped query or answer by its reason and among all that were dropped, for the
/// subnet and in total.
void
countDrop(const std::string& reason, uint32_t subnet_id);

/// @brief Counts a packet that Kea does not get to see in its own pkt6-received.
void
countReceived();

/// @brief Counts a query that a callout dropped in Kea's own pkt6-receive-drop, where Kea does not
/// do so itself.
/// @param kea_may_count true at hook points where Kea 2.2 and 2.4 count it.
void
countReceiveDrop(bool kea_may_count);

}  // namespace kea_encryption::statistics
