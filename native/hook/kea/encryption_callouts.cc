// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "encryption_callouts.h"

#include "encryption_log.h"
#include "statistics.h"

#include <cc/command_interpreter.h>
#include <dhcp/pkt6.h>
#include <dhcpsrv/host.h>
#include <dhcpsrv/lease.h>
#include <dhcpsrv/srv_config.h>
#include <hooks/server_hooks.h>

using isc::dhcp::Lease6Ptr;
using isc::dhcp::Pkt6Ptr;
using isc::hooks::CalloutHandle;

namespace kea_encryption {

std::unique_ptr<Encryption> encryption;

namespace {

/// Name of the context item that goes with each query.
const char* const QUERY_CONTEXT = "query";

/// Name of the context item with the subnet that Kea has selected for the query.
const char* const SUBNET_CONTEXT = "subnet";

/// Where Kea gives or extends a lease, or tells that it would.
const char* const GIVING_HOOKS[] = {"lease6_select", "lease6_renew", "lease6_rebind"};

/// Where Kea takes a lease back.
const char* const TAKING_HOOKS[] = {"lease6_release", "lease6_decline"};

/// What the engine carries out (src/engine/commands).
const char* const COMMANDS[] = {
    "encryption-status",         "encryption-key-list",        "encryption-key-get",
    "encryption-key-del",        "encryption-binding-list",    "encryption-binding-del",
    "encryption-blocklist-list", "encryption-blocklist-clear", "encryption-reload",
};

/// Runs a callout's body. Whatever goes wrong in it, the packet is dropped: Kea would go on, and
/// send in clear what was to be encrypted. That comes before it is told, which may go wrong too.
///
/// @param refusal the status where a hook point has another one than DROP for what is refused
template <typename Body>
int
guarded(CalloutHandle& handle,
        const char* name,
        Body body,
        CalloutHandle::CalloutNextStep refusal = CalloutHandle::NEXT_STEP_DROP) {
    const auto fail = [&handle, name, refusal](const char* why) {
        handle.setStatus(refusal);
        LOG_ERROR(encryption_logger, ENCRYPTION_CALLOUT_FAILED).arg(name).arg(why);
        if (refusal == CalloutHandle::NEXT_STEP_DROP) {
            statistics::countDrop(statistics::REASON_INTERNAL_ERROR, statistics::NO_SUBNET);
        }
    };
    try {
        if (body() == Encryption::Fate::DROP) {
            handle.setStatus(refusal);
        }
    } catch (const std::exception& error) {
        fail(error.what());
    } catch (...) {
        fail("unknown exception");
    }
    return (0);
}

/// Another library has dropped the packet already.
bool
isDropped(CalloutHandle& handle) {
    return (handle.getStatus() == CalloutHandle::NEXT_STEP_DROP);
}

QueryContextPtr
contextOf(CalloutHandle& handle) {
    QueryContextPtr context;
    handle.getContext(QUERY_CONTEXT, context);
    return (context);
}

/// Null also where Kea has gone on without a subnet, and without calling subnet6_select: it does so
/// while another library has too many packets parked there.
SelectedSubnetPtr
subnetOf(CalloutHandle& handle) {
    SelectedSubnetPtr subnet;
    try {
        handle.getContext(SUBNET_CONTEXT, subnet);
    } catch (const isc::hooks::NoSuchCalloutContext&) {
    }
    return (subnet);
}

}  // namespace

std::string
configureEncryption(const std::function<isc::dhcp::SrvConfigPtr()>& config) {
    std::string refusal;
    try {
        encryption->configure(*config());
        return (refusal);
    } catch (const std::exception& error) {
        refusal = error.what();
    } catch (...) {
        refusal = "unknown exception";
    }
    LOG_ERROR(encryption_logger, ENCRYPTION_CONFIGURATION_REFUSED).arg(refusal);
    return (refusal);
}

extern "C" {

static int
buffer6_receive(CalloutHandle& handle) {
    if (isDropped(handle)) {
        return (0);
    }
    return (guarded(handle, "buffer6_receive", [&handle] {
        Pkt6Ptr query;
        handle.getArgument("query6", query);
        if (!query) {
            return (Encryption::Fate::DROP);
        }
        QueryContextPtr context;
        const bool unpacked = handle.getStatus() == CalloutHandle::NEXT_STEP_SKIP;
        const Encryption::Fate fate = encryption->receive(query, unpacked, context);
        // Set for cleartext too: the later callouts find no context only where this one has not
        // run.
        handle.setContext(QUERY_CONTEXT, context);
        return (fate);
    }));
}

static int
subnet6_select(CalloutHandle& handle) {
    if (isDropped(handle)) {
        return (0);
    }
    return (guarded(handle, "subnet6_select", [&handle] {
        Pkt6Ptr query;
        handle.getArgument("query6", query);
        SelectedSubnetPtr subnet;
        handle.getArgument("subnet6", subnet);
        if (handle.getStatus() == CalloutHandle::NEXT_STEP_SKIP) {
            subnet.reset();  // another library has Kea go on without a subnet
        }
        handle.setContext(SUBNET_CONTEXT, subnet);
        return (encryption->select(query, subnet, contextOf(handle)));
    }));
}

/// Without an identifier Kea looks for reservations by its other identifiers only.
static int
host6_identifier(CalloutHandle& handle) {
    try {
        const std::vector<uint8_t>& identifier = encryption->hostIdentifier(contextOf(handle));
        if (!identifier.empty()) {
            handle.setArgument("id_type", isc::dhcp::Host::IDENT_FLEX);
            handle.setArgument("id_value", identifier);
        }
    } catch (const std::exception& error) {
        LOG_ERROR(encryption_logger, ENCRYPTION_CALLOUT_FAILED)
            .arg("host6_identifier")
            .arg(error.what());
    } catch (...) {
        LOG_ERROR(encryption_logger, ENCRYPTION_CALLOUT_FAILED)
            .arg("host6_identifier")
            .arg("unknown exception");
    }
    return (0);
}

/// Notes in the lease how it was obtained.
static int
lease6_given(CalloutHandle& handle) {
    const auto body = [&handle] {
        Lease6Ptr lease;
        handle.getArgument("lease6", lease);
        encryption->noteOrigin(*lease, contextOf(handle));
        return (Encryption::Fate::GO_ON);
    };
    return (guarded(handle, "lease6", body, CalloutHandle::NEXT_STEP_SKIP));
}

/// Since the subnet was selected, reservations may have given the query classes that open a
/// stricter subnet of the shared network. No lease is changed for it then, and pkt6_send drops the
/// answer.
static int
lease6_judged(CalloutHandle& handle) {
    const auto body = [&handle] {
        Pkt6Ptr query;
        handle.getArgument("query6", query);
        Lease6Ptr lease;
        handle.getArgument("lease6", lease);
        return (encryption->refusesLease(*query, subnetOf(handle), contextOf(handle), *lease) ?
                    Encryption::Fate::DROP :
                    Encryption::Fate::GO_ON);
    };
    return (guarded(handle, "lease6", body, CalloutHandle::NEXT_STEP_SKIP));
}

/// The mode is judged once more, by all the classes that the query has got.
static int
judgeAgain(CalloutHandle& handle, const char* name) {
    if (isDropped(handle)) {
        return (0);
    }
    return (guarded(handle, name, [&handle] {
        Pkt6Ptr query;
        handle.getArgument("query6", query);
        return (encryption->select(query, subnetOf(handle), contextOf(handle)));
    }));
}

/// Where a client registers an address of its own (RFC 9686), a dropped query leaves no lease and
/// no name.
static int
addr6_register(CalloutHandle& handle) {
    return (judgeAgain(handle, "addr6_register"));
}

/// This is not left to the leases' hook points: Kea calls none of them where it hands out again a
/// lease that the client has.
static int
pkt6_send(CalloutHandle& handle) {
    return (judgeAgain(handle, "pkt6_send"));
}

static int
buffer6_send(CalloutHandle& handle) {
    const CalloutHandle::CalloutNextStep status = handle.getStatus();
    if (status == CalloutHandle::NEXT_STEP_DROP || status == CalloutHandle::NEXT_STEP_SKIP) {
        return (0);  // Kea sends nothing
    }
    return (guarded(handle, "buffer6_send", [&handle] {
        Pkt6Ptr response;
        handle.getArgument("response6", response);
        if (!response) {
            return (Encryption::Fate::DROP);
        }
        // What a DHCPv4 server says by way of Kea (RFC 7341) has no query that came through here,
        // and no query of that kind is ever encrypted.
        if (response->getType() == MESSAGE_DHCPV4_RESPONSE) {
            return (Encryption::Fate::GO_ON);
        }
        return (encryption->send(response, contextOf(handle)));
    }));
}

/// One handler for all commands: the engine knows them.
static int
command(CalloutHandle& handle) {
    isc::data::ConstElementPtr response;
    try {
        isc::data::ConstElementPtr whole;
        handle.getArgument("command", whole);
        isc::data::ConstElementPtr arguments;
        const std::string name = isc::config::parseCommand(arguments, whole);
        response = encryption->command(name, arguments);
    } catch (const std::exception& error) {
        response = isc::config::createAnswer(isc::config::CONTROL_RESULT_ERROR, error.what());
    } catch (...) {
        response =
            isc::config::createAnswer(isc::config::CONTROL_RESULT_ERROR, "unknown exception");
    }
    handle.setArgument("response", response);
    return (0);
}

static int
dhcp6_srv_configured(CalloutHandle& handle) {
    const std::string refusal = configureEncryption([&handle] {
        isc::dhcp::SrvConfigPtr config;
        handle.getArgument("server_config", config);
        return (config);
    });
    if (!refusal.empty()) {
        handle.setArgument("error", "encryption hook: " + refusal);
        handle.setStatus(CalloutHandle::NEXT_STEP_DROP);
    }
    return (0);
}

}  // extern "C"

void
registerCallouts(isc::hooks::LibraryHandle& handle, bool can_refuse, bool identifies_hosts) {
    handle.registerCallout("dhcp6_srv_configured", dhcp6_srv_configured);
    handle.registerCallout("buffer6_receive", buffer6_receive);
    handle.registerCallout("buffer6_send", buffer6_send);
    for (const char* const name : COMMANDS) {
        handle.registerCommandCallout(name, command);
    }
    for (const char* const name : GIVING_HOOKS) {
        handle.registerCallout(name, lease6_given);
    }
    if (can_refuse) {
        handle.registerCallout("subnet6_select", subnet6_select);
        for (const char* const name : TAKING_HOOKS) {
            handle.registerCallout(name, lease6_judged);
        }
        for (const char* const name : GIVING_HOOKS) {
            handle.registerCallout(name, lease6_judged);
        }
        // Kea before 2.7.7 knows no such registrations.
        if (isc::hooks::ServerHooks::getServerHooks().findIndex("addr6_register") >= 0) {
            handle.registerCallout("addr6_register", addr6_register);
        }
        handle.registerCallout("pkt6_send", pkt6_send);
    }
    if (identifies_hosts) {
        handle.registerCallout("host6_identifier", host6_identifier);
    }
}

}  // namespace kea_encryption
