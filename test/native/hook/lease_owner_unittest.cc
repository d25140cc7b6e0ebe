// SPDX-License-Identifier: MPL-2.0

#include "kea_configuration.h"
#include "octets.h"

#include <hook/kea/lease_owner.h>

#include <cc/data.h>
#include <dhcp/dhcp6.h>
#include <dhcp/option6_ia.h>
#include <dhcp/option6_iaprefix.h>
#include <dhcpsrv/cfg_hosts.h>
#include <dhcpsrv/host.h>
#include <dhcpsrv/lease_mgr_factory.h>

#include <gtest/gtest.h>

using namespace kea_encryption;
using namespace isc::dhcp;
using isc::asiolink::IOAddress;
using isc::data::ConstElementPtr;
using isc::data::Element;

namespace {

const Bytes CLIENT = {0, 3, 0, 1, 10, 11, 12, 13, 14, 15};
const Sender ONE = {Bytes(32, 0x11), Bytes(16, 0x22), Bytes{0, 4} + Bytes(16, 0x33)};
const Sender TWO = {Bytes(32, 0x44), Bytes(16, 0x55), Bytes{0, 4} + Bytes(16, 0x66)};
const Sender BARE = {Bytes(32, 0x77), {}, Bytes{0, 4} + Bytes(16, 0x88)};
const Sender* const IN_CLEAR = nullptr;

const std::string NOTE_OF_ONE = "\"encryption\": { \"identity\": \"" + std::string(32, '2') +
                                "\", \"key\": \"" + std::string(64, '1') + "\" }";

std::string
text(const ConstElementPtr& context) {
    return (context ? context->str() : "");
}

/// Kea's leases in memory, and subnets: 1 and 2 of one shared network, 3, and 4 of mode off.
struct World {
    KeaConfiguration configuration;
    SubnetModes modes = SubnetModes(channel::MODE_OPTIONAL);

    World() {
        LeaseMgrFactory::create("type=memfile universe=6 persist=false");
        auto network = configuration.network("n", nullptr);
        network.subnet(1, "2001:db8:1::/64");
        network.subnet(2, "2001:db8:2::/64");
        configuration.subnet(3, "2001:db8:3::/64");
        configuration.subnet(4, "2001:db8:4::/64").mode("off");
    }
    ~World() {
        LeaseMgrFactory::destroy();
    }

    Lease6Ptr give(const Sender* owner, uint32_t subnet_id = 1, Lease::Type type = Lease::TYPE_NA) {
        const DuidPtr duid(new DUID(CLIENT));
        const Lease6Ptr lease(
            new Lease6(type, IOAddress("2001:db8::1"), duid, 7, 100, 200, subnet_id));
        noteOwner(*lease, owner);
        LeaseMgrFactory::instance().addLease(lease);
        return (lease);
    }

    void reserve(Host::IdentifierType type, const Bytes& identifier, uint32_t subnet_id) {
        configuration.staging().getCfgHosts()->add(
            HostPtr(new Host(identifier.data(), identifier.size(), type, SUBNET_ID_UNUSED,
                             subnet_id, IOAddress::IPV4_ZERO_ADDRESS(), "reserved")));
    }

    IdentityRefusal judge(const Sender* sender,
                          uint32_t subnet_id = 1,
                          uint8_t type = DHCPV6_REQUEST,
                          const char* address = "2001:db8::1",
                          bool is_bare = false,
                          const Bytes& duid = CLIENT) {
        Pkt6 message(type, 7);
        const OptionPtr na(new Option6IA(D6O_IA_NA, 7));
        na->addOption(OptionPtr(new Option6IAAddr(D6O_IAADDR, IOAddress("2001:db8::9"), 0, 0)));
        const OptionPtr pd(new Option6IA(D6O_IA_PD, 8));
        pd->addOption(OptionPtr(new Option6IAPrefix(D6O_IAPREFIX, IOAddress(address), 48, 0, 0)));
        message.addOption(na);
        message.addOption(pd);
        const auto subnet =
            CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getSubnet(subnet_id);
        return (judgeIdentity({DuidPtr(new DUID(duid)), sender, is_bare, subnet, message}, modes));
    }
};

}  // namespace

