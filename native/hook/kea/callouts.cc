// SPDX-License-Identifier: MPL-2.0

// What Kea calls: load(), unload() and the callouts.

#include "encryption.h"
#include "encryption_log.h"
#include "large_datagram_filter.h"
#include "lease_owner.h"

#include <cc/command_interpreter.h>
#include <dhcp/pkt6.h>
#include <dhcpsrv/cfgmgr.h>
#include <dhcpsrv/host.h>
#include <dhcpsrv/lease.h>
#include <dhcpsrv/srv_config.h>
#include <hooks/hooks.h>
#include <hooks/server_hooks.h>

#include <functional>
#include <memory>
#include <string>

using isc::dhcp::CfgMgr;
using isc::dhcp::Lease6Ptr;
using isc::dhcp::Pkt6Ptr;
using isc::dhcp::SrvConfigPtr;
using isc::hooks::CalloutHandle;
using namespace kea_encryption;

namespace {

typedef Encryption::Fate Fate;

/// @brief The loaded library's one instance; null before load() and after unload().
std::unique_ptr<Encryption> encryption;

/// @brief Name of the context item that goes with each query.
const char* const QUERY_CONTEXT = "query";

/// @brief Name of the context item with the subnet that Kea has selected for the query.
const char* const SUBNET_CONTEXT = "subnet";

/// @brief Where Kea gives or extends a lease, or tells that it would.
const char* const GIVING_HOOKS[] = {"lease6_select", "lease6_renew", "lease6_rebind"};

/// @brief Where Kea takes a lease back.
const char* const TAKING_HOOKS[] = {"lease6_release", "lease6_decline"};

/// @brief What the engine carries out (src/engine/commands).
const char* const COMMANDS[] = {
    "encryption-status",  "encryption-key-list",       "encryption-key-get",
    "encryption-key-del", "encryption-blocklist-list", "encryption-blocklist-clear",
    "encryption-reload",
};

/// @brief Does something and lets no exception out: Kea's C++ runtime may be another one.
/// @return what went wrong; empty if nothing.
template <typename Body>
std::string
caught(Body body) {
    try {
        body();
        return ("");
    } catch (const std::exception& error) {
        return (error.what());
    } catch (...) {
        return ("unknown exception");
    }
}

/// @brief Runs a callout's body. Whatever goes wrong in it, the packet is dropped: Kea would go on,
/// and send in clear what was to be encrypted. It is told after that, which may go wrong too.
///
/// @param refusal the status where a hook point has another one than DROP for what is refused
template <typename Body>
int
guarded(CalloutHandle& handle,
        Body body,
        CalloutHandle::CalloutNextStep refusal = CalloutHandle::NEXT_STEP_DROP) {
    const std::string why = caught([&] {
        if (body() == Fate::DROP) {
            handle.setStatus(refusal);
        }
    });
    if (!why.empty()) {
        handle.setStatus(refusal);
        LOG_ERROR(encryption_logger, ENCRYPTION_CALLOUT_FAILED).arg(handle.getHookName()).arg(why);
        if (refusal == CalloutHandle::NEXT_STEP_DROP) {
            statistics::countDrop(statistics::REASON_INTERNAL_ERROR, statistics::NO_SUBNET);
        }
    }
    return (0);
}

template <typename Value>
Value
argument(CalloutHandle& handle, const char* name) {
    Value value;
    handle.getArgument(name, value);
    return (value);
}

/// @brief Tells whether another library has dropped the packet already.
bool
isDropped(CalloutHandle& handle) {
    return (handle.getStatus() == CalloutHandle::NEXT_STEP_DROP);
}

EncryptedQueryPtr
encryptedQuery(CalloutHandle& handle) {
    EncryptedQueryPtr encrypted;
    handle.getContext(QUERY_CONTEXT, encrypted);
    return (encrypted);
}

/// @brief Returns who owns what Kea gives for a query; null in clear.
const Sender*
sender(const EncryptedQueryPtr& encrypted) {
    return (encrypted ? &encrypted->sender : nullptr);
}

/// @brief Gets the subnet that Kea has selected, null for none.
/// @return whether subnet6_select was called: Kea goes on without, and without a subnet, while
/// another library has too many packets parked there.
bool
isSelected(CalloutHandle& handle, SelectedSubnetPtr& subnet) {
    try {
        handle.getContext(SUBNET_CONTEXT, subnet);
    } catch (const isc::hooks::NoSuchCalloutContext&) {
        return (false);
    }
    return (true);
}

/// @brief Brings the library in service with a configuration of Kea's.
/// @return what is wrong with it, which is logged; empty if nothing. Else all packets are dropped.
std::string
configure(const std::function<SrvConfigPtr()>& config) {
    const std::string refusal = caught([&config] { encryption->configure(*config()); });
    if (!refusal.empty()) {
        LOG_ERROR(encryption_logger, ENCRYPTION_CONFIGURATION_REFUSED).arg(refusal);
    }
    return (refusal);
}

}  // namespace

