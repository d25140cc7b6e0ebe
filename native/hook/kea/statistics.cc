// SPDX-License-Identifier: MPL-2.0

#include "statistics.h"

#include <hooks/hooks.h>
#include <stats/stats_mgr.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

using isc::stats::StatsMgr;

namespace kea_encryption::statistics {

namespace {

/// @brief What is counted for each packet, beside the reasons for drops.
const char* const OF_PACKETS[] = {RECEIVED_REQUEST, RECEIVED_QUERY, RECEIVED_SOLICIT, DECRYPTED,
                                  REPLIED,          SEALED,         DROPPED};
const char* const OF_ENGINE[] = {ENGINE_RESTARTS, ENGINE_TIMEOUTS};
const char* const OWN_REASONS[] = {
    REASON_REFUSED_SETTINGS,   REASON_ENGINE_DOWN,        REASON_ENGINE_TIMEOUT,
    REASON_MALFORMED_RELAY,    REASON_UNEXPECTED_MESSAGE, REASON_NOT_ON_LINK,
    REASON_UNPACK_LIMIT,       REASON_MODE_OFF,           REASON_BOUND_DUID,
    REASON_LEASED_IN_CLEAR,    REASON_IDENTITY_REFUSED,   REASON_CLEARTEXT_REFUSED,
    REASON_PUBLIC_KEY_REFUSED, REASON_INTERNAL_ERROR,     REASON_UNSPECIFIED};

/// @brief From this version on Kea leaves pkt6-receive-drop to the callout that drops.
constexpr int HOOK_COUNTS_DROPS = 20600;

void
initialiseOne(const std::string& name) {
    if (!StatsMgr::instance().getObservation(name)) {
        StatsMgr::instance().setValue(name, static_cast<int64_t>(0));
    }
}

void
add(const std::string& name) {
    StatsMgr::instance().addValue(name, static_cast<int64_t>(1));
}

std::string
dropName(const std::string& reason) {
    return ("encryption-drop-" + reason);
}

/// @brief What StatsMgr::generateName() gives for "subnet", at a tenth of its cost: this is done
/// for each packet.
std::string
subnetName(uint32_t subnet_id, const std::string& name) {
    return ("subnet[" + std::to_string(subnet_id) + "]." + name);
}

/// @brief What is counted for each packet, in total and for its subnet.
std::vector<std::string>
packetNames(const std::vector<std::string>& reasons) {
    std::vector<std::string> names(std::begin(OF_PACKETS), std::end(OF_PACKETS));
    std::transform(std::begin(OWN_REASONS), std::end(OWN_REASONS), std::back_inserter(names),
                   dropName);
    std::transform(reasons.begin(), reasons.end(), std::back_inserter(names), dropName);
    return (names);
}

}  // namespace

void
initialise(const std::vector<std::string>& reasons, const std::vector<uint32_t>& subnets) {
    for (const char* const name : OF_ENGINE) {
        initialiseOne(name);
    }
    for (const std::string& name : packetNames(reasons)) {
        initialiseOne(name);
        for (const uint32_t subnet_id : subnets) {
            initialiseOne(subnetName(subnet_id, name));
        }
    }
}

std::set<uint32_t>
subnetsWithStatistics() {
    const isc::data::ConstElementPtr all = StatsMgr::instance().getAll();
    std::set<uint32_t> counted;
    for (const auto& entry : all->mapValue()) {
        unsigned subnet_id = 0;
        if (std::sscanf(entry.first.c_str(), "subnet[%u]", &subnet_id) == 1 &&
            entry.first.find("].encryption-") != std::string::npos) {
            counted.insert(subnet_id);
        }
    }
    return (counted);
}

void
forget(const std::vector<std::string>& reasons, const std::vector<uint32_t>& subnets) {
    if (subnets.empty()) {
        return;
    }
    for (const std::string& name : packetNames(reasons)) {
        for (const uint32_t subnet_id : subnets) {
            StatsMgr::instance().del(subnetName(subnet_id, name));
        }
    }
}

void
count(const std::string& name, uint32_t subnet_id) {
    add(name);
    if (subnet_id != NO_SUBNET) {
        add(subnetName(subnet_id, name));
    }
}

void
countDrop(const std::string& reason, uint32_t subnet_id) {
    count(DROPPED, subnet_id);
    count(dropName(reason), subnet_id);
}

void
countReceived() {
    add("pkt6-received");
}

void
countReceiveDrop(bool kea_may_count) {
    if (!kea_may_count || KEA_HOOKS_VERSION >= HOOK_COUNTS_DROPS) {
        add("pkt6-receive-drop");
    }
}

}  // namespace kea_encryption::statistics