TEST(LeaseOwnerTest, theOwnerStandsBesideWhatOthersHaveInTheUserContext) {
    Lease6 lease;
    const ConstElementPtr shared = Element::fromJSON("{\"ISC\": {\"relays\": []}}");
    lease.setContext(shared);
    EXPECT_TRUE(noteOwner(lease, &ONE));
    EXPECT_FALSE(noteOwner(lease, &ONE));
    EXPECT_EQ("{ \"ISC\": { \"relays\": [  ] }, " + NOTE_OF_ONE + " }", text(lease.getContext()));
    EXPECT_EQ("{ \"ISC\": { \"relays\": [  ] } }", text(shared));
    EXPECT_TRUE(noteOwner(lease, &BARE));
    EXPECT_EQ("", lease.getContext()->get("encryption")->get("identity")->stringValue());
    EXPECT_TRUE(noteOwner(lease, IN_CLEAR));
    EXPECT_FALSE(noteOwner(lease, IN_CLEAR));
    EXPECT_EQ("{ \"ISC\": { \"relays\": [  ] } }", text(lease.getContext()));
    lease.setContext(ConstElementPtr());
    noteOwner(lease, &ONE);
    EXPECT_EQ("{ " + NOTE_OF_ONE + " }", text(lease.getContext()));
    noteOwner(lease, IN_CLEAR);
    EXPECT_FALSE(lease.getContext());
}

TEST(LeaseOwnerTest, whatKeaHasCommittedIsWrittenWhereItsOwnerIsAnother) {
    World world;
    world.configuration.commit();
    const auto stored = [] {
        return (text(LeaseMgrFactory::instance()
                         .getLease6(Lease::TYPE_NA, IOAddress("2001:db8::1"))
                         ->getContext()));
    };
    const Lease6Ptr lease = world.give(&TWO);
    settleOwner({lease}, &ONE);
    EXPECT_EQ("{ " + NOTE_OF_ONE + " }", stored());
    // Nothing is written that stands there already.
    Lease6Ptr unknown(new Lease6(*lease));
    unknown->addr_ = IOAddress("2001:db8::2");
    settleOwner({unknown}, &ONE);
    settleOwner({lease}, IN_CLEAR);
    EXPECT_EQ("", stored());
    settleOwner({lease}, &ONE);
    lease->decline(1000);
    settleOwner({lease}, &ONE);
    EXPECT_EQ("", stored());
}

TEST(LeaseOwnerTest, whatStandsInALeaseMayBeAnything) {
    for (const char* const odd : {"{\"encryption\": true}", "{\"encryption\": []}"}) {
        World world;
        world.configuration.commit();
        const Lease6Ptr lease = world.give(IN_CLEAR);
        lease->setContext(Element::fromJSON(odd));
        LeaseMgrFactory::instance().updateLease6(lease);
        EXPECT_TRUE(world.judge(&ONE) == IdentityRefusal::LEASED_IN_CLEAR);
        EXPECT_TRUE(world.judge(IN_CLEAR) == IdentityRefusal::NONE);
    }
    // A map is some key's, if nobody knows whose.
    for (const char* const odd : {"{}", "{\"key\": 7}", "{\"key\": \"\", \"identity\": \"\"}"}) {
        World world;
        world.configuration.commit();
        const Lease6Ptr lease = world.give(IN_CLEAR);
        lease->setContext(Element::fromJSON("{\"encryption\": " + std::string(odd) + "}"));
        LeaseMgrFactory::instance().updateLease6(lease);
        for (const Sender* const sender : {&ONE, &BARE, IN_CLEAR}) {
            EXPECT_TRUE(world.judge(sender) == IdentityRefusal::OF_A_KEY);
        }
    }
}

TEST(LeaseOwnerTest, aLeaseThatHasEndedOrWasDeclinedBarsNobody) {
    const auto bars = [](int age, uint32_t state) {
        World world;
        world.configuration.commit();
        const Lease6Ptr lease = world.give(&TWO);
        LeaseMgrFactory::instance().deleteLease(lease);
        lease->cltt_ -= age;
        lease->state_ = state;
        LeaseMgrFactory::instance().addLease(lease);
        return (world.judge(&ONE) == IdentityRefusal::OF_A_KEY);
    };
    EXPECT_TRUE(bars(100, Lease::STATE_DEFAULT));
    EXPECT_FALSE(bars(201, Lease::STATE_DEFAULT));
    EXPECT_FALSE(bars(0, Lease::STATE_DECLINED));
    EXPECT_FALSE(bars(0, Lease::STATE_EXPIRED_RECLAIMED));
}

