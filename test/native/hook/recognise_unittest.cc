// SPDX-License-Identifier: MPL-2.0

#include "octets.h"

#include <hook/kea/recognise.h>
#include <hook/kea/unpack_limits.h>

#include <dhcp/pkt6.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

using namespace kea_encryption;

namespace {

Datagram
recognised(const Bytes& bytes) {
    return (recognise(bytes.data(), bytes.size()));
}

/// Vendor-specific Information of CableLabs with a time offset, which Kea takes for an integer with
/// options behind it; in these the same again, for so many lists.
Bytes
vendorLists(unsigned lists) {
    Bytes list;
    for (unsigned i = lists; i > 0; --i) {
        list = i % 2 == 1 ? option(38, Bytes{0, 0, 0, 0} + list) :
                            option(OPTION_VENDOR_OPTIONS, Bytes{0, 0, 0x11, 0x8b} + list);
    }
    return (list);
}

/// `lists` lists of options, each but the last in an option of this code behind so many octets.
Bytes
nestedLists(uint16_t code, size_t fields, unsigned lists) {
    Bytes list = option(14, {});
    for (unsigned i = 1; i < lists; ++i) {
        list = option(code, Bytes(fields, 0) + list);
    }
    return (list);
}

/// How many lists are inside one another in what Kea has unpacked.
unsigned
listsOf(const isc::dhcp::OptionCollection& options) {
    unsigned inside = 0;
    for (const auto& entry : options) {
        inside = std::max(inside, listsOf(entry.second->getOptions()));
    }
    return (options.empty() ? 0 : 1 + inside);
}

unsigned
listsUnpackedByKea(const Bytes& bytes) {
    isc::dhcp::Pkt6 packet(bytes.data(), static_cast<uint32_t>(bytes.size()));
    try {
        packet.unpack();
    } catch (const std::exception&) {  // what it has come to is there
    }
    return (listsOf(packet.options_));
}

bool
isAddress(const char* text, const uint8_t* octets) {
    return (octets && std::memcmp(address(text).data(), octets, ADDRESS_LENGTH) == 0);
}

}  // namespace

TEST(RecogniseTest, aDirectMessage) {
    const Bytes bytes = message(251, option(2, {1, 2, 3}));
    const Datagram datagram = recognised(bytes);
    EXPECT_TRUE(datagram.well_formed);
    EXPECT_EQ(251, datagram.messageType());
    EXPECT_EQ(0u, datagram.relay_levels);
    EXPECT_EQ(bytes.size(), datagram.message.length);
    EXPECT_TRUE(datagram.link_address == nullptr && datagram.peer_address == nullptr);
}

TEST(RecogniseTest, fewerThanFourOctetsAreNoMessage) {
    for (size_t length = 0; length < MESSAGE_HEADER_LENGTH; ++length) {
        const Bytes bytes(length, 1);
        ASSERT_FALSE(recognised(bytes).well_formed);
        ASSERT_FALSE(recognised(relayed(bytes)).well_formed);
    }
}

// RFC 3315 HOP_COUNT_LIMIT.
TEST(RecogniseTest, upTo32RelayLevels) {
    Bytes bytes = message(253, {});
    for (unsigned level = 1; level <= MAX_RELAY_LEVELS; ++level) {
        bytes = relayed(bytes);
        const Datagram datagram = recognised(bytes);
        ASSERT_TRUE(datagram.well_formed);
        ASSERT_EQ(level, datagram.relay_levels);
        ASSERT_EQ(253, datagram.messageType());
    }
    EXPECT_FALSE(recognised(relayed(bytes)).well_formed);
}

TEST(RecogniseTest, linkAddressOfTheRelayNearestToTheClientThatHasAGlobalOne) {
    const Bytes inner = message(251, {});
    const Bytes three =
        relayed(relayed(relayed(inner, "fe80::9", "fe80::a"), "2001:db8:2::1", "fe80::b"),
                "2001:db8:3::1", "2001:db8:2::1");
    const Datagram datagram = recognised(three);
    EXPECT_TRUE(isAddress("2001:db8:2::1", datagram.link_address));
    EXPECT_TRUE(isAddress("fe80::a", datagram.peer_address));
    EXPECT_EQ(nullptr, recognised(relayed(inner, "::")).link_address);
    EXPECT_EQ(nullptr, recognised(relayed(inner, "febf::1")).link_address);
    EXPECT_TRUE(isAddress("fec0::1", recognised(relayed(inner, "fec0::1")).link_address));
}

