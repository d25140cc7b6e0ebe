// SPDX-License-Identifier: MPL-2.0

#include "kea_configuration.h"
#include "log_file.h"
#include "octets.h"

#include <hook/kea/encryption.h>
#include <hook/kea/lease_owner.h>

#include <dhcp/iface_mgr.h>
#include <dhcp/pkt_filter_inet6.h>
#include <dhcpsrv/cfg_duid.h>
#include <dhcpsrv/lease_mgr_factory.h>
#include <stats/stats_mgr.h>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <memory>

extern char** environ;

using namespace kea_encryption;
using isc::data::Element;
using isc::dhcp::CfgMgr;
using isc::dhcp::Lease6;
using isc::dhcp::Lease6Ptr;
using isc::dhcp::LeaseMgrFactory;
using isc::dhcp::Pkt6;
using isc::dhcp::Pkt6Ptr;
using isc::stats::StatsMgr;

namespace {

typedef Encryption::Fate Fate;

/// A fake engine that already runs, for one connection.
class RunningEngine {
public:
    explicit RunningEngine(const char* behaviour) {
        ::setenv("FAKE_ENGINE", behaviour, 1);
        char directory[] = "/tmp/encryption_unittest.XXXXXX";
        EXPECT_TRUE(::mkdtemp(directory) != nullptr);
        directory_ = directory;
        struct sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof(address.sun_path) - 1);
        const Descriptor listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        EXPECT_EQ(0, ::bind(listener.get(), reinterpret_cast<struct sockaddr*>(&address),
                            sizeof(address)));
        EXPECT_EQ(0, ::listen(listener.get(), 1));
        const Descriptor early(::fcntl(listener.get(), F_DUPFD_CLOEXEC, 10));
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, early.get(), 4);
        const char* const arguments[] = {FAKE_ENGINE, "--accept-fd", "4", nullptr};
        EXPECT_EQ(0, ::posix_spawn(&pid_, FAKE_ENGINE, &actions, nullptr,
                                   const_cast<char**>(arguments), environ));
        ::posix_spawn_file_actions_destroy(&actions);
    }

    ~RunningEngine() {
        end();
        ::unlink(path().c_str());
        ::rmdir(directory_.c_str());
    }

    std::string path() const {
        return (directory_ + "/engine.sock");
    }

    void end() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            pid_ = 0;
        }
    }

private:
    std::string directory_;
    pid_t pid_ = 0;
};

/// The interface that packets come from, and what the hook sends there itself.
class AnsweringInterface {
public:
    /// Of the packets of a Fixture.
    static constexpr unsigned int INDEX = 7;

    AnsweringInterface() : filter_(new Filter()), interface_(new isc::dhcp::Iface("test0", INDEX)) {
        IfaceMgr& manager = IfaceMgr::instance();
        manager.closeSockets();
        manager.setPacketFilter(filter_);
        interface_->flag_up_ = interface_->flag_running_ = true;
        interface_->addSocket(
            isc::dhcp::SocketInfo(isc::asiolink::IOAddress("fe80::7"), 547, ::dup(0)));
        manager.clearIfaces();
        manager.addInterface(interface_);
    }

    ~AnsweringInterface() {
        IfaceMgr& manager = IfaceMgr::instance();
        interface_->closeSockets();
        manager.clearIfaces();
        manager.setPacketFilter(isc::dhcp::PktFilter6Ptr(new isc::dhcp::PktFilterInet6()));
        manager.detectIfaces();
    }

    size_t sent() const {
        return (filter_->sent);
    }

private:
    typedef isc::dhcp::IfaceMgr IfaceMgr;

    struct Filter : isc::dhcp::PktFilterInet6 {
        size_t sent = 0;

        int send(const isc::dhcp::Iface&, uint16_t, const Pkt6Ptr&) override {
            ++sent;
            return (0);
        }
    };

    const boost::shared_ptr<Filter> filter_;
    const isc::dhcp::IfacePtr interface_;
};

/// A hook in service with a fake engine, and packets for it.
struct Fixture {
    KeaConfiguration configuration;
    RunningEngine engine;
    std::unique_ptr<Encryption> encryption;
    EncryptedQueryPtr encrypted;

    explicit Fixture(const char* behaviour = "") : engine(behaviour) {
        StatsMgr::instance().removeAll();
        LeaseMgrFactory::create("type=memfile universe=6 persist=false");
        configuration.staging().getCfgDUID()->setType(isc::dhcp::DUID::DUID_EN);
    }

    ~Fixture() {
        LeaseMgrFactory::destroy();
    }

    void serve(const std::string& more = "", int timeout = 60000) {
        configuration.commit();
        encryption = std::make_unique<Encryption>(
            Element::fromJSON("{\"engine\": {\"socket\": \"" + engine.path() +
                              "\", \"timeout\": " + std::to_string(timeout) + "}" + more + "}"));
        encryption->configure(*CfgMgr::instance().getCurrentCfg());
    }

    Pkt6Ptr packet(const Bytes& octets) {
        const Pkt6Ptr query(new Pkt6(octets.data(), static_cast<uint32_t>(octets.size())));
        query->setIface("eth0");
        query->setIndex(AnsweringInterface::INDEX);
        query->setRemoteAddr(isc::asiolink::IOAddress("fe80::1"));
        query->setLocalAddr(isc::asiolink::IOAddress("ff02::1:2"));
        return (query);
    }

    Fate receive(const Pkt6Ptr& query) {
        return (encryption->receive(query, false, encrypted));
    }

