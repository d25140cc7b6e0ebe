// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "encryption.h"

#include "client_identifier.h"
#include "encryption_log.h"
#include "engine_configuration.h"
#include "lease_origin.h"
#include "statistics.h"
#include "unpack_limits.h"
#include "worker_choice.h"
#include <hook/engine/engine_json.h>

#include <cc/command_interpreter.h>
#include <dhcp/dhcp6.h>
#include <dhcp/iface_mgr.h>
#include <dhcpsrv/cfg_host_operations.h>
#include <dhcpsrv/cfg_subnets6.h>
#include <dhcpsrv/cfgmgr.h>

#include <algorithm>
#include <set>

using isc::asiolink::IOAddress;
using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::data::ElementPtr;
using namespace isc::dhcp;
using isc::log::DBGLVL_PKT_HANDLING;
using isc::log::DBGLVL_TRACE_BASIC;

namespace kea_encryption {

namespace {

static_assert(MAX_LIST_LENGTH == IfaceMgr::RCVBUFSIZE, "Kea reads more, or less, of a datagram");

/// Whether a message without relay headers came as one from the link does (docs/protocol.md 3). Kea
/// drops a Solicit to a unicast address (RFC 9915 section 16.2).
bool
cameOnLink(const Pkt6& query) {
    return (query.getLocalAddr().isV6Multicast() && query.getRemoteAddr().isV6LinkLocal());
}

std::string
describe(const Pkt6& query) {
    return (query.getRemoteAddr().toText() + "%" + query.getIface());
}

const char* const BOUND_TEXT = "its Client Identifier is bound to a key";

/// The subnets that were counted for and are in a new configuration no more.
std::vector<uint32_t>
goneSubnets(const SrvConfig& config) {
    const SrvConfigPtr current = CfgMgr::instance().getCurrentCfg();
    std::set<uint32_t> gone;
    if (subnetsCanChange(*current)) {  // else it would look through all of Kea's statistics in vain
        gone = statistics::subnetsWithStatistics();
    }
    for (const auto& subnet : *current->getCfgSubnets6()->getAll()) {
        gone.insert(subnet->getID());
    }
    for (const auto& subnet : *config.getCfgSubnets6()->getAll()) {
        gone.erase(subnet->getID());
    }
    return (std::vector<uint32_t>(gone.begin(), gone.end()));
}

}  // namespace

Encryption::Encryption(const ConstElementPtr& parameters)
    : parameters_(parameters), modes_(channel::MODE_AUTHENTICATED) {
    try {
        settings_ = ShimSettings::parse(parameters);
        modes_ = SubnetModes(settings_.mode);
    } catch (const BadSetting& error) {
        refusal_ = error.what();
    }
}

Encryption::~Encryption() = default;

bool
Encryption::canRefuse(const SrvConfig& config) const {
    return (!refusal_.empty() || modes_.canRefuse(config));
}

/// Kea asks for a host identifier only if it looks reservations up by it.
void
Encryption::requireFlexId(const SrvConfig& config) const {
    if (!settings_.identifies_hosts) {
        return;
    }
    const auto& types = config.getCfgHostOperations6()->getIdentifierTypes();
    if (std::find(types.begin(), types.end(), Host::IDENT_FLEX) == types.end()) {
        throw BadSetting(
            "\"host-identifier\" is set, but \"host-reservation-identifiers\" of Dhcp6 has no "
            "\"flex-id\": it must have, or Kea finds no reservation by it");
    }
}

/// The subnets whose mode is not off.
std::vector<uint32_t>
Encryption::countedSubnets(const SrvConfig& config) const {
    std::vector<uint32_t> counted;
    for (const auto& subnet : *config.getCfgSubnets6()->getAll()) {
        if (modes_.decisive(subnet, Pkt6(DHCPV6_SOLICIT, 0)) != channel::MODE_OFF) {
            counted.push_back(subnet->getID());
        }
    }
    return (counted);
}

void
Encryption::configure(const SrvConfig& config) {
    serving_ = false;
    told_refusal_ = true;
    if (!refusal_.empty()) {
        throw BadSetting(refusal_);
    }
    requireFlexId(config);
    const std::string configuration = describeConfiguration(parameters_, config, modes_);
    engine_ = nullptr;
    supervisor_.reset();  // a second configuration of the same instance: one engine at a time
    journal_ = std::make_unique<EngineJournal>(settings_.engine_timeout, countedSubnets(config),
                                               goneSubnets(config));
    supervisor_ = std::make_unique<EngineSupervisor>(engineSettings(settings_), configuration,
                                                     *journal_, bound_);
    supervisor_->start();
    engine_ = supervisor_.get();
    serving_ = true;
    LOG_INFO(encryption_logger, ENCRYPTION_CONFIGURED)
        .arg(settings_.solution_b ? "B" : "A")
        .arg(modeName(settings_.mode));
}

Encryption::MessageKind
Encryption::classify(const Datagram& datagram) const {
    const uint8_t type = datagram.messageType();
    if (type == settings_.encrypted_query) {
        return (MessageKind::QUERY);
    }
    if (type == settings_.encrypted_request) {
        return (MessageKind::REQUEST);
    }
    if (type == settings_.encrypted_response || type == settings_.encrypted_reply) {
        return (MessageKind::UNEXPECTED);
    }
    return (type == MESSAGE_SOLICIT && isSignedSolicit(datagram) ? MessageKind::SIGNED_SOLICIT :
                                                                   MessageKind::CLEARTEXT);
}

/// A Solicit with a credential. With solution A it is solution B's only if it has no Client
/// Identifier, too (the engine then counts it); other Solicits that happen to carry such options
/// are Kea's to judge.
bool
Encryption::isSignedSolicit(const Datagram& datagram) const {
    bool has_credential = false;
    OptionWalk walk = OptionWalk::ofMessage(datagram.message);
    for (kea_encryption::Option option; !has_credential && walk.next(option);) {
        has_credential =
            option.code == settings_.public_key || option.code == settings_.certificate;
    }
    return (has_credential && (settings_.solution_b || !namesClient(datagram)));
}

/// What is no message of the encryption protocol, or a Solicit that Kea serves where encryption is
/// off.
bool
Encryption::goesInClear(const Pkt6& query, const Datagram& datagram) const {
    const MessageKind kind = datagram.well_formed ? classify(datagram) : MessageKind::CLEARTEXT;
    return (kind == MessageKind::CLEARTEXT ||
            (kind == MessageKind::SIGNED_SOLICIT && namesClient(datagram) &&
             modes_.early(query, datagram).mode == channel::MODE_OFF));
}

bool
Encryption::wantsWhole(const Octets& octets) const {
    const Datagram datagram = recognise(octets.data, octets.length);
    return (serving_ && datagram.well_formed && classify(datagram) != MessageKind::CLEARTEXT &&
            !isNestedTooDeep(octets));
}

Encryption::Fate
Encryption::drop(const Pkt6& query,
                 const std::string& reason,
                 const std::string& text,
                 uint32_t subnet_id,
                 bool kea_may_count) {
    statistics::countDrop(reason, subnet_id);
    statistics::countReceiveDrop(kea_may_count);
    LOG_DEBUG(encryption_logger, DBGLVL_PKT_HANDLING, ENCRYPTION_QUERY_DROPPED)
        .arg(describe(query))
        .arg(reason)
        .arg(text);
    return (Fate::DROP);
}

Encryption::Fate
Encryption::receive(const Pkt6Ptr& query, bool unpacked, QueryContextPtr& context) {
    if (!serving_) {
        if (!told_refusal_.exchange(true)) {
            LOG_WARN(encryption_logger, ENCRYPTION_NOT_CONFIGURED);
        }
        return (drop(*query, statistics::REASON_REFUSED_SETTINGS, "no configuration is in force"));
    }
    Datagram datagram = recognise(query->data_.data(), query->data_.size());
    // What goes in clear is judged as Kea reads it. An option that the cut takes away may have
    // hidden another.
    if (query->data_.size() > IfaceMgr::RCVBUFSIZE && goesInClear(*query, datagram)) {
        query->data_.resize(IfaceMgr::RCVBUFSIZE);
        datagram = recognise(query->data_.data(), query->data_.size());
    }
    if (!datagram.well_formed) {
        if (query->data_.size() < MESSAGE_HEADER_LENGTH) {
            return (Fate::GO_ON);  // Kea drops and counts it
        }
        return (drop(*query, statistics::REASON_MALFORMED_RELAY, "no message inside"));
    }
    const MessageKind kind = classify(datagram);
    if (goesInClear(*query, datagram)) {
        return (receiveCleartext(*query, datagram));
    }
    const SubnetModes::Early early = modes_.early(*query, datagram);
    switch (kind) {
    case MessageKind::REQUEST:
        statistics::count(statistics::RECEIVED_REQUEST, early.subnet_id);
        break;
    case MessageKind::QUERY:
        statistics::count(statistics::RECEIVED_QUERY, early.subnet_id);
        break;
    case MessageKind::SIGNED_SOLICIT:
        statistics::count(statistics::RECEIVED_SOLICIT, early.subnet_id);
        break;
    default:
        return (drop(*query, statistics::REASON_UNEXPECTED_MESSAGE,
                     "only servers send this message", early.subnet_id));
    }
    if (datagram.relay_reply) {
        return (drop(*query, statistics::REASON_UNEXPECTED_MESSAGE, "inside a Relay-reply",
                     early.subnet_id));
    }
    if (datagram.relay_levels == 0 && !cameOnLink(*query)) {
        return (drop(*query, statistics::REASON_NOT_ON_LINK,
                     "not relayed, and not sent to a multicast address from a link-local one",
                     early.subnet_id));
    }
    if (unpacked) {
        if (!told_order_.exchange(true)) {
            LOG_WARN(encryption_logger, ENCRYPTION_LIBRARY_ORDER);
        }
        return (drop(*query, statistics::REASON_INTERNAL_ERROR, "another library has unpacked it",
                     early.subnet_id));
    }
    return (ask(query, datagram, early, context));
}

Encryption::Fate
Encryption::receiveCleartext(const Pkt6& query, const Datagram& datagram) {
    // Where the mode may be off, select() tells by the subnet that Kea takes.
    const bool is_bound = namesBoundDuid(datagram, bound_);
    if (is_bound && !modes_.mayBeOff(query, datagram)) {
        return (drop(query, statistics::REASON_BOUND_DUID, BOUND_TEXT,
                     modes_.early(query, datagram).subnet_id));
    }
    // A DHCPv4-query leaves Kea's way before a subnet is selected, so its mode is enforced here.
    if (datagram.messageType() == MESSAGE_DHCPV4_QUERY) {
        const channel::Mode mode = modes_.inClear(query, datagram);
        if (is_bound && mode != channel::MODE_OFF) {
            return (drop(query, statistics::REASON_BOUND_DUID, BOUND_TEXT,
                         modes_.early(query, datagram).subnet_id));
        }
        if (mode >= channel::MODE_ENCRYPTED) {
            statistics::countDrop(statistics::REASON_CLEARTEXT_REFUSED,
                                  modes_.early(query, datagram).subnet_id);
            statistics::countReceiveDrop(true);
            LOG_DEBUG(encryption_logger, DBGLVL_PKT_HANDLING, ENCRYPTION_CLEARTEXT_REFUSED)
                .arg(describe(query))
                .arg(modeName(mode));
            return (Fate::DROP);
        }
    }
    return (Fate::GO_ON);
}

Encryption::Fate
Encryption::ask(const Pkt6Ptr& query,
                const Datagram& datagram,
                const SubnetModes::Early& early,
                QueryContextPtr& context) {
    if (early.mode == channel::MODE_OFF) {
        return (drop(*query, statistics::REASON_MODE_OFF, "encryption is off for its subnet",
                     early.subnet_id));
    }
    const std::vector<uint8_t> source = query->getRemoteAddr().toBytes();
    ReceiveRequest request;
    request.mode = early.mode;
    request.interface_index = static_cast<uint32_t>(query->getIndex());
    request.source = source.data();
    request.datagram = {query->data_.data(), query->data_.size()};
    const bool is_query = datagram.messageType() == settings_.encrypted_query;
    request.spread = chooseWorker(datagram, is_query ? settings_.encrypted_message : 0,
                                  request.interface_index, source.data());

    Verdict verdict = engine_->receive(request);
    if (verdict.exchange != Exchange::ANSWERED) {
        return (drop(*query,
                     verdict.exchange == Exchange::DOWN ? statistics::REASON_ENGINE_DOWN :
                                                          statistics::REASON_ENGINE_TIMEOUT,
                     "the engine gave no verdict", early.subnet_id));
    }
    switch (verdict.action) {
    case channel::ACTION_REPLACE:
        break;
    case channel::ACTION_REPLY:
        reply(*query, datagram, verdict.octets);
        statistics::count(statistics::REPLIED, early.subnet_id);
        if (!verdict.reason.empty()) {
            statistics::countDrop(verdict.reason, early.subnet_id);
        }
        LOG_DEBUG(encryption_logger, DBGLVL_TRACE_BASIC, ENCRYPTION_QUERY_REPLIED)
            .arg(describe(*query))
            .arg(verdict.text);
        return (Fate::DROP);
    case channel::ACTION_DROP:
        return (drop(*query, verdict.reason, verdict.text, early.subnet_id));
    }

    if (exceedsUnpackLimits({verdict.octets.data(), verdict.octets.size()})) {
        return (drop(*query, statistics::REASON_UNPACK_LIMIT,
                     "its options are nested too deep or too long", early.subnet_id));
    }
    // The classes are set before Kea evaluates its own, so that their expressions can ask for
    // these.
    query->addClass("ENCRYPTED");
    query->addClass(verdict.credential == channel::CREDENTIAL_CERTIFICATE ? "AUTHENTICATED" :
                                                                            "OPPORTUNISTIC");
    query->data_.swap(verdict.octets);
    if (is_query && verdict.credential == channel::CREDENTIAL_CERTIFICATE &&
        isLeasedInClear(*query)) {
        return (
            drop(*query, statistics::REASON_LEASED_IN_CLEAR,
                 verdict.text + ": its Client Identifier has a lease that was obtained in clear",
                 early.subnet_id));
    }
    context.reset(new QueryContext());
    context->handle = verdict.query;
    context->credential = verdict.credential;
    context->subnet_id = early.subnet_id;
    context->identity.swap(verdict.text);
    context->host_identifier.swap(verdict.host_identifier);
    statistics::count(statistics::DECRYPTED, early.subnet_id);
    LOG_DEBUG(encryption_logger, DBGLVL_TRACE_BASIC, ENCRYPTION_QUERY_DECRYPTED)
        .arg(describe(*query))
        .arg(context->identity);
    return (Fate::GO_ON);
}

/// docs/protocol.md 8: a DUID whose lease was obtained in clear is bound to no key. What is bound
/// already is the sender's, or the engine would have refused it; a bare key has no DUID but its
/// derived one, and nor has a Solicit of solution B.
bool
Encryption::isLeasedInClear(const Pkt6& query) const {
    const Datagram datagram = recognise(query.data_.data(), query.data_.size());
    if (!datagram.well_formed) {
        return (false);
    }
    const Octets duid = clientIdentifier(datagram);
    return (duid.data && !bound_.contains(duid) && hasLeaseInClear(duid));
}

/// Sends an answer by the rules of Dhcpv6Srv::processDhcp6Query(): to a client's port 546, to a
/// relay's port 547 or, if the relay asks for it, its source port (RFC 8357).
void
Encryption::reply(const Pkt6& query, const Datagram& datagram, const std::vector<uint8_t>& octets) {
    const Pkt6Ptr answer(new Pkt6(DHCPV6_REPLY, 0));
    answer->getBuffer().writeData(octets.data(), octets.size());
    answer->setRemoteAddr(query.getRemoteAddr());
    answer->setLocalAddr(query.getLocalAddr());
    answer->setLocalPort(DHCP6_SERVER_PORT);
    if (datagram.relay_levels == 0) {
        answer->setRemotePort(DHCP6_CLIENT_PORT);
    } else {
        answer->setRemotePort(datagram.relay_source_port ? query.getRemotePort() :
                                                           DHCP6_SERVER_PORT);
    }
    answer->setIndex(query.getIndex());
    answer->setIface(query.getIface());
    IfaceMgr::instance().send(answer);
}

/// Whether a mode refuses a query, or what it enforces does. `context` is null for one in clear.
bool
Encryption::isRefused(channel::Mode mode, const Pkt6& query, const QueryContextPtr& context) const {
    if (!context) {
        return (mode >= channel::MODE_ENCRYPTED || isBoundInClear(mode, query));
    }
    return (mode == channel::MODE_OFF || (mode == channel::MODE_AUTHENTICATED &&
                                          context->credential != channel::CREDENTIAL_CERTIFICATE));
}

/// docs/protocol.md 8: in clear a bound DUID is refused, but where the mode is off.
bool
Encryption::isBoundInClear(channel::Mode mode, const Pkt6& query) const {
    if (mode == channel::MODE_OFF || bound_.empty()) {
        return (false);
    }
    const DuidPtr duid = query.getClientId();
    return (duid && bound_.contains({duid->getDuid().data(), duid->getDuid().size()}));
}

Encryption::Fate
Encryption::select(const Pkt6Ptr& query,
                   const SelectedSubnetPtr& subnet,
                   const QueryContextPtr& context) {
    const channel::Mode mode = modes_.decisive(subnet, *query);
    if (!isRefused(mode, *query, context)) {
        return (Fate::GO_ON);
    }
    const uint32_t subnet_id = subnet ? subnet->getID() : 0;
    if (!context && isBoundInClear(mode, *query)) {
        return (drop(*query, statistics::REASON_BOUND_DUID, BOUND_TEXT, subnet_id, false));
    }
    if (!context) {
        statistics::countDrop(statistics::REASON_CLEARTEXT_REFUSED, subnet_id);
        statistics::countReceiveDrop(false);
        LOG_DEBUG(encryption_logger, DBGLVL_PKT_HANDLING, ENCRYPTION_CLEARTEXT_REFUSED)
            .arg(describe(*query))
            .arg(modeName(mode));
        return (Fate::DROP);
    }
    if (mode == channel::MODE_OFF) {
        return (drop(*query, statistics::REASON_MODE_OFF, "encryption is off for its subnet",
                     subnet_id, false));
    }
    statistics::countDrop(statistics::REASON_PUBLIC_KEY_REFUSED, subnet_id);
    statistics::countReceiveDrop(false);
    LOG_DEBUG(encryption_logger, DBGLVL_PKT_HANDLING, ENCRYPTION_PUBLIC_KEY_REFUSED)
        .arg(describe(*query))
        .arg(context->identity);
    return (Fate::DROP);
}

bool
Encryption::refuses(const Pkt6& query,
                    const SelectedSubnetPtr& subnet,
                    const QueryContextPtr& context) const {
    return (isRefused(modes_.decisive(subnet, query), query, context));
}

bool
Encryption::refusesLease(const Pkt6& query,
                         const SelectedSubnetPtr& subnet,
                         const QueryContextPtr& context,
                         const Lease6& lease) const {
    return (refuses(query, subnet, context) || (context && modes_.isOff(lease.subnet_id_)));
}

void
Encryption::noteOrigin(Lease6& lease, const QueryContextPtr& context) const {
    if (context) {
        noteEncrypted(lease, context->identity);
    } else {
        noteClear(lease);
    }
}

ConstElementPtr
Encryption::command(const std::string& name, const ConstElementPtr& arguments) const {
    const auto fail = [](const std::string& text) {
        return (isc::config::createAnswer(isc::config::CONTROL_RESULT_ERROR, text));
    };
    if (!serving_) {
        return (fail("the encryption hook has no configuration in force"));
    }
    const ElementPtr command = Element::createMap();
    command->set("command", Element::create(name));
    if (arguments) {
        command->set("arguments", arguments);
    }
    const std::string json = command->str();
    if (json.size() > channel::MAX_FRAME_LENGTH - channel::HEADER_LENGTH) {
        return (fail("the arguments are too long"));
    }
    const CommandAnswer answer = engine_->command(json);
    switch (answer.exchange) {
    case Exchange::ANSWERED:
        break;
    case Exchange::TIMED_OUT:
        return (fail("the encryption engine does not answer"));
    case Exchange::DOWN:
        return (fail("the encryption engine is not running; the log tells why, and when it is "
                     "started again"));
    }
    try {
        const ConstElementPtr told = parseEngineJson(answer.json);
        const int result = static_cast<int>(memberOf(told, "result")->intValue());
        const std::string text = memberOf(told, "text")->stringValue();
        const ConstElementPtr more = told->get("arguments");
        return (more ? isc::config::createAnswer(result, text, more) :
                       isc::config::createAnswer(result, text));
    } catch (const std::exception& error) {
        return (fail(std::string("the encryption engine gave an answer that is not understood: ") +
                     error.what()));
    }
}

const std::vector<uint8_t>&
Encryption::hostIdentifier(const QueryContextPtr& context) const {
    static const std::vector<uint8_t> none;
    return (serving_ && context ? context->host_identifier : none);
}

Encryption::Fate
Encryption::send(const Pkt6Ptr& response, const QueryContextPtr& context) {
    if (!context) {
        return (serving_ ? Fate::GO_ON : Fate::DROP);
    }
    isc::util::OutputBuffer& buffer = response->getBuffer();
    const Octets answer = {static_cast<const uint8_t*>(buffer.getData()), buffer.getLength()};
    std::string reason = statistics::REASON_ENGINE_DOWN;
    if (serving_) {
        Sealed sealed = engine_->seal(context->handle, answer);
        if (sealed.exchange == Exchange::ANSWERED && sealed.action == channel::ACTION_REPLACE) {
            buffer.clear();
            buffer.writeData(sealed.octets.data(), sealed.octets.size());
            statistics::count(statistics::SEALED, context->subnet_id);
            LOG_DEBUG(encryption_logger, DBGLVL_TRACE_BASIC, ENCRYPTION_ANSWER_SEALED)
                .arg(describe(*response))
                .arg(context->identity);
            return (Fate::GO_ON);
        }
        if (sealed.exchange == Exchange::ANSWERED) {
            reason = sealed.reason;
        } else if (sealed.exchange == Exchange::TIMED_OUT) {
            reason = statistics::REASON_ENGINE_TIMEOUT;
        }
    }
    statistics::countDrop(reason, context->subnet_id);
    LOG_DEBUG(encryption_logger, DBGLVL_PKT_HANDLING, ENCRYPTION_ANSWER_DROPPED)
        .arg(describe(*response))
        .arg(reason);
    return (Fate::DROP);
}

}  // namespace kea_encryption
