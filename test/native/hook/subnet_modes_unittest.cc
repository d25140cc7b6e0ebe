// SPDX-License-Identifier: MPL-2.0

#include "kea_configuration.h"
#include "octets.h"

#include <hook/kea/subnet_modes.h>

#include <gtest/gtest.h>

using namespace kea_encryption;
using isc::dhcp::CfgMgr;
using isc::dhcp::Pkt6;

namespace {

channel::Mode
earlyMode(const SubnetModes& modes, const Bytes& datagram, const char* interface = "eth0") {
    Pkt6 query(datagram.data(), static_cast<uint32_t>(datagram.size()));
    query.setIface(interface);
    query.setRemoteAddr(isc::asiolink::IOAddress("fe80::1"));
    return (modes.early(query, recognise(datagram.data(), datagram.size())).mode);
}

channel::Mode
decisiveMode(const SubnetModes& modes,
             uint32_t subnet_id,
             const std::vector<std::string>& classes = {}) {
    Pkt6 query(1, 0);
    for (const std::string& name : classes) {
        query.addClass(name);
    }
    return (modes.decisive(
        CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getSubnet(subnet_id), query));
}

}  // namespace

TEST(SubnetModesTest, aSubnetsModeGoesBeforeItsSharedNetworksBeforeTheParameter) {
    KeaConfiguration configuration;
    configuration.subnet(1, "2001:db8:1::/64").interface("eth0");
    configuration.subnet(2, "2001:db8:2::/64").interface("eth1").mode("authenticated");
    configuration.network("n3", "optional").subnet(3, "2001:db8:3::/64").interface("eth2");
    configuration.network("n4", "authenticated")
        .subnet(4, "2001:db8:4::/64")
        .interface("eth3")
        .mode("off");
    configuration.commit();
    SubnetModes modes(channel::MODE_ENCRYPTED);
    const channel::Mode expected[] = {channel::MODE_ENCRYPTED, channel::MODE_AUTHENTICATED,
                                      channel::MODE_OPTIONAL, channel::MODE_OFF};
    for (uint32_t id = 1; id <= 4; ++id) {
        ASSERT_EQ(expected[id - 1], decisiveMode(modes, id));
        const std::string interface = "eth" + std::to_string(id - 1);
        ASSERT_EQ(expected[id - 1], earlyMode(modes, message(251, {}), interface.c_str()));
    }
    EXPECT_EQ(channel::MODE_ENCRYPTED, modes.decisive(SelectedSubnetPtr(), Pkt6(1, 0)));
}

TEST(SubnetModesTest, theSubnetIsFoundEarlyByLinkAddressAndInterfaceIdToo) {
    KeaConfiguration configuration;
    configuration.subnet(1, "2001:db8:1::/64").mode("encrypted");
    configuration.subnet(2, "2001:db8:2::/64").mode("authenticated").interfaceId("eth7");
    configuration.commit();
    SubnetModes modes(channel::MODE_OPTIONAL);
    const Bytes query = message(251, {});
    EXPECT_EQ(channel::MODE_ENCRYPTED, earlyMode(modes, relayed(query, "2001:db8:1::9")));
    EXPECT_EQ(channel::MODE_ENCRYPTED,
              earlyMode(modes, relayed(relayed(query, "fe80::1"), "2001:db8:1::9")));
    const Bytes by_id = relay("2001:db8:1::9", "fe80::1",
                              option(OPTION_INTERFACE_ID, {'e', 't', 'h', '7'}) +
                                  option(OPTION_RELAY_MESSAGE, query));
    EXPECT_EQ(channel::MODE_AUTHENTICATED, earlyMode(modes, by_id));
    EXPECT_EQ(channel::MODE_OPTIONAL, earlyMode(modes, relayed(query, "2001:db8:ffff::9")));
}