    Fate select(const Pkt6Ptr& query, uint32_t subnet_id) {
        return (encryption->select(
            query, CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getSubnet(subnet_id),
            encrypted));
    }

    Fate enforceMode(const Pkt6Ptr& query, uint32_t subnet_id) {
        return (encryption->enforceMode(
            query, CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getSubnet(subnet_id),
            encrypted));
    }

    /// Takes a datagram as far as Kea's selection of a subnet.
    Fate pass(const Bytes& octets, uint32_t subnet_id = 1) {
        encrypted.reset();
        const Pkt6Ptr query = packet(octets);
        if (receive(query) == Fate::DROP) {
            return (Fate::DROP);
        }
        query->unpack();
        return (select(query, subnet_id));
    }

    /// Whether a lease, of a subnet that is not configured, would not be changed for the query.
    bool refuses(const Pkt6& query, uint32_t subnet_id) {
        const isc::dhcp::DuidPtr duid(new isc::dhcp::DUID(std::vector<uint8_t>{0, 1, 2}));
        const Lease6 lease(isc::dhcp::Lease::TYPE_NA, isc::asiolink::IOAddress("2001:db8:9::1"),
                           duid, 7, 100, 200, 9);
        return (encryption->refusesLease(
            query, CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getSubnet(subnet_id),
            encrypted, lease));
    }

    /// Lets Kea's answer out. Returns what would be sent; empty if nothing.
    Bytes send(const Bytes& answer) {
        const Pkt6Ptr response(new Pkt6(2, 0x123456));
        response->getBuffer().writeData(answer.data(), answer.size());
        if (encryption->send(response, encrypted) == Fate::DROP) {
            return {};
        }
        const uint8_t* octets = static_cast<const uint8_t*>(response->getBuffer().getData());
        return (Bytes(octets, octets + response->getBuffer().getLength()));
    }
};

int64_t
statistic(const std::string& name) {
    const auto observation = StatsMgr::instance().getObservation(name);
    return (observation ? observation->getInteger().first : -1);
}

const Bytes CLIENT = {0, 3, 0, 1, 10, 11, 12, 13, 14, 15};

/// Who the fake engine's clients are, with a certificate; and somebody else.
const Sender OWN = {Bytes(32, 0x11), Bytes(16, 0x22), Bytes{0, 4} + Bytes(16, 0x33)};
const Sender OTHER = {Bytes(32, 0x44), Bytes(16, 0x55), Bytes{0, 4} + Bytes(16, 0x66)};

/// Gives a lease of the DUID. @param owner null in clear
void
lease(uint32_t subnet_id, const Sender* owner) {
    const isc::dhcp::DuidPtr duid(new isc::dhcp::DUID(CLIENT));
    const Lease6Ptr given(new Lease6(isc::dhcp::Lease::TYPE_NA,
                                     isc::asiolink::IOAddress("2001:db8:1::1"), duid, 7, 100, 200,
                                     subnet_id));
    noteOwner(*given, owner);
    LeaseMgrFactory::instance().addLease(given);
}

Bytes
solicit() {
    return (message(1, option(1, CLIENT)));
}
Bytes
query(const Bytes& inner) {
    return (message(251, option(705, inner)));
}
const Bytes ADVERTISE = message(2, option(2, {1}));

}  // namespace

TEST(EncryptionTest, cleartextPassesBothWaysUntouched) {
    Fixture fixture;
    fixture.serve();
    for (const Bytes& octets : {solicit(), relayed(solicit()), Bytes{1, 2, 3}}) {
        const Pkt6Ptr packet = fixture.packet(octets);
        ASSERT_EQ(Fate::GO_ON, fixture.receive(packet));
        ASSERT_EQ(octets, packet->data_);
        ASSERT_TRUE(!fixture.encrypted && !packet->inClass("ENCRYPTED"));
    }
    EXPECT_EQ(ADVERTISE, fixture.send(ADVERTISE));
    EXPECT_EQ(0, statistic("encryption-received-encrypted-query"));
}

TEST(EncryptionTest, anEncryptedQueryIsReplacedClassifiedAndItsAnswerSealed) {
    for (const bool certificate : {false, true}) {
        Fixture fixture(certificate ? "certificate" : "");
        fixture.serve();
        for (const bool is_relayed : {false, true}) {
            const Pkt6Ptr packet =
                fixture.packet(is_relayed ? relayed(relayed(query(solicit()))) : query(solicit()));
            ASSERT_EQ(Fate::GO_ON, fixture.receive(packet));
            ASSERT_EQ((is_relayed ? relayed(relayed(solicit())) : solicit()), packet->data_);
            ASSERT_TRUE(packet->inClass("ENCRYPTED"));
            ASSERT_EQ(certificate, packet->inClass("AUTHENTICATED"));
            ASSERT_EQ(!certificate, packet->inClass("OPPORTUNISTIC"));
            ASSERT_EQ("a fake client", fixture.encrypted->identity);
            ASSERT_EQ(message(252, option(705, ADVERTISE)), fixture.send(ADVERTISE));
        }
        ASSERT_EQ(2, statistic("encryption-received-encrypted-query"));
        ASSERT_EQ(2, statistic("encryption-decrypted"));
        ASSERT_EQ(2, statistic("encryption-sealed"));
    }
}