TEST(LeaseOwnerTest, aLeaseBarsInItsSharedNetworkAndFromElsewhereWhoNamesIt) {
    for (const Lease::Type type : {Lease::TYPE_NA, Lease::TYPE_PD}) {
        World world;
        world.configuration.commit();
        world.give(&TWO, 1, type);
        const auto bars = [&world](uint32_t subnet_id, uint8_t kind, const char* address) {
            return (world.judge(&ONE, subnet_id, kind, address) == IdentityRefusal::OF_A_KEY);
        };
        for (const uint8_t kind :
             {DHCPV6_SOLICIT, DHCPV6_REQUEST, DHCPV6_CONFIRM, DHCPV6_RENEW, DHCPV6_REBIND,
              DHCPV6_RELEASE, DHCPV6_DECLINE, DHCPV6_INFORMATION_REQUEST}) {
            const bool reaches = kind == DHCPV6_RENEW || kind == DHCPV6_REBIND ||
                                 kind == DHCPV6_RELEASE || kind == DHCPV6_DECLINE;
            EXPECT_TRUE(bars(1, kind, "2001:db8::99") && bars(2, kind, "2001:db8::99"));
            EXPECT_FALSE(bars(3, kind, "2001:db8::99") || bars(4, kind, "2001:db8::1"));
            EXPECT_EQ(reaches, bars(3, kind, "2001:db8::1"));
            // Without a subnet Kea still takes a Release.
            EXPECT_EQ(reaches, bars(99, kind, "2001:db8::1"));
        }
    }
}

TEST(LeaseOwnerTest, aLeaseOfASubnetOfModeOffBarsNobodyElsewhere) {
    World world;
    world.configuration.commit();
    world.give(&TWO, 4);
    EXPECT_TRUE(world.judge(&ONE, 1, DHCPV6_RELEASE) == IdentityRefusal::NONE);
    EXPECT_TRUE(world.judge(IN_CLEAR, 4, DHCPV6_RELEASE) == IdentityRefusal::NONE);
    // One that is not configured any more has no mode.
    World other;
    other.configuration.commit();
    other.give(&TWO, 99);
    EXPECT_TRUE(other.judge(&ONE, 1, DHCPV6_RELEASE) == IdentityRefusal::OF_A_KEY);
}

TEST(LeaseOwnerTest, aBareKeyUsesItsDerivedDUIDAndNoOther) {
    World world;
    world.configuration.commit();
    const auto judge = [&world](const Bytes& duid, uint32_t subnet_id) {
        return (world.judge(&BARE, subnet_id, DHCPV6_REQUEST, "::", true, duid));
    };
    EXPECT_TRUE(judge(BARE.derived_duid, 1) == IdentityRefusal::NONE);
    EXPECT_TRUE(judge(CLIENT, 1) == IdentityRefusal::NOT_DERIVED);
    EXPECT_TRUE(judge(ONE.derived_duid, 99) == IdentityRefusal::NOT_DERIVED);
    EXPECT_TRUE(judge(CLIENT, 4) == IdentityRefusal::NONE);
}

TEST(LeaseOwnerTest, aReservationLiftsWhatALeaseInClearBars) {
    for (const uint32_t reserved : {1, 2, 3}) {
        for (const auto& identifier : {std::make_pair(Host::IDENT_DUID, ONE.derived_duid),
                                       std::make_pair(Host::IDENT_FLEX, ONE.key)}) {
            World world;
            world.reserve(identifier.first, identifier.second, reserved);
            world.configuration.commit();
            const Lease6Ptr lease = world.give(IN_CLEAR);
            const bool is_lifted = reserved != 3;
            for (const uint32_t subnet_id : {1, 3}) {
                EXPECT_EQ(is_lifted,
                          world.judge(&ONE, subnet_id, DHCPV6_RENEW) == IdentityRefusal::NONE);
                EXPECT_TRUE(world.judge(&TWO, subnet_id, DHCPV6_RENEW) ==
                            IdentityRefusal::LEASED_IN_CLEAR);
            }
            noteOwner(*lease, &TWO);
            LeaseMgrFactory::instance().updateLease6(lease);
            EXPECT_TRUE(world.judge(&ONE) == IdentityRefusal::OF_A_KEY);
        }
    }
}
