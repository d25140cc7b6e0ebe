// SPDX-License-Identifier: MPL-2.0

#include "octets.h"

#include <hook/kea/lease_origin.h>

#include <cc/data.h>
#include <dhcpsrv/lease_mgr_factory.h>

#include <gtest/gtest.h>

using namespace kea_encryption;
using isc::asiolink::IOAddress;
using isc::data::ConstElementPtr;
using isc::data::Element;
using isc::dhcp::DuidPtr;
using isc::dhcp::Lease;
using isc::dhcp::Lease6;
using isc::dhcp::Lease6Ptr;
using isc::dhcp::LeaseMgrFactory;

namespace {

const Bytes CLIENT = {0, 3, 0, 1, 10, 11, 12, 13, 14, 15};

/// Kea's leases in memory, with one of the client.
struct Leases {
    Lease6Ptr lease;

    /// @param age seconds since it was given, for 200.
    explicit Leases(Lease::Type type = Lease::TYPE_NA,
                    int age = 0,
                    uint32_t state = Lease::STATE_DEFAULT) {
        LeaseMgrFactory::create("type=memfile universe=6 persist=false");
        const DuidPtr duid(new isc::dhcp::DUID(CLIENT));
        lease.reset(new Lease6(type, IOAddress("2001:db8::1"), duid, 7, 100, 200, 1));
        lease->cltt_ -= age;
        lease->state_ = state;
        LeaseMgrFactory::instance().addLease(lease);
    }
    ~Leases() {
        LeaseMgrFactory::destroy();
    }

    void update() {
        LeaseMgrFactory::instance().updateLease6(lease);
    }
};

bool
counts(uint32_t) {
    return (true);
}

bool
inClear() {
    return (hasLeaseInClear(toOctets(CLIENT), counts));
}

std::string
text(const ConstElementPtr& context) {
    return (context ? context->str() : "");
}

}  // namespace

TEST(LeaseOriginTest, aLeaseWithoutANoteWasObtainedInClearAndOnlyItsDUIDS) {
    for (const Lease::Type type : {Lease::TYPE_NA, Lease::TYPE_PD}) {
        const Leases leases(type);
        EXPECT_TRUE(inClear());
        const Bytes others[] = {
            {0, 3, 0, 1, 10, 11, 12, 13, 14, 16}, {}, Bytes(131, 1), Bytes(5000, 1)};
        for (const Bytes& duid : others) {
            EXPECT_FALSE(hasLeaseInClear(toOctets(duid), counts));
        }
    }
}

TEST(LeaseOriginTest, oneThatWasExtendedEncryptedWasNotUntilItIsExtendedInClear) {
    Leases leases;
    leases.lease->setContext(
        Element::fromJSON("{\"ISC\": {\"relays\": []}, \"encryption\": true}"));
    leases.update();
    EXPECT_TRUE(inClear());
    noteEncrypted(*leases.lease, "CN=client");
    leases.update();
    EXPECT_FALSE(inClear());
    EXPECT_EQ("{ \"ISC\": { \"relays\": [  ] }, \"encryption\": { \"identity\": \"CN=client\" } }",
              text(leases.lease->getContext()));
    noteClear(*leases.lease);
    leases.update();
    EXPECT_TRUE(inClear());
    EXPECT_EQ("{ \"ISC\": { \"relays\": [  ] } }", text(leases.lease->getContext()));
}

TEST(LeaseOriginTest, whatOthersShareOfAUserContextIsNotChanged) {
    Leases leases;
    const ConstElementPtr shared = Element::fromJSON("{\"comment\": \"theirs\"}");
    leases.lease->setContext(shared);
    noteEncrypted(*leases.lease, "CN=client");
    EXPECT_EQ("{ \"comment\": \"theirs\" }", text(shared));
    noteClear(*leases.lease);
    noteClear(*leases.lease);
    EXPECT_EQ("{ \"comment\": \"theirs\" }", text(leases.lease->getContext()));
    leases.lease->setContext(ConstElementPtr());
    noteEncrypted(*leases.lease, "CN=client");
    noteClear(*leases.lease);
    EXPECT_FALSE(leases.lease->getContext());
}

TEST(LeaseOriginTest, aLeaseThatHasExpiredOrWasDeclinedBarsNobody) {
    const auto bars = [](int age, uint32_t state) {
        const Leases leases(Lease::TYPE_NA, age, state);
        return (inClear());
    };
    EXPECT_TRUE(bars(100, Lease::STATE_DEFAULT));
    EXPECT_FALSE(bars(201, Lease::STATE_DEFAULT));
    EXPECT_FALSE(bars(0, Lease::STATE_DECLINED));
    EXPECT_FALSE(bars(0, Lease::STATE_EXPIRED_RECLAIMED));
}

TEST(LeaseOriginTest, aLeaseOfASubnetThatDoesNotCountBarsNobody) {
    const Leases leases;
    EXPECT_FALSE(hasLeaseInClear(toOctets(CLIENT), [](uint32_t id) { return (id != 1); }));
    EXPECT_TRUE(hasLeaseInClear(toOctets(CLIENT), [](uint32_t id) { return (id == 1); }));
}