TEST(EncryptionTest, anAnswerThatIsNotSealedIsNeverSent) {
    for (const char* const behaviour : {"drop-seal", "die-on-send"}) {
        Fixture fixture(behaviour);
        fixture.serve();
        ASSERT_EQ(Fate::GO_ON, fixture.receive(fixture.packet(query(solicit()))));
        ASSERT_TRUE(fixture.send(ADVERTISE).empty());
    }
    EXPECT_EQ(1, statistic("encryption-drop-engine-down"));
    // The same patience is for the query, which is to be answered.
    bool received = false;
    for (int timeout = 20; !received && timeout < 60000; timeout *= 10) {
        Fixture silent("mute-seal");
        silent.serve("", timeout);
        if (silent.receive(silent.packet(query(solicit()))) == Fate::GO_ON) {
            received = true;
            ASSERT_TRUE(silent.send(ADVERTISE).empty());
            ASSERT_EQ(1, statistic("encryption-drop-engine-timeout"));
        }
    }
    EXPECT_TRUE(received);
}

TEST(EncryptionTest, whatIsDroppedIsCountedUnderItsReason) {
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").mode("off");
    fixture.serve();
    const Bytes reply_inside =
        relay("::", "fe80::1", option(9, query(solicit())), MESSAGE_RELAY_REPLY);
    const std::pair<Bytes, const char*> cases[] = {
        {message(252, {}), "unexpected-message"},
        {relayed(message(254, {})), "unexpected-message"},
        {reply_inside, "unexpected-message"},
        {relay("::", "fe80::1", {}), "malformed-relay"},
        {message(12, {}), "malformed-relay"},  // a header cut short
        {relayed(message(13, Bytes(29, 0))), "malformed-relay"},
        {message(251, option(706, {1})), "malformed"},
        {relayed(query(solicit()), "2001:db8:1::9"), "mode-off"},
    };
    for (const auto& one : cases) {
        const std::string name = std::string("encryption-drop-") + one.second;
        const int64_t before = statistic(name);
        ASSERT_GE(before, 0);
        ASSERT_EQ(Fate::DROP, fixture.receive(fixture.packet(one.first)));
        ASSERT_EQ(before + 1, statistic(name));
        ASSERT_FALSE(fixture.encrypted);
    }
    // Kea would not read the replaced octets of a packet that another library has unpacked.
    EXPECT_EQ(Fate::DROP, fixture.encryption->receive(fixture.packet(query(solicit())), true,
                                                      fixture.encrypted));
    fixture.engine.end();
    EXPECT_EQ(Fate::DROP, fixture.receive(fixture.packet(query(solicit()))));
    EXPECT_EQ(1, statistic("encryption-drop-engine-down"));
    EXPECT_EQ(Fate::GO_ON, fixture.receive(fixture.packet(solicit())));
}

TEST(EncryptionTest, whatTheEngineHasNoTimeForIsNotAskedAboutDocsProtocolMd7) {
    Fixture fixture("pause");
    fixture.configuration.subnet(1, "2001:db8:1::/64");
    fixture.serve();
    const Bytes cookie = option(710, {1});
    const Bytes proof = option(703, {1});
    const Bytes opening = option(705, Bytes(37, 0) + Bytes{32} + Bytes(32, 7));
    const Bytes in_context = option(705, Bytes(80, 0));
    const auto paused = [&fixture](const Bytes& octets, const char* source = "fe80::1") {
        const Pkt6Ptr packet = fixture.packet(octets);
        packet->setRemoteAddr(isc::asiolink::IOAddress(source));
        return (fixture.encryption->isPaused(*packet));
    };
    ASSERT_FALSE(paused(message(253, proof)));
    ASSERT_EQ(Fate::DROP, fixture.receive(fixture.packet(message(253, proof))));
    ASSERT_EQ(1, statistic("encryption-drop-malformed"));

    const int64_t received = std::max<int64_t>(0, statistic("pkt6-received"));
    const int64_t dropped = std::max<int64_t>(0, statistic("pkt6-receive-drop"));
    EXPECT_TRUE(paused(message(253, proof)));
    EXPECT_TRUE(paused(message(251, opening)));
    // The engine's reason, and Kea's own counts.
    EXPECT_EQ(3, statistic("encryption-drop-malformed"));
    EXPECT_EQ(received + 2, statistic("pkt6-received"));
    EXPECT_EQ(dropped + 2, statistic("pkt6-receive-drop"));

    EXPECT_FALSE(paused(message(253, proof + cookie)));
    EXPECT_FALSE(paused(message(251, cookie + opening)));
    EXPECT_FALSE(paused(message(253, {})));                // asks, and shows nothing
    EXPECT_FALSE(paused(message(251, in_context)));        // proves its sender by itself
    EXPECT_FALSE(paused(message(251, option(705, {1}))));  // the engine says what is wrong with it
    EXPECT_FALSE(paused(message(1, option(702, {1}) + proof)));
    EXPECT_FALSE(paused(solicit()));
    EXPECT_FALSE(paused(message(253, proof), "fe80::2"));
    EXPECT_FALSE(paused({1, 2, 3}));
}