extern "C" {

static int
buffer6_receive(CalloutHandle& handle) {
    if (isDropped(handle)) {
        return (0);
    }
    return (guarded(handle, [&handle] {
        const auto query = argument<Pkt6Ptr>(handle, "query6");
        if (!query) {
            return (Fate::DROP);
        }
        EncryptedQueryPtr encrypted;
        const bool unpacked = handle.getStatus() == CalloutHandle::NEXT_STEP_SKIP;
        const Fate fate = encryption->receive(query, unpacked, encrypted);
        // Set for cleartext too: only where this callout has not run there is none.
        handle.setContext(QUERY_CONTEXT, encrypted);
        return (fate);
    }));
}

static int
subnet6_select(CalloutHandle& handle) {
    if (isDropped(handle)) {
        return (0);
    }
    return (guarded(handle, [&handle] {
        auto subnet = argument<SelectedSubnetPtr>(handle, "subnet6");
        if (handle.getStatus() == CalloutHandle::NEXT_STEP_SKIP) {
            subnet.reset();  // another library has Kea go on without a subnet
        }
        handle.setContext(SUBNET_CONTEXT, subnet);
        return (encryption->select(argument<Pkt6Ptr>(handle, "query6"), subnet,
                                   encryptedQuery(handle)));
    }));
}

/// @brief Without an identifier Kea looks for reservations by its other identifiers only.
static int
host6_identifier(CalloutHandle& handle) {
    const auto body = [&handle] {
        const EncryptedQueryPtr encrypted = encryptedQuery(handle);
        if (encrypted && !encrypted->host_identifier.empty()) {
            handle.setArgument("id_type", isc::dhcp::Host::IDENT_FLEX);
            handle.setArgument("id_value", encrypted->host_identifier);
        }
        return (Fate::GO_ON);
    };
    return (guarded(handle, body, CalloutHandle::NEXT_STEP_CONTINUE));
}

/// @brief Notes in the lease who owns it.
static int
lease6_given(CalloutHandle& handle) {
    const auto body = [&handle] {
        noteOwner(*argument<Lease6Ptr>(handle, "lease6"), sender(encryptedQuery(handle)));
        return (Fate::GO_ON);
    };
    return (guarded(handle, body, CalloutHandle::NEXT_STEP_SKIP));
}

/// @brief Does so where Kea has given a lease without lease6_given: before a library that hands the
/// leases on, as this one is named first.
static int
leases6_committed(CalloutHandle& handle) {
    if (isDropped(handle)) {
        return (0);
    }
    return (guarded(handle, [&handle] {
        settleOwner(*argument<isc::dhcp::Lease6CollectionPtr>(handle, "leases6"),
                    sender(encryptedQuery(handle)));
        return (Fate::GO_ON);
    }));
}

/// @brief Since the subnet was selected, reservations may have given the query classes that open a
/// stricter subnet of the shared network. No lease is changed for it then, and pkt6_send drops the
/// answer. Nor is one changed for a query whose sender nobody has judged.
static int
lease6_judged(CalloutHandle& handle) {
    const auto body = [&handle] {
        SelectedSubnetPtr subnet;
        const bool is_refused = !isSelected(handle, subnet) ||
                                encryption->refusesLease(*argument<Pkt6Ptr>(handle, "query6"),
                                                         subnet, encryptedQuery(handle),
                                                         *argument<Lease6Ptr>(handle, "lease6"));
        return (is_refused ? Fate::DROP : Fate::GO_ON);
    };
    return (guarded(handle, body, CalloutHandle::NEXT_STEP_SKIP));
}

/// @brief Judges the mode once more, by all the classes that the query has got: where Kea answers,
/// which is not left to the leases' hook points, since Kea calls none of them where it hands out
/// again a lease that the client has; and where a client registers an address of its own (RFC
/// 9686), so that a dropped query leaves no lease and no name.
static int
judged_again(CalloutHandle& handle) {
    if (isDropped(handle)) {
        return (0);
    }
    return (guarded(handle, [&handle] {
        SelectedSubnetPtr subnet;
        isSelected(handle, subnet);
        return (encryption->enforceMode(argument<Pkt6Ptr>(handle, "query6"), subnet,
                                        encryptedQuery(handle)));
    }));
}

static int
buffer6_send(CalloutHandle& handle) {
    if (isDropped(handle) || handle.getStatus() == CalloutHandle::NEXT_STEP_SKIP) {
        return (0);  // Kea sends nothing
    }
    return (guarded(handle, [&handle] {
        const auto response = argument<Pkt6Ptr>(handle, "response6");
        if (!response) {
            return (Fate::DROP);
        }
        // What a DHCPv4 server says by way of Kea (RFC 7341) has no query that came through here,
        // and no query of that kind is ever encrypted.
        if (response->getType() == MESSAGE_DHCPV4_RESPONSE) {
            return (Fate::GO_ON);
        }
        return (encryption->send(response, encryptedQuery(handle)));
    }));
}

/// @brief One handler for all commands: the engine knows them.
static int
command(CalloutHandle& handle) {
    isc::data::ConstElementPtr response;
    const std::string why = caught([&handle, &response] {
        isc::data::ConstElementPtr arguments;
        const std::string name = isc::config::parseCommand(
            arguments, argument<isc::data::ConstElementPtr>(handle, "command"));
        response = encryption->command(name, arguments);
    });
    handle.setArgument(
        "response",
        why.empty() ? response : isc::config::createAnswer(isc::config::CONTROL_RESULT_ERROR, why));
    return (0);
}

static int
dhcp6_srv_configured(CalloutHandle& handle) {
    const std::string refusal =
        configure([&handle] { return (argument<SrvConfigPtr>(handle, "server_config")); });
    if (!refusal.empty()) {
        handle.setArgument("error", "encryption hook: " + refusal);
        handle.setStatus(CalloutHandle::NEXT_STEP_DROP);
    }
    return (0);
}

}  // extern "C"

