// SPDX-License-Identifier: MPL-2.0

#pragma once

// What the hook library does with each packet of Kea's. The callouts of callouts.cc call it.

#include "configuration.h"
#include "lease_owner.h"
#include "pauses.h"
#include "recognise.h"
#include "statistics.h"
#include "subnet_modes.h"

#include <dhcp/pkt6.h>
#include <dhcpsrv/lease.h>
#include <dhcpsrv/srv_config.h>
#include <hook/engine/engine.h>

#include <boost/shared_ptr.hpp>
#include <boost/weak_ptr.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace kea_encryption {

/// @brief What is remembered of an encrypted query until its answer is sent.
struct EncryptedQuery {
    QueryHandle handle;
    /// @brief Weak, since the query's own callout context holds this.
    boost::weak_ptr<isc::dhcp::Pkt6> query;
    channel::CredentialKind credential = channel::CREDENTIAL_NONE;
    /// @brief As it was told early, for statistics; statistics::NO_SUBNET if none was found.
    uint32_t subnet_id = statistics::NO_SUBNET;
    std::string identity;  ///< who the client is, in the engine's words
    Sender sender;
    /// @brief What its certificate says, for host reservations; may be empty.
    std::vector<uint8_t> host_identifier;
};
/// @brief Null for a query in clear.
typedef boost::shared_ptr<EncryptedQuery> EncryptedQueryPtr;

/// @brief The library in Kea's process. Any number of packet threads may call what is done with a
/// packet; all else is the main thread's, but command().
class Encryption {
public:
    /// @brief What a callout has Kea do with a packet.
    enum class Fate { GO_ON, DROP };

    /// @brief Takes in the hook's parameters. The engine judges them in configure(), since only
    /// there a text reaches the user; until then every packet is dropped.
    explicit Encryption(const isc::data::ConstElementPtr& parameters);

    /// @brief Ends the engine.
    ~Encryption();

    /// @brief See SubnetModes::canRefuse().
    bool canRefuse(const isc::dhcp::SrvConfig& config) const {
        return (modes_.canRefuse(config));
    }

    /// @brief See SubnetModes::areAllOff().
    bool areAllOff(const isc::dhcp::SrvConfig& config) const {
        return (modes_.areAllOff(config));
    }

    /// @brief Tells whether the client's certificate (or key) is to give a host identifier.
    bool identifiesHosts() const {
        return (peeked_.identifies_hosts);
    }

    /// @brief Takes in the rest of the configuration and brings the engine in service.
    /// @throw EngineError if that cannot be.
    void configure(const isc::dhcp::SrvConfig& config);

    /// @brief Tells whether all octets of a datagram are to be taken that is longer than what Kea
    /// reads: only if it may be for the engine, and not if another library that unpacks it first
    /// could not do so without harm.
    bool wantsWhole(const Octets& octets) const;

    /// @brief Takes a datagram that has come in. May put the decrypted query in its place.
    /// @param unpacked whether another library has unpacked it, so that its octets do not count.
    /// @param [out] encrypted what to remember of the query.
    Fate receive(const isc::dhcp::Pkt6Ptr& query, bool unpacked, EncryptedQueryPtr& encrypted);

    /// @brief Whether a packet that has just been received goes no further, since the engine has
    /// said so of others like it. It is counted then.
    bool isPaused(const isc::dhcp::Pkt6& packet);

    /// @brief Says whether the sender may use its DUID (docs/protocol.md 8), and enforces the mode.
    /// Kea has selected a subnet, and nothing has changed yet; from here on it serves no other
    /// message of this DUID at the same time.
    /// @param subnet the one that Kea has selected, null for none.
    /// @throw isc::Exception if Kea's leases cannot be read.
    Fate select(const isc::dhcp::Pkt6Ptr& query,
                const SelectedSubnetPtr& subnet,
                const EncryptedQueryPtr& encrypted);

    /// @brief Enforces the mode once more: the query has got all its classes.
    /// @param subnet the one that Kea has selected first, null for none.
    Fate enforceMode(const isc::dhcp::Pkt6Ptr& query,
                     const SelectedSubnetPtr& subnet,
                     const EncryptedQueryPtr& encrypted);

    /// @brief Tells whether Kea must not change a lease for a query: enforceMode() would drop
    /// the query as its classes are now, or the lease is of a subnet of mode off, where nobody is
    /// served encrypted, and so some other client's.
    bool refusesLease(const isc::dhcp::Pkt6& query,
                      const SelectedSubnetPtr& subnet,
                      const EncryptedQueryPtr& encrypted,
                      const isc::dhcp::Lease6& lease) const;

    /// @brief Has the engine carry out a control command.
    /// @param arguments null if there are none.
    /// @return Kea's answer to the command.
    isc::data::ConstElementPtr command(const std::string& name,
                                       const isc::data::ConstElementPtr& arguments) const;

    /// @brief Takes Kea's packed answer. Seals it in its place if the query was encrypted.
    Fate send(const isc::dhcp::Pkt6Ptr& response, const EncryptedQueryPtr& encrypted);

private:
    enum class MessageKind { CLEARTEXT, REQUEST, QUERY, SIGNED_SOLICIT, UNEXPECTED };

    /// @brief What a datagram is to this library.
    struct Message {
        Datagram datagram;
        MessageKind kind;
        SubnetModes::Early early;  ///< but for cleartext
    };

    /// @brief Why a packet is refused.
    struct Refusal {
        const char* reason;  ///< null if it is not
        std::string text;
    };

    MessageKind kindOf(const Datagram& datagram) const;
    bool mayBePaused(const Datagram& datagram) const;
    Message classify(const isc::dhcp::Pkt6& query) const;
    bool isSignedSolicit(const Datagram& datagram) const;
    Refusal judge(channel::Mode mode, const EncryptedQueryPtr& encrypted) const;
    Fate refuseIdentity(const isc::dhcp::Pkt6& query,
                        IdentityRefusal refusal,
                        uint32_t subnet_id,
                        const EncryptedQueryPtr& encrypted);
    Fate receiveCleartext(const isc::dhcp::Pkt6& query, const Datagram& datagram);
    Fate ask(const isc::dhcp::Pkt6Ptr& query, const Message& message, EncryptedQueryPtr& encrypted);
    void reply(const isc::dhcp::Pkt6& query,
               const Datagram& datagram,
               const std::vector<uint8_t>& octets);
    Fate drop(const isc::dhcp::Pkt6& query,
              const std::string& reason,
              const std::string& text,
              uint32_t subnet_id = statistics::NO_SUBNET,
              bool kea_may_count = true);
    void handleEvents();
    void endEngine();
    void initialiseStatistics(const isc::dhcp::SrvConfig& config,
                              const isc::data::ConstElementPtr& told) const;

    const isc::data::ConstElementPtr parameters_;
    const PeekedSettings peeked_;
    HookSettings settings_;
    SubnetModes modes_;
    Pauses pauses_;
    /// @brief Set once a configuration is in force; nothing passes before.
    std::atomic<bool> serving_ = {false};
    /// @brief Whether the log says already why nothing passes.
    std::atomic<bool> logged_not_configured_ = {false};
    /// @brief Whether the log says already that another library comes too early.
    std::atomic<bool> logged_library_order_ = {false};
    std::unique_ptr<Engine> engine_;
};

}  // namespace kea_encryption