TEST(EncryptionTest, whatIsNotRelayedComesByMulticastFromALinkLocalAddressDocsProtocolMd3) {
    const Bytes signed_solicit = message(1, option(701, {1}));
    Fixture fixture;
    fixture.serve();
    int64_t dropped = 0;
    for (const Bytes& octets : {query(solicit()), message(253, option(701, {1})), signed_solicit}) {
        for (const auto& addresses :
             {std::make_pair("fe80::1", "fe80::2"), std::make_pair("fe80::1", "2001:db8:1::1"),
              std::make_pair("2001:db8:1::9", "ff02::1:2"),
              std::make_pair("2001:db8:1::9", "2001:db8:1::1"),
              std::make_pair("::", "ff02::1:2")}) {
            const auto send = [&](const Bytes& datagram) {
                const Pkt6Ptr packet = fixture.packet(datagram);
                packet->setRemoteAddr(isc::asiolink::IOAddress(addresses.first));
                packet->setLocalAddr(isc::asiolink::IOAddress(addresses.second));
                return (fixture.receive(packet));
            };
            EXPECT_TRUE(send(octets) == Fate::DROP);
            EXPECT_EQ(++dropped, statistic("encryption-drop-not-on-link"));
            if (octets[0] != 253) {  // which would be answered, on an interface that is not there
                send(relayed(octets));
            }
            EXPECT_EQ(dropped, statistic("encryption-drop-not-on-link"));
            EXPECT_TRUE(send(solicit()) == Fate::GO_ON);  // Kea's to judge
        }
    }
    for (const char* const group : {"ff02::1:2", "ff05::1:3"}) {
        const Pkt6Ptr packet = fixture.packet(query(solicit()));
        packet->setLocalAddr(isc::asiolink::IOAddress(group));
        EXPECT_TRUE(fixture.receive(packet) == Fate::GO_ON);
    }
}

TEST(EncryptionTest, whatGoesInClearIsCutToWhatKeaReadsAndJudgedAsItIsThen) {
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").mode("optional");
    fixture.serve();
    lease(1, &OTHER);
    const Bytes filler = option(15, Bytes(1500, 0));
    const Bytes stranger = message(1, option(1, {0, 3, 0, 1, 9}));
    const auto cut = [](Bytes octets) {
        octets.resize(isc::dhcp::IfaceMgr::RCVBUFSIZE);
        return (octets);
    };
    const std::pair<Bytes, Fate> cases[] = {{stranger + filler, Fate::GO_ON},
                                            {relayed(stranger) + filler, Fate::GO_ON},
                                            {relay("::", "fe80::1", filler), Fate::DROP}};
    for (const auto& one : cases) {
        EXPECT_FALSE(fixture.encryption->wantsWhole(toOctets(one.first)));
        const Pkt6Ptr packet = fixture.packet(one.first);
        EXPECT_TRUE(fixture.receive(packet) == one.second);
        EXPECT_TRUE(packet->data_ == cut(one.first));
    }
    // Behind the cut is the message that would count, of a client that may; before it one that may
    // not.
    const Bytes two = relay("::", "fe80::1", option(9, solicit()) + filler + option(9, stranger));
    EXPECT_TRUE(fixture.pass(two) == Fate::DROP);
    EXPECT_EQ(1, statistic("encryption-drop-bound-duid"));
    const Bytes other = relay("::", "fe80::1", option(9, stranger) + filler + option(9, solicit()));
    EXPECT_TRUE(fixture.pass(other) == Fate::GO_ON);
    const Bytes encrypted =
        relay("::", "fe80::1", option(9, query(solicit())) + filler + option(9, stranger));
    const Pkt6Ptr packet = fixture.packet(encrypted);
    EXPECT_TRUE(fixture.receive(packet) == Fate::GO_ON);
    EXPECT_TRUE(packet->data_ != cut(encrypted) && packet->inClass("ENCRYPTED"));
}

TEST(EncryptionTest, anEncryptedMessageIsTakenWholeIfAnotherLibraryMayUnpackIt) {
    Bytes nested;
    for (int i = 0; i < 500; ++i) {
        nested = option(45, nested);
    }
    const Bytes longest = query(message(1, option(15, Bytes(60000, 0))));
    const Bytes deep = message(251, nested);
    const Bytes identified = message(1, option(1, {0, 3, 0, 1, 10}) + option(701, Bytes(2000, 0)));
    for (const char* const mode : {"off", "optional"}) {
        Fixture fixture;
        fixture.serve(", \"solution\": \"B\", \"mode\": \"" + std::string(mode) + "\"");
        const auto wants = [&fixture](const Bytes& octets) {
            return (fixture.encryption->wantsWhole(toOctets(octets)));
        };
        EXPECT_TRUE(wants(longest) && wants(relayed(longest)));
        EXPECT_FALSE(wants(deep) && !wants(relayed(deep)));
        // Where encryption is off it goes to Kea in clear after all.
        EXPECT_TRUE(wants(identified));
        const Pkt6Ptr packet = fixture.packet(identified);
        const bool off = mode == std::string("off");
        EXPECT_TRUE(fixture.receive(packet) == (off ? Fate::GO_ON : Fate::DROP));
        EXPECT_EQ(off ? size_t(isc::dhcp::IfaceMgr::RCVBUFSIZE) : identified.size(),
                  packet->data_.size());
    }
    Fixture fixture;
    fixture.encryption = std::make_unique<Encryption>(Element::fromJSON("{}"));
    EXPECT_FALSE(fixture.encryption->wantsWhole(toOctets(longest)));
}

