// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "statistics.h"

#include <hooks/hooks.h>
#include <stats/stats_mgr.h>

using isc::stats::StatsMgr;

namespace kea_encryption {
namespace statistics {

const char *const RECEIVED_REQUEST = "encryption-received-encrypted-request";
const char *const RECEIVED_QUERY = "encryption-received-encrypted-query";
const char *const RECEIVED_SOLICIT = "encryption-received-signed-solicit";
const char *const DECRYPTED = "encryption-decrypted";
const char *const REPLIED = "encryption-replied";
const char *const SEALED = "encryption-sealed";
const char *const ENGINE_RESTARTS = "encryption-engine-restarts";
const char *const ENGINE_TIMEOUTS = "encryption-engine-timeouts";

const char *const REASON_REFUSED_SETTINGS = "refused-settings";
const char *const REASON_ENGINE_DOWN = "engine-down";
const char *const REASON_ENGINE_TIMEOUT = "engine-timeout";
const char *const REASON_MALFORMED_RELAY = "malformed-relay";
const char *const REASON_UNEXPECTED_MESSAGE = "unexpected-message";
const char *const REASON_MODE_OFF = "mode-off";
const char *const REASON_BOUND_DUID = "bound-duid";
const char *const REASON_CLEARTEXT_REFUSED = "cleartext-refused";
const char *const REASON_PUBLIC_KEY_REFUSED = "public-key-refused";
const char *const REASON_INTERNAL_ERROR = "internal-error";
const char *const REASON_UNSPECIFIED = "unspecified";

namespace {

/// In the order of SubnetStatistics::Kind.
const char *const SUBNET_NAMES[] = {"encryption-received", "encryption-decrypted", "encryption-replied",
                                    "encryption-sealed", "encryption-dropped"};

/// From this version on Kea leaves pkt6-receive-drop to the callout that drops.
constexpr int HOOK_COUNTS_DROPS = 20600;

void initialiseOne(const std::string &name) {
    if (!StatsMgr::instance().getObservation(name)) {
        StatsMgr::instance().setValue(name, static_cast<int64_t>(0));
    }
}

void add(const std::string &name) { StatsMgr::instance().addValue(name, static_cast<int64_t>(1)); }

std::string dropName(const std::string &reason) { return ("encryption-drop-" + reason); }

std::string subnetName(uint32_t subnet_id, const std::string &name) {
    return (StatsMgr::generateName("subnet", subnet_id, name));
}

} // namespace

void initialise(const std::vector<std::string> &reasons) {
    for (const char *const name : {RECEIVED_REQUEST, RECEIVED_QUERY, RECEIVED_SOLICIT, DECRYPTED, REPLIED,
                                   SEALED, ENGINE_RESTARTS, ENGINE_TIMEOUTS}) {
        initialiseOne(name);
    }
    for (const char *const reason :
         {REASON_REFUSED_SETTINGS, REASON_ENGINE_DOWN, REASON_ENGINE_TIMEOUT, REASON_MALFORMED_RELAY,
          REASON_UNEXPECTED_MESSAGE, REASON_MODE_OFF, REASON_BOUND_DUID, REASON_CLEARTEXT_REFUSED,
          REASON_PUBLIC_KEY_REFUSED, REASON_INTERNAL_ERROR, REASON_UNSPECIFIED}) {
        initialiseOne(dropName(reason));
    }
    for (const std::string &reason : reasons) {
        initialiseOne(dropName(reason));
    }
}

void count(const char *name) { add(name); }

void countDrop(const std::string &reason) { add(dropName(reason)); }

void countRefused(const char *reason, uint32_t subnet_id) {
    countDrop(reason);
    if (subnet_id != 0) {
        add(subnetName(subnet_id, dropName(reason)));
    }
}

void countReceiveDrop(bool kea_may_count) {
    if (!kea_may_count || KEA_HOOKS_VERSION >= HOOK_COUNTS_DROPS) {
        add("pkt6-receive-drop");
    }
}

void SubnetStatistics::initialise(uint32_t subnet_id, bool can_refuse) {
    Names &names = names_[subnet_id];
    for (size_t kind = 0; kind < names.size(); ++kind) {
        names[kind] = subnetName(subnet_id, SUBNET_NAMES[kind]);
        initialiseOne(names[kind]);
    }
    if (can_refuse) {
        initialiseOne(subnetName(subnet_id, dropName(REASON_CLEARTEXT_REFUSED)));
        initialiseOne(subnetName(subnet_id, dropName(REASON_PUBLIC_KEY_REFUSED)));
    }
}

void SubnetStatistics::count(uint32_t subnet_id, Kind kind) const {
    if (subnet_id == 0) {
        return;
    }
    const auto found = names_.find(subnet_id);
    // Commands and databases can add subnets.
    add(found != names_.end() ? found->second[kind] : subnetName(subnet_id, SUBNET_NAMES[kind]));
}

} // namespace statistics
} // namespace kea_encryption