// RFC 8415 section 21.18.
TEST(RecogniseTest, interfaceIdCountsAtTheRelayNearestToTheClientOnly) {
    const Bytes id = option(OPTION_INTERFACE_ID, {'e', 't', 'h'});
    const Bytes inner = option(OPTION_RELAY_MESSAGE, message(251, {}));
    const Bytes near = relay("::", "fe80::1", id + inner);
    const Datagram datagram =
        recognised(relay("::", "fe80::2", option(OPTION_RELAY_MESSAGE, near)));
    EXPECT_EQ(size_t(3), datagram.interface_id.length);
    const Bytes far =
        relay("::", "fe80::2", id + option(OPTION_RELAY_MESSAGE, relay("::", "fe80::1", inner)));
    EXPECT_EQ(nullptr, recognised(far).interface_id.data);
    EXPECT_TRUE(recognised(relay("::", "fe80::1", option(OPTION_INTERFACE_ID, {}) + inner))
                    .interface_id.data != nullptr);
}

// RFC 8357 section 5.2.
TEST(RecogniseTest, relaySourcePortCountsAtTheRelayNearestToTheServerOnly) {
    const Bytes port = option(OPTION_RELAY_SOURCE_PORT, {0, 0});
    const Bytes inner = option(OPTION_RELAY_MESSAGE, message(251, {}));
    EXPECT_TRUE(recognised(relay("::", "fe80::1", port + inner)).relay_source_port);
    EXPECT_FALSE(recognised(relayed(relay("::", "fe80::1", port + inner))).relay_source_port);
}

TEST(RecogniseTest, relayReplyAtAnyLevelIsTold) {
    const Bytes inner = option(OPTION_RELAY_MESSAGE, message(251, {}));
    EXPECT_FALSE(recognised(relay("::", "fe80::1", inner)).relay_reply);
    EXPECT_TRUE(recognised(relay("::", "fe80::1", inner, 13)).relay_reply);
    EXPECT_TRUE(recognised(relayed(relay("::", "fe80::1", inner, 13))).relay_reply);
}

TEST(RecogniseTest, aRelayMessageWithoutOrWithACutRelayMessageOption) {
    const Bytes whole = relayed(message(251, option(1, Bytes(20, 7))));
    EXPECT_FALSE(recognised(relay("::", "fe80::1", option(OPTION_INTERFACE_ID, {1}))).well_formed);
    EXPECT_FALSE(recognised(relay("::", "fe80::1", option(OPTION_RELAY_MESSAGE, {}))).well_formed);
    for (size_t length = MESSAGE_HEADER_LENGTH; length < whole.size(); ++length) {
        ASSERT_FALSE(recognised(Bytes(whole.begin(), whole.begin() + static_cast<long>(length)))
                         .well_formed);
    }
}

TEST(RecogniseTest, optionsAreWalkedToTheLastWholeOne) {
    const Bytes bytes = message(1, option(1, {1, 2}) + option(6, {}) + Bytes{0, 8, 0, 9, 1});
    OptionWalk walk = OptionWalk::ofMessage(toOctets(bytes));
    kea_encryption::Option found;
    ASSERT_TRUE(walk.next(found));
    EXPECT_EQ(1, found.code);
    EXPECT_EQ(size_t(2), found.data.length);
    ASSERT_TRUE(walk.next(found));
    EXPECT_EQ(6, found.code);
    ASSERT_FALSE(walk.next(found));
    ASSERT_FALSE(walk.next(found));
}

/// Whether a relay message, at whatever level, has no octet behind its header. Pkt6::unpack() reads
/// past the end of one; Debian's build of Kea 3.0 checks that, and aborts.
static bool
endsBehindRelayHeader(const Bytes& bytes) {
    Octets rest = toOctets(bytes);
    while (rest.length > RELAY_HEADER_LENGTH &&
           (rest.data[0] == MESSAGE_RELAY_FORWARD || rest.data[0] == MESSAGE_RELAY_REPLY)) {
        OptionWalk walk({rest.data + RELAY_HEADER_LENGTH, rest.length - RELAY_HEADER_LENGTH});
        Octets inner;
        for (kea_encryption::Option found; walk.next(found);) {
            inner = found.code == OPTION_RELAY_MESSAGE ? found.data : inner;
        }
        rest = inner;
    }
    return (rest.length == RELAY_HEADER_LENGTH &&
            (rest.data[0] == MESSAGE_RELAY_FORWARD || rest.data[0] == MESSAGE_RELAY_REPLY));
}