TEST(EncryptionTest, whatWasDecryptedIsDroppedIfKeaCannotUnpackItWithoutHarm) {
    Fixture fixture;
    fixture.serve();
    Bytes nested;
    for (int i = 0; i < 15; ++i) {
        nested = option(45, nested);
    }
    const Bytes deepest = message(1, option(45, nested));
    const Bytes longest = message(1, option(15, Bytes(1492, 0)));
    for (const Bytes& inner : {deepest, longest}) {
        EXPECT_TRUE(fixture.receive(fixture.packet(query(inner))) == Fate::GO_ON);
        EXPECT_TRUE(fixture.receive(fixture.packet(relayed(relayed(query(inner))))) == Fate::GO_ON);
    }
    EXPECT_EQ(0, statistic("encryption-drop-unpack-limit"));
    int64_t dropped = 0;
    const Bytes deeper = message(1, option(45, option(45, nested)));
    const Bytes longer = message(1, option(15, Bytes(1493, 0)));
    const Bytes by_relay =
        relay("::", "fe80::1", option(45, option(45, nested)) + option(9, query(solicit())));
    for (const Bytes& octets :
         {query(deeper), relayed(query(deeper)), query(longer), relayed(query(longer)), by_relay}) {
        const Pkt6Ptr packet = fixture.packet(octets);
        fixture.encrypted.reset();
        EXPECT_TRUE(fixture.receive(packet) == Fate::DROP);
        EXPECT_FALSE(fixture.encrypted && packet->data_ == octets && !packet->inClass("ENCRYPTED"));
        EXPECT_EQ(++dropped, statistic("encryption-drop-unpack-limit"));
    }
    EXPECT_EQ(4, statistic("encryption-decrypted"));
}

TEST(EncryptionTest, statisticsBeginWith0AndAreCountedForEachSubnet) {
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").mode("optional");
    fixture.configuration.subnet(2, "2001:db8:2::/64").mode("off");
    fixture.serve();
    const char* const kinds[] = {"received-encrypted-query", "decrypted", "replied", "sealed",
                                 "dropped"};
    for (const char* const kind : kinds) {
        ASSERT_EQ(0, statistic(std::string("subnet[1].encryption-") + kind));
        ASSERT_EQ(-1, statistic(std::string("subnet[2].encryption-") + kind));
    }
    EXPECT_EQ(0, statistic("encryption-engine-timeouts"));
    EXPECT_EQ(Fate::GO_ON, fixture.receive(fixture.packet(relayed(query(solicit())))));
    EXPECT_EQ(message(252, option(705, ADVERTISE)), fixture.send(ADVERTISE));
    EXPECT_EQ(Fate::DROP, fixture.receive(fixture.packet(relayed(message(251, option(706, {1}))))));
    const int64_t expected[] = {2, 1, 0, 1, 1};
    for (size_t i = 0; i < 5; ++i) {
        ASSERT_EQ(expected[i], statistic(std::string("subnet[1].encryption-") + kinds[i]));
    }
    EXPECT_EQ(1, statistic("subnet[1].encryption-drop-malformed"));
    EXPECT_EQ(0, statistic("subnet[1].encryption-drop-mode-off"));
    // Another subnet's, and those of none, are counted where they belong: nowhere else.
    EXPECT_EQ(Fate::DROP,
              fixture.receive(fixture.packet(relayed(query(solicit()), "2001:db8:2::1"))));
    EXPECT_EQ(1, statistic("subnet[2].encryption-received-encrypted-query"));
    EXPECT_EQ(1, statistic("subnet[2].encryption-dropped"));
    EXPECT_EQ(1, statistic("subnet[2].encryption-drop-mode-off"));
    EXPECT_EQ(Fate::GO_ON, fixture.receive(fixture.packet(query(solicit()))));
    EXPECT_EQ(2, statistic("subnet[1].encryption-received-encrypted-query"));
    EXPECT_EQ(-1, statistic("subnet[0].encryption-received-encrypted-query"));
}

TEST(EncryptionTest, statisticsOfASubnetThatACommandHasRemovedGoWithTheNextConfiguration) {
    for (const bool has_command : {false, true}) {
        Fixture fixture;
        fixture.configuration.subnet(1, "2001:db8:1::/64");
        if (has_command) {
            fixture.configuration.staging().getHooksConfig().add("/hooks/libdhcp_subnet_cmds.so",
                                                                 isc::data::ConstElementPtr());
        }
        for (const char* const name : {"subnet[1].encryption-sealed", "subnet[9].encryption-sealed",
                                       "subnet[9].total-nas"}) {
            StatsMgr::instance().setValue(name, static_cast<int64_t>(5));
        }
        fixture.serve();
        ASSERT_EQ(5, statistic("subnet[1].encryption-sealed"));
        ASSERT_EQ(has_command ? -1 : 5, statistic("subnet[9].encryption-sealed"));
        ASSERT_EQ(5, statistic("subnet[9].total-nas"));
    }
}

TEST(EncryptionTest, aHostIdentifierIsKeasToUseOnlyIfTheParameterAsksForOne) {
    for (const bool asked : {false, true}) {
        Fixture fixture("certificate");
        fixture.serve(asked ? ", \"host-identifier\": \"san-uri\"" : "");
        ASSERT_EQ(asked, fixture.encryption->identifiesHosts());
        ASSERT_EQ(Fate::GO_ON, fixture.receive(fixture.packet(solicit())));
        ASSERT_TRUE(!fixture.encrypted);
        ASSERT_EQ(Fate::GO_ON, fixture.receive(fixture.packet(query(solicit()))));
        const std::vector<uint8_t>& identifier = fixture.encrypted->host_identifier;
        ASSERT_EQ("fake-host", std::string(identifier.begin(), identifier.end()));
    }
}

