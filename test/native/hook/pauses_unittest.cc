// SPDX-License-Identifier: MPL-2.0

#include <hook/kea/pauses.h>

#include "octets.h"

#include <gtest/gtest.h>

using namespace kea_encryption;
using std::chrono::milliseconds;

namespace {

const milliseconds LONG(1000);

Bytes
withInterfaceId(const Bytes& id) {
    return (
        relay("2001:db8:1::1", "fe80::1",
              option(OPTION_INTERFACE_ID, id) + option(OPTION_RELAY_MESSAGE, message(251, {}))));
}

/// Where a datagram comes from; its octets have to live as long as what is recognised in them.
Place
placeOf(const Bytes& octets, const char* source = "fe80::2", uint32_t index = 7) {
    return (Place(recognise(octets.data(), octets.size()), index, address(source).data()));
}

TEST(PausesTest, aPauseCoversItsScopeAndNothingElse) {
    const Bytes direct = message(251, {});
    const Bytes here = relayed(direct);
    const Bytes neighbour = relayed(direct, "2001:db8:1::1", "fe80::9");
    const Bytes other_link = relayed(direct, "2001:db8:2::1");
    const Bytes named = withInterfaceId({1});
    const char* const relay = "2001:db8::5";
    const char* const same_relay = "2001:db8::5:6";  // of the same /64
    const char* const other_relay = "2001:db8:0:1::5";

    struct Case {
        channel::PauseScope scope;
        bool self, neighbour, link, interface_id, same_relay, other_relay, on_link;
    };
    const Case cases[] = {
        {channel::PAUSE_SOURCE, true, false, false, false, false, false, false},
        {channel::PAUSE_LINK, true, true, false, false, true, false, false},
        {channel::PAUSE_ORIGIN, true, true, true, true, true, false, false},
        {channel::PAUSE_ALL, true, true, true, true, true, true, true},
    };
    for (const Case& one : cases) {
        Pauses pauses;
        ASSERT_FALSE(pauses.any());
        pauses.add(placeOf(here, relay), one.scope, LONG, "rate-limited");
        ASSERT_TRUE(pauses.any());
        const auto covers = [&pauses](const Place& place) {
            return (pauses.covering(place) == "rate-limited");
        };
        EXPECT_EQ(one.self, covers(placeOf(here, relay)));
        EXPECT_EQ(one.neighbour, covers(placeOf(neighbour, relay)));
        EXPECT_EQ(one.link, covers(placeOf(other_link, relay)));
        EXPECT_EQ(one.interface_id, covers(placeOf(named, relay)));
        EXPECT_EQ(one.same_relay, covers(placeOf(here, same_relay)));
        EXPECT_EQ(one.other_relay, covers(placeOf(here, other_relay)));
        EXPECT_EQ(one.on_link, covers(placeOf(direct)));
    }
}

TEST(PausesTest, aClientThatWrapsItsMessageItselfIsOnTheLinkThatItCameOver) {
    const Bytes direct = message(251, {});
    const Bytes wrapped = relayed(direct, "::", "fe80::2");
    Pauses pauses;
    pauses.add(placeOf(direct), channel::PAUSE_LINK, LONG, "blocklisted");
    EXPECT_EQ("blocklisted", pauses.covering(placeOf(wrapped)));
    EXPECT_EQ("", pauses.covering(placeOf(direct, "fe80::2", 8)));
    // Behind another relay agent it is on that one's link.
    const Bytes twice = relayed(wrapped, "::", "fe80::2");
    EXPECT_EQ("", pauses.covering(placeOf(twice)));
}

TEST(PausesTest, aLongInterfaceIdNamesALinkToo) {
    const Bytes one = withInterfaceId(Bytes(2000, 1));
    const Bytes other = withInterfaceId(Bytes(2000, 2));
    Pauses pauses;
    pauses.add(placeOf(one), channel::PAUSE_LINK, LONG, "rate-limited");
    EXPECT_EQ("rate-limited", pauses.covering(placeOf(one)));
    EXPECT_EQ("", pauses.covering(placeOf(other)));
}

TEST(PausesTest, aPauseEnds) {
    const Bytes direct = message(251, {});
    Pauses pauses;
    pauses.add(placeOf(direct), channel::PAUSE_ALL, milliseconds(1), "rate-limited");
    while (pauses.any()) {
    }
    EXPECT_EQ("", pauses.covering(placeOf(direct)));
}

}  // namespace