TEST(RecogniseTest, takesEveryDatagramForWhatKeasParserTakesItFor) {
    std::mt19937 random(20260101);
    const auto below = [&random](uint32_t limit) {
        return (static_cast<uint32_t>(random() % limit));
    };
    const uint16_t codes[] = {1, 3, 9, 9, 9, 14, 17, 18, 135, 701, 705};
    unsigned parsed = 0;
    for (int round = 0; round < 20000; ++round) {
        Bytes options;
        for (uint32_t i = below(4); i > 0; --i) {
            options = options +
                      option(codes[below(11)], Bytes(below(12), static_cast<uint8_t>(below(256))));
        }
        Bytes bytes = message(static_cast<uint8_t>(below(2) ? 251 : below(40)), options);
        for (uint32_t level = below(5); level > 0; --level) {
            Bytes around;
            for (uint32_t i = below(3); i > 0; --i) {
                around = around + option(codes[below(11)], Bytes(below(8), 0x0c));
            }
            bytes = relay(below(2) ? "::" : "2001:db8::1", "fe80::1",
                          below(2) ? around + option(9, bytes) : option(9, bytes) + around,
                          below(20) ? 12 : 13);
        }
        for (uint32_t i = below(3); i > 0; --i) {
            bytes[below(static_cast<uint32_t>(bytes.size()))] = static_cast<uint8_t>(below(40));
        }
        bytes.resize(below(4) ? bytes.size() : below(static_cast<uint32_t>(bytes.size() + 1)));
        if (bytes.empty() || endsBehindRelayHeader(bytes)) {
            continue;
        }

        isc::dhcp::Pkt6 packet(bytes.data(), static_cast<uint32_t>(bytes.size()));
        try {
            packet.unpack();
        } catch (const std::exception&) {
            continue;  // Kea drops it, or goes on with what it has read so far
        }
        const Datagram datagram = recognised(bytes);
        const uint8_t type = packet.getType();
        if (type == MESSAGE_RELAY_FORWARD || type == MESSAGE_RELAY_REPLY) {
            ASSERT_FALSE(datagram.well_formed);  // Kea found no message inside, and drops it later
            continue;
        }
        ++parsed;
        ASSERT_TRUE(datagram.well_formed);
        ASSERT_EQ(type, datagram.messageType());
        ASSERT_EQ(packet.relay_info_.size(), size_t(datagram.relay_levels));
        if (!packet.relay_info_.empty()) {
            const auto& nearest = packet.relay_info_.back();
            ASSERT_EQ(isc::asiolink::IOAddress::fromBytes(AF_INET6, datagram.peer_address),
                      nearest.peeraddr_);
            ASSERT_EQ(nearest.options_.count(OPTION_INTERFACE_ID) != 0,
                      datagram.interface_id.data != nullptr);
        }
        size_t identifiers = 0;
        OptionWalk walk = OptionWalk::ofMessage(datagram.message);
        for (kea_encryption::Option found; walk.next(found);) {
            identifiers += found.code == OPTION_CLIENT_IDENTIFIER ? 1 : 0;
        }
        ASSERT_EQ(packet.options_.count(OPTION_CLIENT_IDENTIFIER), identifiers);
    }
    EXPECT_GT(parsed, 5000);
}

TEST(RecogniseTest, sixteenListsOfOptionsInsideOneAnotherAreUnpackedAndNoMore) {
    const std::pair<uint16_t, size_t> containers[] = {{3, 12},  {5, 24},  {25, 12},
                                                      {26, 25}, {44, 17}, {45, 0}};
    for (const auto& container : containers) {
        for (const unsigned lists : {4u, MAX_NESTED_LISTS, MAX_NESTED_LISTS + 1, 100u}) {
            const bool too_deep = lists > MAX_NESTED_LISTS;
            const Bytes bytes = message(1, nestedLists(container.first, container.second, lists));
            EXPECT_EQ(lists, listsUnpackedByKea(bytes));
            EXPECT_EQ(too_deep, isNestedTooDeep(toOctets(bytes)));
            EXPECT_EQ(too_deep, isNestedTooDeep(toOctets(relayed(relayed(bytes)))));
        }
    }
    const Bytes vendors =
        message(1, option(OPTION_VENDOR_OPTIONS, Bytes{0, 0, 0x11, 0x8b} + vendorLists(15)));
    EXPECT_EQ(MAX_NESTED_LISTS, listsUnpackedByKea(vendors));
    EXPECT_FALSE(isNestedTooDeep(toOctets(vendors)));
}

TEST(RecogniseTest, aRelaySOptionsAreNestedNoDeeperAndWhatItRelaysDoesNotCountWithThem) {
    Bytes bytes = message(1, nestedLists(45, 0, MAX_NESTED_LISTS));
    for (unsigned level = 0; level < MAX_RELAY_LEVELS; ++level) {
        bytes = relay("::", "fe80::1",
                      nestedLists(45, 0, MAX_NESTED_LISTS) + option(OPTION_RELAY_MESSAGE, bytes));
        EXPECT_FALSE(isNestedTooDeep(toOctets(bytes)));
    }
    for (const Bytes& options :
         {nestedLists(45, 0, MAX_NESTED_LISTS + 1) + option(OPTION_RELAY_MESSAGE, message(1, {})),
          option(OPTION_RELAY_MESSAGE, message(1, {})) +
              nestedLists(3, 12, MAX_NESTED_LISTS + 1)}) {
        EXPECT_TRUE(isNestedTooDeep(toOctets(relay("::", "fe80::1", options))));
        EXPECT_TRUE(isNestedTooDeep(toOctets(relayed(relay("::", "fe80::1", options)))));
        EXPECT_TRUE(
            isNestedTooDeep(toOctets(relay("::", "fe80::1", option(37, {1}) + options, 13))));
    }
}

