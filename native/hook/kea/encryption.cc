// SPDX-License-Identifier: MPL-2.0

#include "encryption.h"

#include "encryption_log.h"
#include "unpack_limits.h"
#include "user_context.h"

#include <cc/command_interpreter.h>
#include <dhcp/dhcp6.h>
#include <dhcp/iface_mgr.h>
#include <dhcpsrv/cfg_subnets6.h>
#include <dhcpsrv/cfgmgr.h>

#include <algorithm>
#include <set>
#include <utility>

using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::data::ElementPtr;
using namespace isc::dhcp;
using isc::log::DBGLVL_PKT_HANDLING;
using isc::log::DBGLVL_TRACE_BASIC;

namespace kea_encryption {

isc::log::Logger encryption_logger("encryption-hooks");

namespace {

static_assert(MAX_LIST_LENGTH == IfaceMgr::RCVBUFSIZE, "Kea reads more, or less, of a datagram");

const char* const OFF_TEXT = "encryption is off for its subnet";

/// @brief Whether what is not relayed came by multicast from a neighbour (docs/protocol.md 3).
bool
cameOnLink(const Pkt6& query) {
    return (query.getLocalAddr().isV6Multicast() && query.getRemoteAddr().isV6LinkLocal());
}

/// @brief Adds to Kea's Relay-replies what Echo Request options (RFC 4994) of the Relay-forwards
/// name: Kea returns Interface-Id and Relay-Source-Port alone (docs/protocol.md 3).
/// @return whether it has added any.
bool
addEchoes(const Pkt6& query, Pkt6& response) {
    bool has_added = false;
    const size_t levels = std::min(query.relay_info_.size(), response.relay_info_.size());
    for (size_t level = 0; level < levels; ++level) {
        const OptionCollection& forwarded = query.relay_info_[level].options_;
        OptionCollection& returned = response.relay_info_[level].options_;
        const auto request = forwarded.find(D6O_ERO);
        if (request == forwarded.end()) {
            continue;
        }
        const std::vector<uint8_t> codes = request->second->toBinary(false);
        for (size_t at = 0; at + 1 < codes.size(); at += 2) {
            const uint16_t code = channel::getUint16(&codes[at]);
            const auto named = forwarded.equal_range(code);
            // Kea has returned the first of these two; a code may be named twice.
            const bool is_returned = code == D6O_INTERFACE_ID || code == D6O_RELAY_SOURCE_PORT ||
                                     returned.count(code) > 0;
            if (!is_returned && code != D6O_RELAY_MSG && named.first != named.second) {
                returned.insert(named.first, named.second);
                has_added = true;
            }
        }
    }
    return (has_added);
}

std::string
describe(const Pkt6& query) {
    return (query.getRemoteAddr().toText() + "%" + query.getIface());
}

std::string
refusalText(channel::Mode mode) {
    return (std::string("the mode is ") + modeName(mode));
}

/// @brief Returns the reason where the engine says nothing.
const char*
reasonOf(Exchange exchange) {
    return (exchange == Exchange::DOWN ? statistics::REASON_ENGINE_DOWN :
                                         statistics::REASON_ENGINE_TIMEOUT);
}

const char*
reasonOf(IdentityRefusal refusal, bool is_encrypted) {
    return (!is_encrypted                               ? statistics::REASON_BOUND_DUID :
            refusal == IdentityRefusal::LEASED_IN_CLEAR ? statistics::REASON_LEASED_IN_CLEAR :
                                                          statistics::REASON_IDENTITY_REFUSED);
}

const char*
textOf(IdentityRefusal refusal) {
    switch (refusal) {
    case IdentityRefusal::NOT_DERIVED:
        return ("a bare key with another Client Identifier than the one derived from it");
    case IdentityRefusal::LEASED_IN_CLEAR:
        return ("its Client Identifier has a lease that was obtained in clear");
    default:
        return ("its Client Identifier has a lease of another key's");
    }
}

/// @brief Returns the subnets that something may be counted for, and that a new configuration does
/// not have any more.
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
    : parameters_(parameters), peeked_(parameters), modes_(peeked_.mode) {
}

Encryption::~Encryption() {
    endEngine();
}

void
Encryption::endEngine() {
    if (engine_) {
        IfaceMgr::instance().deleteExternalSocket(engine_->descriptor());
        engine_.reset();
    }
}

/// @brief Is called by Kea's main thread between two packets.
void
Encryption::handleEvents() {
    try {
        engine_->handleEvents();
    } catch (const std::exception& error) {
        LOG_ERROR(encryption_logger, ENCRYPTION_CALLOUT_FAILED).arg("engine").arg(error.what());
    }
}

void
Encryption::configure(const SrvConfig& config) {
    serving_ = false;
    logged_not_configured_ = true;
    endEngine();  // a second configuration of the same instance: one engine at a time
    const auto count = [](Engine::Event event) {
        statistics::count(event == Engine::Event::RESTART ? statistics::ENGINE_RESTARTS :
                                                            statistics::ENGINE_TIMEOUTS);
    };
    auto engine = std::make_unique<Engine>(peeked_.engineSource(),
                                           describeConfiguration(parameters_, config), count);
    const ConstElementPtr told = engine->start();
    settings_ = HookSettings(told);
    modes_ = SubnetModes(settings_.mode);
    initialiseStatistics(config, told);
    engine_ = std::move(engine);
    IfaceMgr::instance().addExternalSocket(engine_->descriptor(), [this](int) { handleEvents(); });
    serving_ = true;
    LOG_INFO(encryption_logger, ENCRYPTION_CONFIGURED)
        .arg(settings_.solution_b ? "B" : "A")
        .arg(modeName(settings_.mode));
}

/// @brief Packets are counted for the subnets whose mode is not off.
void
Encryption::initialiseStatistics(const SrvConfig& config, const ConstElementPtr& told) const {
    std::vector<std::string> reasons;
    for (const auto& reason : told->get("reasons")->listValue()) {
        reasons.push_back(reason->stringValue());
    }
    std::vector<uint32_t> counted;
    for (const auto& subnet : *config.getCfgSubnets6()->getAll()) {
        if (modes_.decisive(subnet, Pkt6(DHCPV6_SOLICIT, 0)) != channel::MODE_OFF) {
            counted.push_back(subnet->getID());
        }
    }
    statistics::forget(reasons, goneSubnets(config));
    statistics::initialise(reasons, counted);
}

Encryption::MessageKind
Encryption::kindOf(const Datagram& datagram) const {
    if (!datagram.well_formed) {
        return (MessageKind::CLEARTEXT);
    }
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

/// @brief A Solicit with a credential. With solution A it is solution B's only if it has no Client
/// Identifier, too (the engine then counts it); other Solicits that happen to carry such options
/// are Kea's to judge.
bool
Encryption::isSignedSolicit(const Datagram& datagram) const {
    return (anyOption(datagram,
                      [this](const kea_encryption::Option& option) {
                          return (option.code == settings_.public_key ||
                                  option.code == settings_.certificate);
                      }) &&
            (settings_.solution_b || !clientIdentifier(datagram).data));
}

/// @brief Where encryption is off, a Solicit that names its client is Kea's.
Encryption::Message
Encryption::classify(const Pkt6& query) const {
    Message message = {};
    message.datagram = recognise(query.data_.data(), query.data_.size());
    message.kind = kindOf(message.datagram);
    if (message.kind != MessageKind::CLEARTEXT) {
        message.early = modes_.early(query, message.datagram);
    }
    if (message.kind == MessageKind::SIGNED_SOLICIT && message.early.mode == channel::MODE_OFF &&
        clientIdentifier(message.datagram).data) {
        message.kind = MessageKind::CLEARTEXT;
    }
    return (message);
}

/// @brief docs/protocol.md 7: what needs a proof yet, and comes without the cookie by which its
/// sender would be judged on its own. Of solution B's Solicits some have to be answered.
bool
Encryption::mayBePaused(const Datagram& datagram) const {
    const MessageKind kind = kindOf(datagram);
    bool needs_proof = false;
    const bool has_cookie = anyOption(datagram, [&](const kea_encryption::Option& option) {
        needs_proof = needs_proof ||
                      (kind == MessageKind::REQUEST && option.code == settings_.signature) ||
                      (kind == MessageKind::QUERY && option.code == settings_.encrypted_message &&
                       opensContext(option.data));
        return (option.code == settings_.cookie);
    });
    return (needs_proof && !has_cookie);
}

bool
Encryption::isPaused(const Pkt6& packet) {
    if (!serving_ || !pauses_.any()) {
        return (false);
    }
    const Datagram datagram = recognise(packet.data_.data(), packet.data_.size());
    if (!datagram.well_formed || !mayBePaused(datagram)) {
        return (false);
    }
    const std::vector<uint8_t> source = packet.getRemoteAddr().toBytes();
    const std::string reason =
        pauses_.covering(Place(datagram, static_cast<uint32_t>(packet.getIndex()), source.data()));
    if (reason.empty()) {
        return (false);
    }
    statistics::countReceived();
    drop(packet, reason, "as others like it just before", modes_.early(packet, datagram).subnet_id,
         false);
    return (true);
}

bool
Encryption::wantsWhole(const Octets& octets) const {
    return (serving_ && kindOf(recognise(octets.data, octets.length)) != MessageKind::CLEARTEXT &&
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
Encryption::receive(const Pkt6Ptr& query, bool unpacked, EncryptedQueryPtr& encrypted) {
    if (!serving_) {
        if (!logged_not_configured_.exchange(true)) {
            LOG_WARN(encryption_logger, ENCRYPTION_NOT_CONFIGURED);
        }
        return (drop(*query, statistics::REASON_REFUSED_SETTINGS, "no configuration is in force"));
    }
    Message message = classify(*query);
    // What goes in clear is judged as Kea reads it. An option that the cut takes away may have
    // hidden another.
    if (message.kind == MessageKind::CLEARTEXT && query->data_.size() > IfaceMgr::RCVBUFSIZE) {
        query->data_.resize(IfaceMgr::RCVBUFSIZE);
        message = classify(*query);
    }
    const Datagram& datagram = message.datagram;
    const uint32_t subnet_id = message.early.subnet_id;
    if (!datagram.well_formed) {
        if (query->data_.size() < MESSAGE_HEADER_LENGTH) {
            return (Fate::GO_ON);  // Kea drops and counts it
        }
        return (drop(*query, statistics::REASON_MALFORMED_RELAY, "no message inside"));
    }
    switch (message.kind) {
    case MessageKind::CLEARTEXT:
        return (receiveCleartext(*query, datagram));
    case MessageKind::REQUEST:
        statistics::count(statistics::RECEIVED_REQUEST, subnet_id);
        break;
    case MessageKind::QUERY:
        statistics::count(statistics::RECEIVED_QUERY, subnet_id);
        break;
    case MessageKind::SIGNED_SOLICIT:
        statistics::count(statistics::RECEIVED_SOLICIT, subnet_id);
        break;
    case MessageKind::UNEXPECTED:
        return (drop(*query, statistics::REASON_UNEXPECTED_MESSAGE,
                     "only servers send this message", subnet_id));
    }
    if (datagram.relay_reply) {
        return (
            drop(*query, statistics::REASON_UNEXPECTED_MESSAGE, "inside a Relay-reply", subnet_id));
    }
    if (datagram.relay_levels == 0 && !cameOnLink(*query)) {
        return (drop(*query, statistics::REASON_NOT_ON_LINK,
                     "not relayed, and not sent to a multicast address from a link-local one",
                     subnet_id));
    }
    if (unpacked) {
        if (!logged_library_order_.exchange(true)) {
            LOG_WARN(encryption_logger, ENCRYPTION_LIBRARY_ORDER);
        }
        return (drop(*query, statistics::REASON_INTERNAL_ERROR, "another library has unpacked it",
                     subnet_id));
    }
    if (message.early.mode == channel::MODE_OFF) {
        return (drop(*query, statistics::REASON_MODE_OFF, OFF_TEXT, subnet_id));
    }
    return (ask(query, message, encrypted));
}

/// @brief A DHCPv4-query leaves Kea's way before a subnet is selected, so it is judged here. Of all
/// else select() tells by the subnet that Kea takes.
Encryption::Fate
Encryption::receiveCleartext(const Pkt6& query, const Datagram& datagram) {
    if (datagram.messageType() != MESSAGE_DHCPV4_QUERY) {
        return (Fate::GO_ON);
    }
    SelectedSubnetPtr subnet;
    const channel::Mode mode = modes_.inClear(query, datagram, subnet);
    const uint32_t subnet_id = subnet ? subnet->getID() : statistics::NO_SUBNET;
    const Octets octets = clientIdentifier(datagram);
    DuidPtr duid;
    if (octets.length >= DUID::MIN_DUID_LEN && octets.length <= DUID::MAX_DUID_LEN) {
        duid.reset(new DUID(octets.data, octets.length));
    }
    const IdentityRefusal refusal = judgeIdentity({duid, nullptr, false, subnet, query}, modes_);
    if (refusal != IdentityRefusal::NONE) {
        return (drop(query, reasonOf(refusal, false), textOf(refusal), subnet_id));
    }
    if (mode >= channel::MODE_ENCRYPTED) {
        return (drop(query, statistics::REASON_CLEARTEXT_REFUSED, refusalText(mode), subnet_id));
    }
    return (Fate::GO_ON);
}

Encryption::Fate
Encryption::ask(const Pkt6Ptr& query, const Message& message, EncryptedQueryPtr& encrypted) {
    const uint32_t subnet_id = message.early.subnet_id;
    const std::vector<uint8_t> source = query->getRemoteAddr().toBytes();
    const bool is_query = message.kind == MessageKind::QUERY;
    ReceiveRequest request;
    request.mode = message.early.mode;
    request.interface_index = static_cast<uint32_t>(query->getIndex());
    request.source = source.data();
    request.datagram = {query->data_.data(), query->data_.size()};
    request.affinity_hash =
        affinityHash(message.datagram, is_query ? settings_.encrypted_message : 0,
                     request.interface_index, source.data());

    Verdict verdict = engine_->receive(request);
    if (verdict.exchange != Exchange::ANSWERED) {
        return (drop(*query, reasonOf(verdict.exchange), "the engine gave no verdict", subnet_id));
    }
    switch (verdict.action) {
    case channel::ACTION_REPLACE:
        break;
    case channel::ACTION_REPLY:
        reply(*query, message.datagram, verdict.octets);
        statistics::count(statistics::REPLIED, subnet_id);
        if (!verdict.reason.empty()) {
            statistics::countDrop(verdict.reason, subnet_id);
        }
        LOG_DEBUG(encryption_logger, DBGLVL_TRACE_BASIC, ENCRYPTION_QUERY_REPLIED)
            .arg(describe(*query))
            .arg(verdict.text);
        return (Fate::DROP);
    case channel::ACTION_DROP:
        if (verdict.pause.count() > 0) {
            pauses_.add(Place(message.datagram, request.interface_index, source.data()),
                        verdict.pause_scope, verdict.pause, verdict.reason);
        }
        return (drop(*query, verdict.reason, verdict.text, subnet_id));
    }

    if (exceedsUnpackLimits({verdict.octets.data(), verdict.octets.size()})) {
        return (drop(*query, statistics::REASON_UNPACK_LIMIT,
                     "its options are nested too deep or too long", subnet_id));
    }
    // Kea evaluates its own classes later: their expressions can ask for these.
    const bool is_certified = verdict.credential == channel::CREDENTIAL_CERTIFICATE;
    query->addClass("ENCRYPTED");
    query->addClass(is_certified ? "AUTHENTICATED" : "OPPORTUNISTIC");
    query->data_.swap(verdict.octets);
    encrypted.reset(new EncryptedQuery());
    encrypted->handle = verdict.query;
    encrypted->query = query;
    encrypted->credential = verdict.credential;
    encrypted->subnet_id = subnet_id;
    encrypted->identity.swap(verdict.text);
    encrypted->sender = std::move(verdict.sender);
    encrypted->host_identifier.swap(verdict.host_identifier);
    statistics::count(statistics::DECRYPTED, subnet_id);
    LOG_DEBUG(encryption_logger, DBGLVL_TRACE_BASIC, ENCRYPTION_QUERY_DECRYPTED)
        .arg(describe(*query))
        .arg(encrypted->identity);
    return (Fate::GO_ON);
}

/// @brief docs/protocol.md 8: what is refused in clear is dropped, a client in a context is told.
Encryption::Fate
Encryption::refuseIdentity(const Pkt6& query,
                           IdentityRefusal refusal,
                           uint32_t subnet_id,
                           const EncryptedQueryPtr& encrypted) {
    std::string text = textOf(refusal);
    if (encrypted) {
        text = encrypted->identity + ": " + text;
        const Octets octets = {query.data_.data(), query.data_.size()};
        const Verdict told = serving_ ? engine_->seal(encrypted->handle, octets) : Verdict();
        if (told.action == channel::ACTION_REPLACE) {
            reply(query, recognise(octets.data, octets.length), told.octets);
            statistics::count(statistics::REPLIED, subnet_id);
        }
    }
    return (drop(query, reasonOf(refusal, encrypted != nullptr), text, subnet_id, false));
}

/// @brief Sends an answer by the rules of Dhcpv6Srv::processDhcp6Query(): to a client's port 546,
/// to a relay's port 547 or, if the relay asks for it, its source port (RFC 8357).
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

/// @brief What the mode of its subnet says of a query.
Encryption::Refusal
Encryption::judge(channel::Mode mode, const EncryptedQueryPtr& encrypted) const {
    if (!encrypted && mode >= channel::MODE_ENCRYPTED) {
        return {statistics::REASON_CLEARTEXT_REFUSED, refusalText(mode)};
    }
    if (encrypted && mode == channel::MODE_OFF) {
        return {statistics::REASON_MODE_OFF, OFF_TEXT};
    }
    if (encrypted && mode == channel::MODE_AUTHENTICATED &&
        encrypted->credential == channel::CREDENTIAL_PUBLIC_KEY) {
        return {statistics::REASON_PUBLIC_KEY_REFUSED,
                encrypted->identity + " has shown no certificate"};
    }
    return {nullptr, ""};
}

Encryption::Fate
Encryption::select(const Pkt6Ptr& query,
                   const SelectedSubnetPtr& subnet,
                   const EncryptedQueryPtr& encrypted) {
    const bool is_bare = encrypted && encrypted->credential != channel::CREDENTIAL_CERTIFICATE;
    const IdentityRefusal refusal = judgeIdentity(
        {query->getClientId(), encrypted ? &encrypted->sender : nullptr, is_bare, subnet, *query},
        modes_);
    if (refusal == IdentityRefusal::NONE) {
        return (enforceMode(query, subnet, encrypted));
    }
    return (refuseIdentity(*query, refusal, subnet ? subnet->getID() : statistics::NO_SUBNET,
                           encrypted));
}

Encryption::Fate
Encryption::enforceMode(const Pkt6Ptr& query,
                        const SelectedSubnetPtr& subnet,
                        const EncryptedQueryPtr& encrypted) {
    const Refusal refusal = judge(modes_.decisive(subnet, *query), encrypted);
    if (!refusal.reason) {
        return (Fate::GO_ON);
    }
    return (drop(*query, refusal.reason, refusal.text,
                 subnet ? subnet->getID() : statistics::NO_SUBNET, false));
}

bool
Encryption::refusesLease(const Pkt6& query,
                         const SelectedSubnetPtr& subnet,
                         const EncryptedQueryPtr& encrypted,
                         const Lease6& lease) const {
    return (judge(modes_.decisive(subnet, query), encrypted).reason ||
            (encrypted && modes_.isOff(lease.subnet_id_)));
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
        int result;
        isc::config::parseAnswer(result, told);
        return (told);
    } catch (const std::exception& error) {
        return (fail(std::string("the encryption engine gave an answer that is not understood: ") +
                     error.what()));
    }
}

Encryption::Fate
Encryption::send(const Pkt6Ptr& response, const EncryptedQueryPtr& encrypted) {
    if (!encrypted) {
        return (serving_ ? Fate::GO_ON : Fate::DROP);
    }
    isc::util::OutputBuffer& buffer = response->getBuffer();
    const Pkt6Ptr query = encrypted->query.lock();
    if (query && addEchoes(*query, *response)) {
        buffer.clear();
        response->pack();
    }
    const Octets answer = {static_cast<const uint8_t*>(buffer.getData()), buffer.getLength()};
    const Verdict sealed = serving_ ? engine_->seal(encrypted->handle, answer) : Verdict();
    if (sealed.action == channel::ACTION_REPLACE) {
        buffer.clear();
        buffer.writeData(sealed.octets.data(), sealed.octets.size());
        statistics::count(statistics::SEALED, encrypted->subnet_id);
        LOG_DEBUG(encryption_logger, DBGLVL_TRACE_BASIC, ENCRYPTION_ANSWER_SEALED)
            .arg(describe(*response))
            .arg(encrypted->identity);
        return (Fate::GO_ON);
    }
    const bool is_answered = sealed.exchange == Exchange::ANSWERED;
    const std::string reason = is_answered ? sealed.reason : reasonOf(sealed.exchange);
    statistics::countDrop(reason, encrypted->subnet_id);
    LOG_DEBUG(encryption_logger, DBGLVL_PKT_HANDLING, ENCRYPTION_ANSWER_DROPPED)
        .arg(describe(*response))
        .arg(reason);
    return (Fate::DROP);
}

}  // namespace kea_encryption