TEST(EncryptionTest, commandsAreTheEnginesToAnswer) {
    Fixture fixture;
    fixture.serve();
    const auto arguments = Element::fromJSON("{\"limit\": 3}");
    const auto answer = fixture.encryption->command("encryption-key-list", arguments);
    EXPECT_EQ(3, answer->get("result")->intValue());
    EXPECT_EQ("fake", answer->get("text")->stringValue());
    EXPECT_EQ("encryption-key-list", answer->get("arguments")->get("command")->stringValue());
    EXPECT_TRUE(answer->get("arguments")->get("arguments")->equals(*arguments));
    const auto bare =
        fixture.encryption->command("encryption-status", isc::data::ConstElementPtr());
    EXPECT_TRUE(!bare->get("arguments")->get("arguments"));
    const auto long_one =
        fixture.encryption->command(std::string(70000, 'x'), isc::data::ConstElementPtr());
    EXPECT_EQ(1, long_one->get("result")->intValue());
    fixture.engine.end();
    const auto down =
        fixture.encryption->command("encryption-status", isc::data::ConstElementPtr());
    EXPECT_EQ(1, down->get("result")->intValue());
    EXPECT_TRUE(down->get("text")->stringValue().find("not running") != std::string::npos);
}

TEST(EncryptionTest, anEnginesAnswerToACommandThatMakesNoSenseIsAnError) {
    const std::pair<const char*, const char*> cases[] = {
        {"scant", "'result'"},
        {"odd", "not understood"},
        {"list", "not understood"},
        {"deep-answer", "nested deeper than 64 levels"},
    };
    for (const auto& one : cases) {
        Fixture fixture(one.first);
        fixture.serve();
        const auto answer =
            fixture.encryption->command("encryption-status", isc::data::ConstElementPtr());
        ASSERT_EQ(1, answer->get("result")->intValue());
        ASSERT_TRUE(answer->get("text")->stringValue().find(one.second) != std::string::npos);
    }
}

TEST(EncryptionTest, whatTheEngineSaysIsNested64LevelsDeepAtMost) {
    const auto nested = [](size_t depth, const std::string& inside) {
        return (std::string(depth, '[') + inside + std::string(depth, ']'));
    };
    const auto is_refused = [](const std::string& text) {
        try {
            static_cast<void>(parseEngineJson(text));
        } catch (const EngineError&) {
            return (true);
        }
        return (false);
    };
    const std::string brackets = "\"\\\"" + std::string(100, '[') + "\\\\\"";
    EXPECT_FALSE(is_refused(nested(64, brackets)));
    EXPECT_TRUE(is_refused(nested(65, brackets)));
    EXPECT_TRUE(is_refused(nested(64, brackets + ", {}")));
    EXPECT_FALSE(is_refused("[" + nested(63, "") + ", " + nested(63, "") + "]"));
}

TEST(EncryptionTest, withoutAConfigurationInForceNothingPasses) {
    Fixture fixture("refuse");
    fixture.configuration.commit();
    const auto refused = [&fixture](const std::string& parameters, const char* part) {
        fixture.encryption = std::make_unique<Encryption>(Element::fromJSON(parameters));
        ASSERT_EQ(Fate::DROP, fixture.receive(fixture.packet(solicit())));
        std::string told;
        try {
            fixture.encryption->configure(*CfgMgr::instance().getCurrentCfg());
        } catch (const EngineError& error) {
            told = error.what();
        }
        ASSERT_NE(std::string::npos, told.find(part)) << told;
        ASSERT_EQ(Fate::DROP, fixture.receive(fixture.packet(solicit())));
        ASSERT_EQ(Fate::DROP, fixture.receive(fixture.packet(query(solicit()))));
        ASSERT_TRUE(fixture.send(ADVERTISE).empty());
    };
    refused("{\"engine\": {\"socket\": \"" + fixture.engine.path() + "\"}, \"mode\": \"on\"}",
            "\"certificate\" is \"x\"");
    refused("{\"engine\": {\"socket\": \"/nonexistent/socket\"}}", "parameters.engine.socket");
    EXPECT_EQ(6, statistic("encryption-drop-refused-settings"));
}

TEST(EncryptionTest, aModeThatIsNoneIsTakenForTheStrictestUntilTheEngineRefusesIt) {
    Fixture fixture;
    fixture.configuration.commit();
    const auto can_refuse = [](const char* parameters) {
        return (Encryption(Element::fromJSON(parameters))
                    .canRefuse(*CfgMgr::instance().getCurrentCfg()));
    };
    EXPECT_TRUE(can_refuse("{\"mode\": \"on\"}"));
    EXPECT_FALSE(can_refuse("{\"mode\": \"optional\"}"));
}

TEST(EncryptionTest, keaSMainThreadHearsOfItsEngineBetweenTwoPackets) {
    LogFile log;
    Fixture fixture;
    fixture.serve();
    EXPECT_EQ(0, statistic("encryption-engine-restarts"));
    fixture.engine.end();
    const auto wait = [] { isc::dhcp::IfaceMgr::instance().receive6(0, 1000); };
    log.await("ENCRYPTION_ENGINE_ENDED the engine closed the connection", wait);
    log.await("ENCRYPTION_ENGINE_START_FAILED", wait);
    EXPECT_LE(1, statistic("encryption-engine-restarts"));
    fixture.encryption.reset();
    wait();
}