TEST(RecogniseTest, whateverOptionKeaFindsOptionsInAndBehindHoweverManyOctetsIsLookedInto) {
    const Bytes lists =
        option(OPTION_VENDOR_OPTIONS, Bytes{0, 0, 0x11, 0x8b} + vendorLists(MAX_NESTED_LISTS - 1));
    unsigned found = 0;
    for (uint16_t code = 0; code < 256; ++code) {
        for (size_t fields = 0; fields <= 32; ++fields) {
            const Bytes inside = option(code, Bytes(fields, 0) + lists);
            for (const Bytes& options :
                 {inside, option(94, inside), option(95, inside), option(96, inside),
                  option(OPTION_VENDOR_OPTIONS, Bytes{0, 0, 0x11, 0x8b} + inside)}) {
                const Bytes bytes = message(1, options);
                if (listsUnpackedByKea(bytes) > MAX_NESTED_LISTS) {
                    ++found;
                    EXPECT_TRUE(isNestedTooDeep(toOctets(bytes)));
                }
            }
        }
    }
    EXPECT_TRUE(found > 20);
}

TEST(RecogniseTest, noListIsLongerThanWhatKeaReadsOfADatagramWithoutWhatARelayWraps) {
    const auto filler = [](size_t length) { return (option(15, Bytes(length - 4, 0))); };
    const Bytes longest = message(1, filler(MAX_LIST_LENGTH - MESSAGE_HEADER_LENGTH));
    EXPECT_EQ(MAX_LIST_LENGTH, longest.size());
    EXPECT_FALSE(exceedsUnpackLimits(toOctets(longest)));
    const Bytes wrapped = option(OPTION_RELAY_MESSAGE, longest);
    const Bytes relayed_once = relay("::", "fe80::1", filler(MAX_LIST_LENGTH - 4) + wrapped);
    EXPECT_FALSE(exceedsUnpackLimits(toOctets(relayed_once)));
    EXPECT_FALSE(exceedsUnpackLimits(toOctets(relay("::", "fe80::2", wrapped))));
    EXPECT_FALSE(exceedsUnpackLimits(toOctets(relayed(relayed_once))));
    const Bytes longer = message(1, filler(MAX_LIST_LENGTH - MESSAGE_HEADER_LENGTH + 1));
    EXPECT_TRUE(exceedsUnpackLimits(toOctets(longer)));
    EXPECT_TRUE(exceedsUnpackLimits(toOctets(relayed(longer))));
    EXPECT_TRUE(exceedsUnpackLimits(
        toOctets(relay("::", "fe80::1", filler(MAX_LIST_LENGTH - 3) + wrapped))));
    EXPECT_FALSE(isNestedTooDeep(toOctets(longer)));
    EXPECT_TRUE(
        exceedsUnpackLimits(toOctets(message(1, nestedLists(45, 0, MAX_NESTED_LISTS + 1)))));
}

TEST(RecogniseTest, optionsThatKeaUnpacksTwiceAreNotDoubledAtEachLevel) {
    // What follows is the same whether it is read from its first octet on or from its second.
    const Bytes start = {0, 0, 0, 0, 3, 0, 0, 0};
    const auto doubled = [&start](unsigned levels) {
        Bytes list = option(14, {});
        for (unsigned i = 0; i < levels; ++i) {
            list = option(26, Bytes(24, 0) + start + list);
        }
        return (message(1, list));
    };
    const Bytes twice = doubled(1);
    isc::dhcp::Pkt6 packet(twice.data(), static_cast<uint32_t>(twice.size()));
    packet.unpack();
    EXPECT_EQ(size_t(2), packet.getOption(26)->getOptions().count(14));
    EXPECT_FALSE(isNestedTooDeep(toOctets(doubled(4))));
    EXPECT_TRUE(isNestedTooDeep(toOctets(doubled(12))));
    // As many as can stand beside one another.
    Bytes wide;
    for (unsigned i = 0; i < 370; ++i) {
        wide = wide + option(45, {});
    }
    EXPECT_FALSE(exceedsUnpackLimits(toOctets(message(1, wide))));
}
