// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_ENCRYPTION_H
#define KEA_ENCRYPTION_ENCRYPTION_H

/// @file encryption.h
///
/// What the callouts do, without the callouts' form.

#include "engine_journal.h"
#include "shim_settings.h"
#include "statistics.h"
#include "subnet_modes.h"
#include <hook/engine/bound_duids.h>
#include <hook/engine/engine_supervisor.h>

#include <dhcp/pkt6.h>
#include <dhcpsrv/lease.h>
#include <dhcpsrv/srv_config.h>

#include <boost/shared_ptr.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace kea_encryption {

/// What is remembered of a decrypted query until its answer is sealed.
struct QueryContext {
    QueryHandle handle;
    channel::CredentialKind credential = channel::CREDENTIAL_NONE;
    uint32_t subnet_id =
        0;                 ///< the subnet as it was told early, for statistics; 0 if none was found
    std::string identity;  ///< who the client is, in the engine's words
    std::vector<uint8_t>
        host_identifier;  ///< what its certificate says, for host reservations; may be empty
};
/// Null for a query that came in clear.
typedef boost::shared_ptr<QueryContext> QueryContextPtr;

class Encryption {
public:
    /// What a callout has Kea do with a packet.
    enum class Fate { GO_ON, DROP };

    /// Takes in the hook's parameters. Wrong ones are told by configure(), since only there a text
    /// reaches the user; until then every packet is dropped.
    explicit Encryption(const isc::data::ConstElementPtr& parameters);

    /// Ends the engine.
    ~Encryption();

    /// Whether any query can be refused because of a mode (see SubnetModes::canRefuse()).
    bool canRefuse(const isc::dhcp::SrvConfig& config) const;

    /// Whether the client's certificate (or key) is to give a host identifier.
    bool identifiesHosts() const {
        return (settings_.identifies_hosts);
    }

    /// Takes in the rest of the configuration and brings the engine in service.
    /// @throw BadSetting, EngineError if that cannot be.
    void configure(const isc::dhcp::SrvConfig& config);

    /// Whether all octets of a datagram are to be taken that is longer than what Kea reads: only if
    /// it may be for the engine, and not if another library that unpacks it first could not do so
    /// without harm.
    bool wantsWhole(const Octets& octets) const;

    /// A datagram has come in. May put the decrypted query in its place.
    /// @param unpacked true if another library has already unpacked it, so that its octets no
    /// longer count.
    /// @param context what to remember of the query.
    Fate receive(const isc::dhcp::Pkt6Ptr& query, bool unpacked, QueryContextPtr& context);

    /// Kea has selected a subnet, or it has answered and the query has got all its classes.
    /// @param subnet the one that Kea has selected first, null for none.
    Fate select(const isc::dhcp::Pkt6Ptr& query,
                const SelectedSubnetPtr& subnet,
                const QueryContextPtr& context);

    /// Whether select() would drop the query, as its classes are now.
    bool refuses(const isc::dhcp::Pkt6& query,
                 const SelectedSubnetPtr& subnet,
                 const QueryContextPtr& context) const;

    /// Whether Kea must not change a lease for a query: it would drop the query, or the lease is of
    /// a subnet of mode off, where nobody is served encrypted, and so some other client's.
    bool refusesLease(const isc::dhcp::Pkt6& query,
                      const SelectedSubnetPtr& subnet,
                      const QueryContextPtr& context,
                      const isc::dhcp::Lease6& lease) const;

    /// Notes in a lease whether the query that it is given or extended for was encrypted.
    void noteOrigin(isc::dhcp::Lease6& lease, const QueryContextPtr& context) const;

    /// Has the engine carry out a control command.
    /// @param arguments null if there are none.
    /// @return Kea's answer to the command.
    isc::data::ConstElementPtr command(const std::string& name,
                                       const isc::data::ConstElementPtr& arguments) const;

    /// Kea wants the identifier by which to look for host reservations of the type flex-id.
    /// @return empty for none.
    const std::vector<uint8_t>& hostIdentifier(const QueryContextPtr& context) const;

    /// Kea's answer is packed. Puts the sealed one in its place if the query was encrypted.
    Fate send(const isc::dhcp::Pkt6Ptr& response, const QueryContextPtr& context);

private:
    enum class MessageKind { CLEARTEXT, REQUEST, QUERY, SIGNED_SOLICIT, UNEXPECTED };

    MessageKind classify(const Datagram& datagram) const;
    bool isSignedSolicit(const Datagram& datagram) const;
    bool isRefused(channel::Mode mode,
                   const isc::dhcp::Pkt6& query,
                   const QueryContextPtr& context) const;
    bool isBoundInClear(channel::Mode mode, const isc::dhcp::Pkt6& query) const;
    bool isLeasedInClear(const isc::dhcp::Pkt6& query) const;
    bool goesInClear(const isc::dhcp::Pkt6& query, const Datagram& datagram) const;
    Fate receiveCleartext(const isc::dhcp::Pkt6& query, const Datagram& datagram);
    Fate ask(const isc::dhcp::Pkt6Ptr& query,
             const Datagram& datagram,
             const SubnetModes::Early& early,
             QueryContextPtr& context);
    void reply(const isc::dhcp::Pkt6& query,
               const Datagram& datagram,
               const std::vector<uint8_t>& octets);
    Fate drop(const isc::dhcp::Pkt6& query,
              const std::string& reason,
              const std::string& text,
              uint32_t subnet_id = statistics::NO_SUBNET,
              bool kea_may_count = true);
    void requireFlexId(const isc::dhcp::SrvConfig& config) const;
    std::vector<uint32_t> countedSubnets(const isc::dhcp::SrvConfig& config) const;

    const isc::data::ConstElementPtr parameters_;
    ShimSettings settings_;
    std::string refusal_;
    SubnetModes modes_;
    BoundDuids bound_;
    /// Set once a configuration is in force; nothing passes before.
    std::atomic<bool> serving_ = {false};
    /// Whether the log says already why nothing passes.
    std::atomic<bool> told_refusal_ = {false};
    /// Whether the log says already that another library comes too early.
    std::atomic<bool> told_order_ = {false};
    std::unique_ptr<EngineJournal> journal_;
    std::unique_ptr<EngineSupervisor> supervisor_;
    EngineClient* engine_ = nullptr;
};

}  // namespace kea_encryption

#endif