TEST(SubnetModesTest, whatIsSelectedEarlyIsWhatKeaSelectsByRelaysAddressesAndTheOthers) {
    KeaConfiguration configuration;
    const auto& staged = *configuration.staging().getCfgSubnets6();
    configuration.network("n", nullptr).subnet(1, "2001:db8:1::/64");
    configuration.subnet(2, "2001:db8:2::/64").interface("eth0");
    configuration.subnet(3, "2001:db8:3::/64").interfaceId("eth7");
    configuration.subnet(4, "2001:db8:4::/64").guard("AUTHENTICATED");
    configuration.subnet(5, "2001:db8:4::/63");
    const isc::asiolink::IOAddress network_relay("2001:db8:2::9");
    const isc::asiolink::IOAddress own_relay("2001:db8:f::9");
    configuration.staging().getCfgSharedNetworks6()->getByName("n")->addRelayAddress(network_relay);
    staged.getSubnet(3)->addRelayAddress(own_relay);
    configuration.commit();
    const SubnetModes modes(channel::MODE_OPTIONAL);
    const auto& subnets = *CfgMgr::instance().getCurrentCfg()->getCfgSubnets6();
    const auto by_id = [](const char* link, const char* id) {
        const std::string text(id);
        return (relay(link, "fe80::1",
                      option(OPTION_INTERFACE_ID, Bytes(text.begin(), text.end())) +
                          option(OPTION_RELAY_MESSAGE, message(1, {}))));
    };
    const Bytes datagrams[] = {message(1, {}),
                               relayed(message(1, {}), "2001:db8:1::1"),
                               relayed(message(1, {}), "2001:db8:2::9"),
                               relayed(message(1, {}), "2001:db8:2::1"),
                               relayed(message(1, {}), "2001:db8:f::9"),
                               relayed(message(1, {}), "2001:db8:4::1"),
                               relayed(message(1, {}), "2001:db8:e::1"),
                               relayed(message(1, {}), "fe80::1"),
                               relayed(relayed(message(1, {}), "2001:db8:1::1"), "2001:db8:2::1"),
                               by_id("2001:db8:1::1", "eth7"),
                               by_id("2001:db8:1::1", "eth8"),
                               relayed(by_id("2001:db8:1::1", "eth8"), "2001:db8:2::1")};
    const uint32_t expected[] = {2, 1, 1, 2, 3, 5, 0, 2, 1, 3, 1, 1};
    size_t at = 0;
    for (const Bytes& datagram : datagrams) {
        const isc::dhcp::Pkt6Ptr query(
            new Pkt6(datagram.data(), static_cast<uint32_t>(datagram.size())));
        query->setIface("eth0");
        query->setRemoteAddr(isc::asiolink::IOAddress("fe80::1"));
        const uint32_t early =
            modes.early(*query, recognise(datagram.data(), datagram.size())).subnet_id;
        query->unpack();
        const auto selected = subnets.selectSubnet(isc::dhcp::CfgSubnets6::initSelector(query));
        ASSERT_EQ(expected[at++], early);
        ASSERT_EQ(selected ? selected->getID() : 0, early);
    }
}

TEST(SubnetModesTest, inASharedNetworkTheStrictestSubnetThatKeaMayTakeForTheClientCounts) {
    KeaConfiguration configuration;
    auto network = configuration.network("n", nullptr);
    network.subnet(1, "2001:db8:1::/64").interface("eth0").mode("optional");
    network.subnet(2, "2001:db8:2::/64").interface("eth0").mode("encrypted").guard("ENCRYPTED");
    configuration.commit();
    SubnetModes modes(channel::MODE_OPTIONAL);
    EXPECT_EQ(channel::MODE_OPTIONAL, decisiveMode(modes, 1));
    EXPECT_EQ(channel::MODE_ENCRYPTED, decisiveMode(modes, 1, {"ENCRYPTED"}));

    KeaConfiguration unguarded;
    auto open = unguarded.network("n", "authenticated");
    open.subnet(1, "2001:db8:1::/64").interface("eth0").mode("optional");
    open.subnet(2, "2001:db8:2::/64").interface("eth0");
    unguarded.commit();
    EXPECT_EQ(channel::MODE_AUTHENTICATED, decisiveMode(modes, 1));
    EXPECT_EQ(channel::MODE_OPTIONAL, earlyMode(modes, message(251, {})));
}

TEST(SubnetModesTest, subnetsGuardedByThisLibrarysClassesAreFoundEarly) {
    KeaConfiguration configuration;
    configuration.subnet(1, "2001:db8:1::/64")
        .interface("eth0")
        .mode("authenticated")
        .guard("AUTHENTICATED");
    configuration.subnet(2, "2001:db8:2::/64")
        .interface("eth1")
        .mode("encrypted")
        .guard("ENCRYPTED");
    configuration.commit();
    SubnetModes modes(channel::MODE_OFF);
    EXPECT_EQ(channel::MODE_AUTHENTICATED, earlyMode(modes, message(251, {}), "eth0"));
    EXPECT_EQ(channel::MODE_ENCRYPTED, earlyMode(modes, message(251, {}), "eth1"));
    // Whatever other links have, a link without a subnet has the mode of subnets that name none.
    EXPECT_EQ(channel::MODE_OFF, earlyMode(modes, message(251, {}), "eth2"));
    SubnetModes open(channel::MODE_OPTIONAL);
    EXPECT_EQ(channel::MODE_OPTIONAL, earlyMode(open, message(251, {}), "eth2"));
}

