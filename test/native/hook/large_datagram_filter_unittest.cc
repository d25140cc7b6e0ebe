// SPDX-License-Identifier: MPL-2.0

#include "octets.h"

#include <channel/descriptor.h>
#include <hook/kea/large_datagram_filter.h>

#include <dhcp/iface_mgr.h>

#include <gtest/gtest.h>

#include <boost/make_shared.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

using namespace isc::dhcp;
using isc::asiolink::IOAddress;
using kea_encryption::address;
using kea_encryption::Bytes;
using kea_encryption::Descriptor;
using kea_encryption::LargeDatagramFilter;

namespace {

/// A socket on the loopback interface as Kea's filter opens it, and one that sends to it.
struct Sockets {
    bool wanted = true;
    Bytes asked_of;
    /// What packets begin with that are unwanted.
    uint8_t unwanted = 255;
    LargeDatagramFilter filter{
        [this](const kea_encryption::Octets& datagram) {
            asked_of.assign(datagram.data, datagram.data + datagram.length);
            return (wanted);
        },
        [this](const isc::dhcp::Pkt6& packet) { return (packet.data_[0] == unwanted); }};
    Descriptor receiver;
    Descriptor sender;
    struct sockaddr_in6 to = {};

    Sockets() {
        const IfacePtr loopback = IfaceMgr::instance().getIface("lo");
        EXPECT_TRUE(loopback != nullptr);
        const SocketInfo opened = filter.openSocket(*loopback, IOAddress("::1"), 0, false);
        receiver.reset(opened.sockfd_);
        socklen_t length = sizeof(to);
        EXPECT_EQ(0,
                  ::getsockname(receiver.get(), reinterpret_cast<struct sockaddr*>(&to), &length));
        sender.reset(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        struct sockaddr_in6 from = {};
        from.sin6_family = AF_INET6;
        std::memcpy(&from.sin6_addr, address("::1").data(), 16);
        EXPECT_EQ(0, ::bind(sender.get(), reinterpret_cast<struct sockaddr*>(&from), sizeof(from)));
    }

    void send(const Bytes& octets) {
        ASSERT_TRUE(::sendto(sender.get(), octets.data(), octets.size(), 0,
                             reinterpret_cast<struct sockaddr*>(&to),
                             sizeof(to)) == static_cast<ssize_t>(octets.size()));
    }

    Pkt6Ptr receive() {
        return (filter.receive(SocketInfo(IOAddress("::1"), 547, receiver.get())));
    }
};

Bytes
pattern(size_t length) {
    Bytes octets(length);
    for (size_t i = 0; i < length; ++i) {
        octets[i] = static_cast<uint8_t>(i * 7 + i / 256);
    }
    return (octets);
}

}  // namespace

TEST(LargeDatagramFilterTest, datagramsOfEverySizeArriveWholeAndInOrder) {
    Sockets sockets;
    const size_t sizes[] = {1, 4, 1499, 1500, 1501, 3000, 20000, 65487, 100};
    for (const size_t size : sizes) {
        sockets.send(pattern(size));
        const Pkt6Ptr packet = sockets.receive();
        ASSERT_TRUE(packet != nullptr);
        ASSERT_EQ(pattern(size), packet->data_);
    }
}

TEST(LargeDatagramFilterTest, aDatagramThatIsNotWantedWholeStaysAsKeaReadsIt) {
    Sockets sockets;
    sockets.wanted = false;
    for (const size_t size : {size_t(1500), size_t(1501), size_t(14028), size_t(100)}) {
        sockets.asked_of.clear();
        sockets.send(pattern(size));
        const Pkt6Ptr packet = sockets.receive();
        Bytes read = pattern(size);
        read.resize(std::min(size, size_t(IfaceMgr::RCVBUFSIZE)));
        EXPECT_TRUE(packet->data_ == read);
        EXPECT_TRUE(sockets.asked_of == (size > 1500 ? pattern(size) : Bytes()));
    }
}

TEST(LargeDatagramFilterTest, whatIsUnwantedIsTakenFromTheSocketAndGoesNoFurther) {
    Sockets sockets;
    for (const size_t size : {size_t(100), size_t(5000)}) {
        sockets.send(Bytes(size, sockets.unwanted));
        sockets.send(pattern(size));
        EXPECT_TRUE(sockets.receive() == nullptr);
        ASSERT_EQ(pattern(size), sockets.receive()->data_);
    }
}

TEST(LargeDatagramFilterTest, queuedDatagramsKeepTheirOctetsAndAddressesApart) {
    Sockets sockets;
    sockets.send(pattern(5000));
    sockets.send(pattern(10));
    sockets.send(pattern(6000));
    for (const size_t size : {size_t(5000), size_t(10), size_t(6000)}) {
        const Pkt6Ptr packet = sockets.receive();
        ASSERT_EQ(pattern(size), packet->data_);
        ASSERT_EQ("::1", packet->getRemoteAddr().toText());
        ASSERT_EQ("::1", packet->getLocalAddr().toText());
        ASSERT_EQ("lo", packet->getIface());
        struct sockaddr_in6 from = {};
        socklen_t length = sizeof(from);
        ::getsockname(sockets.sender.get(), reinterpret_cast<struct sockaddr*>(&from), &length);
        ASSERT_EQ(ntohs(from.sin6_port), packet->getRemotePort());
    }
}

TEST(LargeDatagramFilterTest, keasOwnFilterComesBack) {
    class Mine : public PktFilterInet6 {
    public:
        SocketInfo openSocket(const Iface&, const IOAddress&, const uint16_t, const bool) override {
            throw std::runtime_error("mine");
        }
    };
    IfaceMgr& interfaces = IfaceMgr::instance();
    interfaces.setPacketFilter(PktFilter6Ptr(boost::make_shared<Mine>()));
    const auto isMine = [&interfaces] {
        try {
            const int fd = interfaces.openSocket("lo", IOAddress("::1"), 0);
            ::close(fd);
            interfaces.getIface("lo")->delSocket(static_cast<uint16_t>(fd));
        } catch (const std::exception& error) {
            return (std::string(error.what()) == "mine");
        }
        return (false);
    };
    EXPECT_TRUE(isMine());
    kea_encryption::installLargeDatagramFilter([](const kea_encryption::Octets&) { return (true); },
                                               [](const isc::dhcp::Pkt6&) { return (false); });
    EXPECT_FALSE(isMine());
    kea_encryption::removeLargeDatagramFilter();
    EXPECT_TRUE(isMine());
    kea_encryption::removeLargeDatagramFilter();
    EXPECT_TRUE(isMine());
    interfaces.setPacketFilter(PktFilter6Ptr(boost::make_shared<PktFilterInet6>()));
}