namespace {

/// @brief Registers the callouts that the configuration needs: each one costs on every packet.
/// @param has_owners whether a lease may be refused to whom it does not belong.
/// @param can_refuse whether any query can be refused because of a mode.
void
registerCallouts(isc::hooks::LibraryHandle& handle, bool has_owners, bool can_refuse) {
    handle.registerCallout("dhcp6_srv_configured", dhcp6_srv_configured);
    handle.registerCallout("buffer6_receive", buffer6_receive);
    handle.registerCallout("buffer6_send", buffer6_send);
    for (const char* const name : COMMANDS) {
        handle.registerCommandCallout(name, command);
    }
    if (has_owners || can_refuse) {
        handle.registerCallout("subnet6_select", subnet6_select);
        for (const char* const name : TAKING_HOOKS) {
            handle.registerCallout(name, lease6_judged);
        }
    }
    if (has_owners) {
        for (const char* const name : GIVING_HOOKS) {
            handle.registerCallout(name, lease6_given);
        }
        handle.registerCallout("leases6_committed", leases6_committed);
    }
    if (can_refuse) {
        for (const char* const name : GIVING_HOOKS) {
            handle.registerCallout(name, lease6_judged);
        }
        // Kea before 2.7.7 knows no such registrations.
        if (isc::hooks::ServerHooks::getServerHooks().findIndex("addr6_register") >= 0) {
            handle.registerCallout("addr6_register", judged_again);
        }
        handle.registerCallout("pkt6_send", judged_again);
    }
    if (encryption->identifiesHosts()) {
        handle.registerCallout("host6_identifier", host6_identifier);
    }
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) int
version() {
    return (KEA_HOOKS_VERSION);
}

/// @return 0 if the library is loaded. A configuration that is wrong is told by
/// dhcp6_srv_configured: a text from here would not reach the user.
__attribute__((visibility("default"))) int
load(isc::hooks::LibraryHandle& handle) {
    const std::string why = caught([&handle] {
        encryption = std::make_unique<Encryption>(handle.getParameters());
        // A new configuration names its libraries before Kea loads them. The command libreload
        // (Kea 2.2) loads them for the one in force, and calls no dhcp6_srv_configured after.
        const SrvConfigPtr staging = CfgMgr::instance().getStagingCfg();
        const bool is_reload = staging->getHooksConfig().get().empty();
        const SrvConfigPtr current = CfgMgr::instance().getCurrentCfg();
        // Kea (from 2.6 on) serves the old one with this instance if the new one is refused.
        registerCallouts(handle,
                         !encryption->areAllOff(*staging) || !encryption->areAllOff(*current),
                         encryption->canRefuse(*staging) || encryption->canRefuse(*current));
        installLargeDatagramFilter(
            [](const Octets& datagram) { return (encryption->wantsWhole(datagram)); },
            [](const isc::dhcp::Pkt6& packet) { return (encryption->isPaused(packet)); });
        if (is_reload) {
            configure([&current] { return (current); });
        }
    });
    if (!why.empty()) {
        LOG_ERROR(encryption_logger, ENCRYPTION_LOAD_FAILED).arg(why);
        encryption.reset();
    }
    return (why.empty() ? 0 : 1);
}

/// @brief No packet is on its way when Kea calls this. Ends the engine.
__attribute__((visibility("default"))) int
unload() {
    const std::string why = caught([] {
        removeLargeDatagramFilter();  // it asks what the next line ends
        encryption.reset();
        LOG_INFO(encryption_logger, ENCRYPTION_UNLOADED);
    });
    return (why.empty() ? 0 : 1);
}

/// @brief Any number of packet threads may run the callouts at once.
__attribute__((visibility("default"))) int
multi_threading_compatible() {
    return (1);
}

}  // extern "C"