TEST(EncryptionTest, cleartextUnderTheDUIDOfAKeysLeaseIsDroppedDocsProtocolMd8) {
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").mode("optional");
    fixture.configuration.subnet(2, "2001:db8:2::/64").mode("off");
    fixture.serve();
    lease(1, &OTHER);
    for (const Bytes& octets : {solicit(), relayed(solicit())}) {
        EXPECT_TRUE(fixture.pass(octets) == Fate::DROP);
        EXPECT_TRUE(fixture.pass(octets, 2) == Fate::GO_ON);
    }
    EXPECT_TRUE(fixture.pass(message(1, option(1, {0, 3, 0, 1, 10}))) == Fate::GO_ON);
    EXPECT_EQ(2, statistic("encryption-drop-bound-duid"));
    EXPECT_EQ(2, statistic("subnet[1].encryption-drop-bound-duid"));
    // A DHCPv4-query is judged without the subnet that Kea takes, since it takes none.
    const Bytes dhcpv4 = message(MESSAGE_DHCPV4_QUERY, option(1, CLIENT));
    EXPECT_TRUE(fixture.receive(fixture.packet(relayed(dhcpv4, "2001:db8:2::9"))) == Fate::GO_ON);
    EXPECT_TRUE(fixture.receive(fixture.packet(relayed(dhcpv4, "2001:db8:1::9"))) == Fate::DROP);
    EXPECT_EQ(3, statistic("encryption-drop-bound-duid"));
}

TEST(EncryptionTest, aKeyThatIsRefusedADUIDIsToldSoDocsProtocolMd8) {
    struct Case {
        const char* behaviour;
        const Sender* owner;
        const char* reason;  ///< null if it is not refused
    };
    const Case cases[] = {{"certificate", nullptr, "leased-in-clear"},
                          {"certificate", &OTHER, "identity-refused"},
                          {"certificate", &OWN, nullptr},
                          {"certificate,renewed", &OWN, nullptr},
                          {"renewed", &OWN, "identity-refused"},
                          {"", &OWN, "identity-refused"}};
    for (const Case& one : cases) {
        const AnsweringInterface answering;
        Fixture fixture(one.behaviour);
        fixture.configuration.subnet(1, "2001:db8:1::/64").mode("optional");
        fixture.serve();
        lease(1, one.owner);
        for (const Bytes& datagram : {query(solicit()), relayed(query(solicit()))}) {
            EXPECT_TRUE(fixture.pass(datagram) == (one.reason ? Fate::DROP : Fate::GO_ON));
        }
        EXPECT_EQ(one.reason ? 2 : 0, statistic("encryption-replied"));
        EXPECT_EQ(one.reason ? 2u : 0u, answering.sent());
        EXPECT_EQ(one.reason ? 2 : 0, statistic("encryption-dropped"));
        if (one.reason) {
            EXPECT_EQ(2, statistic(std::string("encryption-drop-") + one.reason));
        }
        // Nor is one without any Client Identifier, or with the derived one.
        EXPECT_TRUE(fixture.pass(query(message(1, option(8, {0, 0})))) == Fate::GO_ON);
        EXPECT_TRUE(fixture.pass(query(message(1, option(1, OWN.derived_duid)))) == Fate::GO_ON);
    }
}

TEST(EncryptionTest, whereKeaSLeasesCannotBeReadNobodyIsServed) {
    Fixture fixture("certificate");
    fixture.serve();
    LeaseMgrFactory::destroy();
    bool thrown = false;
    try {
        fixture.pass(query(solicit()));
    } catch (const isc::Exception&) {
        thrown = true;  // the callout drops the query
    }
    EXPECT_TRUE(thrown);
}

TEST(EncryptionTest, noEncryptedQueryChangesALeaseOfASubnetOfModeOff) {
    Fixture fixture("certificate");
    fixture.configuration.subnet(1, "2001:db8:1::/64").mode("optional");
    fixture.configuration.subnet(2, "2001:db8:2::/64").mode("off");
    fixture.serve();
    const Pkt6Ptr packet = fixture.packet(query(solicit()));
    EXPECT_TRUE(fixture.receive(packet) == Fate::GO_ON);
    const auto subnet = CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getSubnet(1);
    const auto refuses = [&](uint32_t subnet_id, const EncryptedQueryPtr& encrypted) {
        const isc::dhcp::DuidPtr duid(new isc::dhcp::DUID(std::vector<uint8_t>{0, 1, 2}));
        const Lease6 lease(isc::dhcp::Lease::TYPE_NA, isc::asiolink::IOAddress("2001:db8:2::1"),
                           duid, 7, 100, 200, subnet_id);
        return (fixture.encryption->refusesLease(*packet, subnet, encrypted, lease));
    };
    EXPECT_FALSE(refuses(1, fixture.encrypted));
    EXPECT_TRUE(refuses(2, fixture.encrypted));
    EXPECT_FALSE(refuses(2, EncryptedQueryPtr()));
    EXPECT_FALSE(refuses(3, fixture.encrypted));
}