TEST(SubnetModesTest, ofALinksSubnetsThatClassesGuardTheMostPermissiveOneCountsEarly) {
    const auto mode = [](const char* guarded, const char* other, const char* other_guard) {
        KeaConfiguration configuration;
        configuration.subnet(1, "2001:db8:1::/64")
            .interface("eth0")
            .mode(guarded)
            .guard("known-inside");
        auto second = configuration.subnet(2, "2001:db8:2::/64").interface("eth0").mode(other);
        if (other_guard) {
            second.guard(other_guard);
        }
        configuration.subnet(3, "2001:db8:3::/64").interface("eth0").mode("optional");
        configuration.commit();
        SubnetModes modes(channel::MODE_OFF);
        return (earlyMode(modes, message(251, {})));
    };
    EXPECT_EQ(channel::MODE_ENCRYPTED, mode("encrypted", "authenticated", nullptr));
    EXPECT_EQ(channel::MODE_ENCRYPTED, mode("authenticated", "encrypted", nullptr));
    EXPECT_EQ(channel::MODE_AUTHENTICATED, mode("authenticated", "off", "ENCRYPTED"));
    EXPECT_EQ(channel::MODE_OFF, mode("off", "off", nullptr));  // the third is out of reach
    EXPECT_EQ(channel::MODE_OPTIONAL, mode("off", "off", "AUTHENTICATED"));
}

TEST(SubnetModesTest, aSubnetWithAWrongModeThatWasAddedLaterIsAsStrictAsCanBe) {
    KeaConfiguration configuration;
    configuration.subnet(1, "2001:db8:1::/64").interface("eth0").mode("on");
    configuration.commit();
    const SubnetModes modes(channel::MODE_OPTIONAL);
    EXPECT_EQ(channel::MODE_AUTHENTICATED, decisiveMode(modes, 1));
}

TEST(SubnetModesTest, subnet6SelectIsNeededOnlyWhereSomethingCanBeRefused) {
    const auto needed = [](channel::Mode global, const char* mode, const char* network_mode,
                           const char* library) {
        KeaConfiguration configuration;
        configuration.network("n", network_mode).subnet(1, "2001:db8:1::/64");
        configuration.subnet(2, "2001:db8:2::/64").mode(mode);
        if (library) {
            configuration.staging().getHooksConfig().add(library, isc::data::ConstElementPtr());
        }
        configuration.commit();
        return (SubnetModes(global).canRefuse(*CfgMgr::instance().getCurrentCfg()));
    };
    EXPECT_FALSE(needed(channel::MODE_OFF, "off", "off", nullptr));
    EXPECT_TRUE(needed(channel::MODE_OFF, "optional", "off", nullptr));
    KeaConfiguration mixed;
    mixed.subnet(1, "2001:db8:1::/64").mode("off");
    mixed.subnet(2, "2001:db8:2::/64");
    mixed.commit();
    EXPECT_TRUE(SubnetModes(channel::MODE_OPTIONAL).canRefuse(*CfgMgr::instance().getCurrentCfg()));
    EXPECT_FALSE(SubnetModes(channel::MODE_OFF).canRefuse(*CfgMgr::instance().getCurrentCfg()));
    KeaConfiguration guarded;
    guarded.subnet(1, "2001:db8:1::/64").mode("optional").guard("AUTHENTICATED");
    guarded.commit();
    EXPECT_TRUE(SubnetModes(channel::MODE_OFF).canRefuse(*CfgMgr::instance().getCurrentCfg()));
    EXPECT_FALSE(
        SubnetModes(channel::MODE_OPTIONAL).canRefuse(*CfgMgr::instance().getCurrentCfg()));
    EXPECT_FALSE(
        needed(channel::MODE_OPTIONAL, "optional", "optional", "/hooks/libdhcp_lease_cmds.so"));
    EXPECT_TRUE(needed(channel::MODE_ENCRYPTED, "optional", "optional", nullptr));
    EXPECT_TRUE(needed(channel::MODE_OPTIONAL, "encrypted", "optional", nullptr));
    EXPECT_TRUE(needed(channel::MODE_OPTIONAL, "optional", "authenticated", nullptr));
    EXPECT_TRUE(needed(channel::MODE_OPTIONAL, "wrong", "optional", nullptr));
    EXPECT_TRUE(
        needed(channel::MODE_OPTIONAL, "optional", "optional", "/hooks/libdhcp_subnet_cmds.so"));
}