TEST(EncryptionTest, theSelectedSubnetsModeIsEnforced) {
    for (const bool certificate : {false, true}) {
        Fixture fixture(certificate ? "certificate" : "");
        const char* const modes[] = {"off", "optional", "encrypted", "authenticated"};
        for (uint32_t id = 1; id <= 4; ++id) {
            fixture.configuration.subnet(id, ("2001:db8:" + std::to_string(id) + "::/64").c_str())
                .mode(modes[id - 1]);
        }
        fixture.serve(", \"mode\": \"encrypted\"");
        ASSERT_EQ(0, statistic("subnet[3].encryption-drop-cleartext-refused"));
        const Pkt6Ptr clear = fixture.packet(solicit());
        ASSERT_EQ(Fate::GO_ON, fixture.receive(clear));
        const Fate clear_fates[] = {Fate::GO_ON, Fate::GO_ON, Fate::DROP, Fate::DROP};
        for (uint32_t id = 1; id <= 4; ++id) {
            ASSERT_EQ(clear_fates[id - 1], fixture.select(clear, id));
        }
        ASSERT_EQ(Fate::DROP,
                  fixture.encryption->select(clear, SelectedSubnetPtr(), fixture.encrypted));
        ASSERT_EQ(1, statistic("subnet[3].encryption-drop-cleartext-refused"));
        ASSERT_EQ(3, statistic("encryption-drop-cleartext-refused"));

        const Pkt6Ptr encrypted = fixture.packet(query(solicit()));
        ASSERT_EQ(Fate::GO_ON, fixture.receive(encrypted));
        ASSERT_EQ(Fate::GO_ON, fixture.select(encrypted, 3));
        ASSERT_EQ((certificate ? Fate::GO_ON : Fate::DROP), fixture.select(encrypted, 4));
        ASSERT_EQ(certificate ? 0 : 1, statistic("subnet[4].encryption-drop-public-key-refused"));
    }
}

TEST(EncryptionTest, aClassThatComesAfterTheSelectionOpensAStricterSubnetAndItsMode) {
    Fixture fixture;
    auto network = fixture.configuration.network("n", nullptr);
    network.subnet(1, "2001:db8:1::/64").mode("optional");
    network.subnet(2, "2001:db8:2::/64").mode("authenticated").guard("registered");
    fixture.serve(", \"mode\": \"optional\"");
    for (const Bytes& octets : {solicit(), query(solicit())}) {
        const Pkt6Ptr packet = fixture.packet(octets);
        ASSERT_EQ(Fate::GO_ON, fixture.receive(packet));
        ASSERT_EQ(Fate::GO_ON, fixture.select(packet, 1));
        ASSERT_FALSE(fixture.refuses(*packet, 1));
        packet->addClass("registered");
        ASSERT_TRUE(fixture.refuses(*packet, 1));
        ASSERT_EQ(Fate::DROP, fixture.enforceMode(packet, 1));
    }
    EXPECT_EQ(1, statistic("subnet[1].encryption-drop-cleartext-refused"));
    EXPECT_EQ(1, statistic("subnet[1].encryption-drop-public-key-refused"));
}

// RFC 7341.
TEST(EncryptionTest, aDHCPv4QueryForWhichNoSubnetIsSelectedHeedsTheModeToo) {
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").interface("eth0").mode("encrypted");
    fixture.configuration.subnet(2, "2001:db8:2::/64").mode("optional");
    fixture.serve();
    const Bytes dhcpv4 = message(MESSAGE_DHCPV4_QUERY, option(87, {1}));
    EXPECT_EQ(Fate::DROP, fixture.receive(fixture.packet(dhcpv4)));
    EXPECT_EQ(Fate::GO_ON, fixture.receive(fixture.packet(relayed(dhcpv4, "2001:db8:2::9"))));
}

TEST(EncryptionTest, withSolutionBASolicitThatCarriesACredentialIsTheEngines) {
    const Bytes signed_solicit = message(1, option(701, {1}) + option(704, Bytes(8, 0)));
    const Bytes identified = message(1, option(1, {0, 3, 0, 1, 10}) + option(701, {1}));
    Fixture a;
    a.serve();
    EXPECT_EQ(Fate::GO_ON, a.receive(a.packet(identified)));
    EXPECT_EQ(
        Fate::DROP,
        a.receive(a.packet(signed_solicit)));  // counted by the engine as the other solution's
    EXPECT_EQ(1, statistic("encryption-received-signed-solicit"));
    Fixture b;
    b.serve(", \"solution\": \"B\"");
    EXPECT_EQ(Fate::GO_ON, b.receive(b.packet(solicit())));
    EXPECT_EQ(Fate::DROP,
              b.receive(b.packet(signed_solicit)));  // the fake engine has no solution B
    EXPECT_EQ(Fate::DROP, b.receive(b.packet(identified)));
    EXPECT_EQ(Fate::DROP, b.receive(b.packet(relayed(message(1, option(702, {1}))))));
    EXPECT_EQ(3, statistic("encryption-received-signed-solicit"));
    // Where encryption is off such a message is Kea's, as without this library.
    Fixture off;
    off.serve(", \"solution\": \"B\", \"mode\": \"off\"");
    EXPECT_EQ(Fate::GO_ON, off.receive(off.packet(identified)));
    EXPECT_EQ(0, statistic("encryption-received-signed-solicit"));
    EXPECT_EQ(Fate::DROP, off.receive(off.packet(signed_solicit)));
    EXPECT_EQ(1, statistic("encryption-drop-mode-off"));
}

// Docs/protocol.md 1.
TEST(EncryptionTest, codePointsAreSettings) {
    Fixture fixture;
    fixture.serve(", \"message-types\": {\"encrypted-query\": 100, \"encrypted-reply\": 251}");
    EXPECT_EQ(Fate::DROP, fixture.receive(fixture.packet(query(solicit()))));
    EXPECT_EQ(1, statistic("encryption-drop-unexpected-message"));
    EXPECT_EQ(Fate::DROP, fixture.receive(fixture.packet(message(100, option(705, solicit())))));
    EXPECT_EQ(1, statistic("encryption-received-encrypted-query"));
}
