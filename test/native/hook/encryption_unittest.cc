// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "check.h"
#include "kea_configuration.h"
#include "octets.h"

#include <hook/encryption.h>
#include <hook/engine_json.h>
#include <hook/engine_process.h>

#include <dhcpsrv/cfg_duid.h>
#include <dhcpsrv/cfg_host_operations.h>
#include <stats/stats_mgr.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <memory>

extern char **environ;

using namespace kea_encryption;
using isc::data::Element;
using isc::dhcp::CfgMgr;
using isc::dhcp::Pkt6;
using isc::dhcp::Pkt6Ptr;
using isc::stats::StatsMgr;

namespace {

typedef Encryption::Fate Fate;

/// A fake engine that already runs, for one connection.
class RunningEngine {
public:
    explicit RunningEngine(const char *behaviour) {
        ::setenv("FAKE_ENGINE", behaviour, 1);
        char directory[] = "/tmp/encryption_unittest.XXXXXX";
        REQUIRE(::mkdtemp(directory) != nullptr);
        directory_ = directory;
        struct sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path().c_str(), sizeof(address.sun_path) - 1);
        const Descriptor listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(listener.get(), reinterpret_cast<struct sockaddr *>(&address), sizeof(address)) == 0);
        REQUIRE(::listen(listener.get(), 1) == 0);
        const Descriptor early(::fcntl(listener.get(), F_DUPFD_CLOEXEC, 10));
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, early.get(), 4);
        const char *const arguments[] = {FAKE_ENGINE, "--accept-fd", "4", nullptr};
        REQUIRE(::posix_spawn(&pid_, FAKE_ENGINE, &actions, nullptr, const_cast<char **>(arguments),
                              environ) == 0);
        ::posix_spawn_file_actions_destroy(&actions);
    }

    ~RunningEngine() {
        end();
        ::unlink(path().c_str());
        ::rmdir(directory_.c_str());
    }

    std::string path() const { return (directory_ + "/engine.sock"); }

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

/// A hook in service with a fake engine, and packets for it.
struct Fixture {
    KeaConfiguration configuration;
    RunningEngine engine;
    std::unique_ptr<Encryption> encryption;
    QueryContextPtr context;

    explicit Fixture(const char *behaviour = "") : engine(behaviour) {
        StatsMgr::instance().removeAll();
        configuration.staging().getCfgDUID()->setType(isc::dhcp::DUID::DUID_EN);
    }

    void serve(const std::string &more = "", int timeout = 60000) {
        configuration.commit();
        encryption = std::make_unique<Encryption>(
            Element::fromJSON("{\"engine\": {\"socket\": \"" + engine.path() +
                              "\", \"timeout\": " + std::to_string(timeout) + "}" + more + "}"));
        encryption->configure(*CfgMgr::instance().getCurrentCfg());
    }

    Pkt6Ptr packet(const Bytes &octets) {
        const Pkt6Ptr query(new Pkt6(octets.data(), static_cast<uint32_t>(octets.size())));
        query->setIface("eth0");
        query->setIndex(7);
        query->setRemoteAddr(isc::asiolink::IOAddress("fe80::1"));
        query->setLocalAddr(isc::asiolink::IOAddress("ff02::1:2"));
        return (query);
    }

    Fate receive(const Pkt6Ptr &query) { return (encryption->receive(query, false, context)); }

    Fate select(const Pkt6Ptr &query, uint32_t subnet_id) {
        return (encryption->select(
            query, CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getSubnet(subnet_id), context));
    }

    /// Lets Kea's answer out. Returns what would be sent; empty if nothing.
    Bytes send(const Bytes &answer) {
        const Pkt6Ptr response(new Pkt6(2, 0x123456));
        response->getBuffer().writeData(answer.data(), answer.size());
        if (encryption->send(response, context) == Fate::DROP) {
            return {};
        }
        const uint8_t *octets = static_cast<const uint8_t *>(response->getBuffer().getData());
        return (Bytes(octets, octets + response->getBuffer().getLength()));
    }
};

int64_t statistic(const std::string &name) {
    const auto observation = StatsMgr::instance().getObservation(name);
    return (observation ? observation->getInteger().first : -1);
}

Bytes solicit() { return (message(1, option(1, {0, 3, 0, 1, 10, 11, 12, 13, 14, 15}))); }
Bytes query(const Bytes &inner) { return (message(251, option(705, inner))); }
const Bytes ADVERTISE = message(2, option(2, {1}));

} // namespace

TEST_CASE("encryption/cleartext passes both ways untouched") {
    Fixture fixture;
    fixture.serve();
    for (const Bytes &octets : {solicit(), relayed(solicit()), Bytes{1, 2, 3}}) {
        const Pkt6Ptr packet = fixture.packet(octets);
        REQUIRE(fixture.receive(packet) == Fate::GO_ON);
        REQUIRE(packet->data_ == octets);
        REQUIRE(!fixture.context && !packet->inClass("ENCRYPTED"));
    }
    REQUIRE(fixture.send(ADVERTISE) == ADVERTISE);
    REQUIRE_EQUAL(0, statistic("encryption-received-encrypted-query"));
}

TEST_CASE("encryption/an encrypted query is replaced, classified and its answer sealed") {
    for (const bool certificate : {false, true}) {
        Fixture fixture(certificate ? "certificate" : "");
        fixture.serve();
        for (const bool is_relayed : {false, true}) {
            const Pkt6Ptr packet =
                fixture.packet(is_relayed ? relayed(relayed(query(solicit()))) : query(solicit()));
            REQUIRE(fixture.receive(packet) == Fate::GO_ON);
            REQUIRE(packet->data_ == (is_relayed ? relayed(relayed(solicit())) : solicit()));
            REQUIRE(packet->inClass("ENCRYPTED"));
            REQUIRE_EQUAL(certificate, packet->inClass("AUTHENTICATED"));
            REQUIRE_EQUAL(!certificate, packet->inClass("OPPORTUNISTIC"));
            REQUIRE_EQUAL("a fake client", fixture.context->identity);
            REQUIRE(fixture.send(ADVERTISE) == message(252, option(705, ADVERTISE)));
        }
        REQUIRE_EQUAL(2, statistic("encryption-received-encrypted-query"));
        REQUIRE_EQUAL(2, statistic("encryption-decrypted"));
        REQUIRE_EQUAL(2, statistic("encryption-sealed"));
    }
}

TEST_CASE("encryption/an answer that is not sealed is never sent") {
    for (const char *const behaviour : {"drop-seal", "die-on-send"}) {
        Fixture fixture(behaviour);
        fixture.serve();
        REQUIRE(fixture.receive(fixture.packet(query(solicit()))) == Fate::GO_ON);
        REQUIRE(fixture.send(ADVERTISE).empty());
    }
    REQUIRE_EQUAL(1, statistic("encryption-drop-engine-down"));
    // The same patience is for the query, which is to be answered.
    bool received = false;
    for (int timeout = 20; !received && timeout < 60000; timeout *= 10) {
        Fixture silent("mute-seal");
        silent.serve("", timeout);
        if (silent.receive(silent.packet(query(solicit()))) == Fate::GO_ON) {
            received = true;
            REQUIRE(silent.send(ADVERTISE).empty());
            REQUIRE_EQUAL(1, statistic("encryption-drop-engine-timeout"));
        }
    }
    REQUIRE(received);
}

TEST_CASE("encryption/what is dropped is counted under its reason") {
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").mode("off");
    fixture.serve();
    const Bytes reply_inside = relay("::", "fe80::1", option(9, query(solicit())), MESSAGE_RELAY_REPLY);
    const std::pair<Bytes, const char *> cases[] = {
        {message(252, {}), "unexpected-message"},
        {relayed(message(254, {})), "unexpected-message"},
        {reply_inside, "unexpected-message"},
        {relay("::", "fe80::1", {}), "malformed-relay"},
        {message(251, option(706, {1})), "malformed"},
        {relayed(query(solicit()), "2001:db8:1::9"), "mode-off"},
    };
    for (const auto &one : cases) {
        const std::string name = std::string("encryption-drop-") + one.second;
        const int64_t before = statistic(name);
        REQUIRE(before >= 0);
        REQUIRE(fixture.receive(fixture.packet(one.first)) == Fate::DROP);
        REQUIRE_EQUAL(before + 1, statistic(name));
        REQUIRE(!fixture.context);
    }
    // Kea would not read the replaced octets of a packet that another library has unpacked.
    REQUIRE(fixture.encryption->receive(fixture.packet(query(solicit())), true, fixture.context) ==
            Fate::DROP);
    fixture.engine.end();
    REQUIRE(fixture.receive(fixture.packet(query(solicit()))) == Fate::DROP);
    REQUIRE_EQUAL(1, statistic("encryption-drop-engine-down"));
    REQUIRE(fixture.receive(fixture.packet(solicit())) == Fate::GO_ON);
}

TEST_CASE("encryption/statistics begin with 0 and are counted for each subnet") {
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").mode("optional");
    fixture.configuration.subnet(2, "2001:db8:2::/64").mode("off");
    fixture.serve();
    const char *const kinds[] = {"received-encrypted-query", "decrypted", "replied", "sealed", "dropped"};
    for (const char *const kind : kinds) {
        REQUIRE_EQUAL(0, statistic(std::string("subnet[1].encryption-") + kind));
        REQUIRE_EQUAL(-1, statistic(std::string("subnet[2].encryption-") + kind));
    }
    REQUIRE_EQUAL(0, statistic("encryption-engine-timeouts"));
    REQUIRE(fixture.receive(fixture.packet(relayed(query(solicit())))) == Fate::GO_ON);
    REQUIRE(fixture.send(ADVERTISE) == message(252, option(705, ADVERTISE)));
    REQUIRE(fixture.receive(fixture.packet(relayed(message(251, option(706, {1}))))) == Fate::DROP);
    const int64_t expected[] = {2, 1, 0, 1, 1};
    for (size_t i = 0; i < 5; ++i) {
        REQUIRE_EQUAL(expected[i], statistic(std::string("subnet[1].encryption-") + kinds[i]));
    }
    REQUIRE_EQUAL(1, statistic("subnet[1].encryption-drop-malformed"));
    REQUIRE_EQUAL(0, statistic("subnet[1].encryption-drop-mode-off"));
    // Another subnet's, and those of none, are counted where they belong: nowhere else.
    REQUIRE(fixture.receive(fixture.packet(relayed(query(solicit()), "2001:db8:2::1"))) == Fate::DROP);
    REQUIRE_EQUAL(1, statistic("subnet[2].encryption-received-encrypted-query"));
    REQUIRE_EQUAL(1, statistic("subnet[2].encryption-dropped"));
    REQUIRE_EQUAL(1, statistic("subnet[2].encryption-drop-mode-off"));
    REQUIRE(fixture.receive(fixture.packet(query(solicit()))) == Fate::GO_ON);
    REQUIRE_EQUAL(2, statistic("subnet[1].encryption-received-encrypted-query"));
    REQUIRE_EQUAL(-1, statistic("subnet[0].encryption-received-encrypted-query"));
}

TEST_CASE("encryption/statistics of a subnet that a command has removed go with the next configuration") {
    for (const bool has_command : {false, true}) {
        Fixture fixture;
        fixture.configuration.subnet(1, "2001:db8:1::/64");
        if (has_command) {
            fixture.configuration.staging().getHooksConfig().add("/hooks/libdhcp_subnet_cmds.so",
                                                                 isc::data::ConstElementPtr());
        }
        for (const char *const name :
             {"subnet[1].encryption-sealed", "subnet[9].encryption-sealed", "subnet[9].total-nas"}) {
            StatsMgr::instance().setValue(name, static_cast<int64_t>(5));
        }
        fixture.serve();
        REQUIRE_EQUAL(5, statistic("subnet[1].encryption-sealed"));
        REQUIRE_EQUAL(has_command ? -1 : 5, statistic("subnet[9].encryption-sealed"));
        REQUIRE_EQUAL(5, statistic("subnet[9].total-nas"));
    }
}

TEST_CASE("encryption/a host identifier is Kea's to use only if the parameter asks for one") {
    for (const bool asked : {false, true}) {
        Fixture fixture("certificate");
        fixture.configuration.staging().getCfgHostOperations6()->addIdentifierType("flex-id");
        fixture.serve(asked ? ", \"host-identifier\": \"san-uri\"" : "");
        REQUIRE_EQUAL(asked, fixture.encryption->identifiesHosts());
        REQUIRE(fixture.receive(fixture.packet(solicit())) == Fate::GO_ON);
        REQUIRE(fixture.encryption->hostIdentifier(fixture.context).empty());
        REQUIRE(fixture.receive(fixture.packet(query(solicit()))) == Fate::GO_ON);
        const std::vector<uint8_t> &identifier = fixture.encryption->hostIdentifier(fixture.context);
        REQUIRE_EQUAL("fake-host", std::string(identifier.begin(), identifier.end()));
    }
    Fixture fixture;
    std::string told;
    try {
        fixture.serve(", \"host-identifier\": \"san-uri\"");
    } catch (const BadSetting &error) {
        told = error.what();
    }
    REQUIRE(told.find("\"flex-id\"") != std::string::npos);
    REQUIRE(fixture.receive(fixture.packet(solicit())) == Fate::DROP);
}

TEST_CASE("encryption/commands are the engine's to answer") {
    Fixture fixture;
    fixture.serve();
    const auto arguments = Element::fromJSON("{\"limit\": 3}");
    const auto answer = fixture.encryption->command("encryption-key-list", arguments);
    REQUIRE_EQUAL(3, answer->get("result")->intValue());
    REQUIRE_EQUAL("fake", answer->get("text")->stringValue());
    REQUIRE_EQUAL("encryption-key-list", answer->get("arguments")->get("command")->stringValue());
    REQUIRE(answer->get("arguments")->get("arguments")->equals(*arguments));
    const auto bare = fixture.encryption->command("encryption-status", isc::data::ConstElementPtr());
    REQUIRE(!bare->get("arguments")->get("arguments"));
    const auto long_one = fixture.encryption->command(std::string(70000, 'x'), isc::data::ConstElementPtr());
    REQUIRE_EQUAL(1, long_one->get("result")->intValue());
    fixture.engine.end();
    const auto down = fixture.encryption->command("encryption-status", isc::data::ConstElementPtr());
    REQUIRE_EQUAL(1, down->get("result")->intValue());
    REQUIRE(down->get("text")->stringValue().find("not running") != std::string::npos);
}

TEST_CASE("encryption/an engine's answer to a command that makes no sense is an error") {
    const std::pair<const char *, const char *> cases[] = {
        {"scant", "it lacks \"result\""},
        {"odd", "not understood"},
        {"list", "not understood"},
        {"deep-answer", "nested deeper than 64 levels"},
    };
    for (const auto &one : cases) {
        Fixture fixture(one.first);
        fixture.serve();
        const auto answer = fixture.encryption->command("encryption-status", isc::data::ConstElementPtr());
        REQUIRE_EQUAL(1, answer->get("result")->intValue());
        REQUIRE(answer->get("text")->stringValue().find(one.second) != std::string::npos);
    }
}

TEST_CASE("encryption/what the engine says is nested 64 levels deep at most") {
    const auto nested = [](size_t depth, const std::string &inside) {
        return (std::string(depth, '[') + inside + std::string(depth, ']'));
    };
    const auto is_refused = [](const std::string &text) {
        try {
            static_cast<void>(parseEngineJson(text));
        } catch (const EngineError &) {
            return (true);
        }
        return (false);
    };
    const std::string brackets = "\"\\\"" + std::string(100, '[') + "\\\\\"";
    REQUIRE(!is_refused(nested(64, brackets)));
    REQUIRE(is_refused(nested(65, brackets)));
    REQUIRE(is_refused(nested(64, brackets + ", {}")));
    REQUIRE(!is_refused("[" + nested(63, "") + ", " + nested(63, "") + "]"));
}

TEST_CASE("encryption/without a configuration in force nothing passes") {
    Fixture fixture;
    fixture.configuration.commit();
    const auto refused = [&fixture](const char *parameters, const char *part) {
        fixture.encryption = std::make_unique<Encryption>(Element::fromJSON(parameters));
        REQUIRE(fixture.receive(fixture.packet(solicit())) == Fate::DROP);
        std::string told;
        try {
            fixture.encryption->configure(*CfgMgr::instance().getCurrentCfg());
        } catch (const std::exception &error) {
            told = error.what();
        }
        REQUIRE(told.find(part) != std::string::npos);
        REQUIRE(fixture.encryption->canRefuse(*CfgMgr::instance().getCurrentCfg()) ||
                std::string(part) != "\"mode\"");
        REQUIRE(fixture.receive(fixture.packet(solicit())) == Fate::DROP);
        REQUIRE(fixture.receive(fixture.packet(query(solicit()))) == Fate::DROP);
        REQUIRE(fixture.send(ADVERTISE).empty());
    };
    refused("{\"mode\": \"on\"}", "\"mode\"");
    refused("{\"engine\": {\"socket\": \"/nonexistent/socket\"}}", "\"engine.socket\"");
    REQUIRE_EQUAL(6, statistic("encryption-drop-refused-settings"));
}

TEST_CASE("encryption/cleartext that names a bound DUID is dropped in every mode (docs/protocol.md 8)") {
    for (const char *const mode : {"off", "optional"}) {
        Fixture fixture("bound");
        fixture.configuration.subnet(1, "2001:db8:1::/64").interface("eth0").mode(mode);
        fixture.serve();
        REQUIRE(fixture.receive(fixture.packet(solicit())) == Fate::DROP);
        REQUIRE(fixture.receive(fixture.packet(relayed(solicit()))) == Fate::DROP);
        const Bytes second =
            message(1, option(1, {0, 2, 0}) + option(1, {0, 3, 0, 1, 10, 11, 12, 13, 14, 15}));
        REQUIRE(fixture.receive(fixture.packet(second)) == Fate::DROP);
        REQUIRE(fixture.receive(fixture.packet(message(1, option(1, {0, 3, 0, 1, 10})))) == Fate::GO_ON);
        REQUIRE_EQUAL(3, statistic("encryption-drop-bound-duid"));
    }
}

TEST_CASE("encryption/cleartext that names a derived DUID is dropped (docs/protocol.md 8)") {
    Bytes derived = {0, 4, 1, 2, 3, 4, 5, 6, 0x8f, 8, 0xbf, 10, 11, 12, 13, 14, 15, 16};
    Bytes other_version = derived;
    other_version[8] = 0x4f;
    Bytes other_variant = derived;
    other_variant[10] = 0x3f;
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").interface("eth0").mode("optional");
    fixture.configuration.subnet(2, "2001:db8:2::/64").mode("off");
    fixture.serve();
    REQUIRE(fixture.receive(fixture.packet(message(1, option(1, derived)))) == Fate::DROP);
    REQUIRE(fixture.receive(fixture.packet(message(1, option(1, other_version) + option(1, derived)))) ==
            Fate::DROP);
    REQUIRE(fixture.receive(fixture.packet(message(1, option(1, other_version)))) == Fate::GO_ON);
    REQUIRE(fixture.receive(fixture.packet(message(1, option(1, other_variant)))) == Fate::GO_ON);
    const Bytes off = relayed(message(1, option(1, derived)), "2001:db8:2::9");
    REQUIRE(fixture.receive(fixture.packet(off)) == Fate::GO_ON);
    REQUIRE_EQUAL(2, statistic("encryption-drop-bound-duid"));
}

TEST_CASE("encryption/the selected subnet's mode is enforced") {
    for (const bool certificate : {false, true}) {
        Fixture fixture(certificate ? "certificate" : "");
        const char *const modes[] = {"off", "optional", "encrypted", "authenticated"};
        for (uint32_t id = 1; id <= 4; ++id) {
            fixture.configuration.subnet(id, ("2001:db8:" + std::to_string(id) + "::/64").c_str())
                .mode(modes[id - 1]);
        }
        fixture.serve(", \"mode\": \"encrypted\"");
        REQUIRE_EQUAL(0, statistic("subnet[3].encryption-drop-cleartext-refused"));
        const Pkt6Ptr clear = fixture.packet(solicit());
        REQUIRE(fixture.receive(clear) == Fate::GO_ON);
        const Fate clear_fates[] = {Fate::GO_ON, Fate::GO_ON, Fate::DROP, Fate::DROP};
        for (uint32_t id = 1; id <= 4; ++id) {
            REQUIRE(fixture.select(clear, id) == clear_fates[id - 1]);
        }
        REQUIRE(fixture.encryption->select(clear, SelectedSubnetPtr(), fixture.context) == Fate::DROP);
        REQUIRE_EQUAL(1, statistic("subnet[3].encryption-drop-cleartext-refused"));
        REQUIRE_EQUAL(3, statistic("encryption-drop-cleartext-refused"));

        const Pkt6Ptr encrypted = fixture.packet(query(solicit()));
        REQUIRE(fixture.receive(encrypted) == Fate::GO_ON);
        REQUIRE(fixture.select(encrypted, 3) == Fate::GO_ON);
        REQUIRE(fixture.select(encrypted, 4) == (certificate ? Fate::GO_ON : Fate::DROP));
        REQUIRE_EQUAL(certificate ? 0 : 1, statistic("subnet[4].encryption-drop-public-key-refused"));
    }
}

TEST_CASE("encryption/a class that comes after the selection opens a stricter subnet and its mode") {
    Fixture fixture;
    auto network = fixture.configuration.network("n", nullptr);
    network.subnet(1, "2001:db8:1::/64").mode("optional");
    network.subnet(2, "2001:db8:2::/64").mode("authenticated").guard("registered");
    fixture.serve(", \"mode\": \"optional\"");
    const auto subnet = CfgMgr::instance().getCurrentCfg()->getCfgSubnets6()->getSubnet(1);
    for (const Bytes &octets : {solicit(), query(solicit())}) {
        const Pkt6Ptr packet = fixture.packet(octets);
        REQUIRE(fixture.receive(packet) == Fate::GO_ON);
        REQUIRE(fixture.select(packet, 1) == Fate::GO_ON);
        REQUIRE(!fixture.encryption->refuses(*packet, subnet, fixture.context));
        packet->addClass("registered");
        REQUIRE(fixture.encryption->refuses(*packet, subnet, fixture.context));
        REQUIRE(fixture.select(packet, 1) == Fate::DROP);
    }
    REQUIRE_EQUAL(1, statistic("subnet[1].encryption-drop-cleartext-refused"));
    REQUIRE_EQUAL(1, statistic("subnet[1].encryption-drop-public-key-refused"));
}

TEST_CASE("encryption/a DHCPv4-query, for which no subnet is selected, heeds the mode too (RFC 7341)") {
    Fixture fixture;
    fixture.configuration.subnet(1, "2001:db8:1::/64").interface("eth0").mode("encrypted");
    fixture.configuration.subnet(2, "2001:db8:2::/64").mode("optional");
    fixture.serve();
    const Bytes dhcpv4 = message(MESSAGE_DHCPV4_QUERY, option(87, {1}));
    REQUIRE(fixture.receive(fixture.packet(dhcpv4)) == Fate::DROP);
    REQUIRE(fixture.receive(fixture.packet(relayed(dhcpv4, "2001:db8:2::9"))) == Fate::GO_ON);
}

TEST_CASE("encryption/with solution B a Solicit that carries a credential is the engine's") {
    const Bytes signed_solicit = message(1, option(701, {1}) + option(704, Bytes(8, 0)));
    const Bytes identified = message(1, option(1, {0, 3, 0, 1, 10}) + option(701, {1}));
    Fixture a;
    a.serve();
    REQUIRE(a.receive(a.packet(identified)) == Fate::GO_ON);
    REQUIRE(a.receive(a.packet(signed_solicit)) ==
            Fate::DROP); // counted by the engine as the other solution's
    REQUIRE_EQUAL(1, statistic("encryption-received-signed-solicit"));
    Fixture b;
    b.serve(", \"solution\": \"B\"");
    REQUIRE(b.receive(b.packet(solicit())) == Fate::GO_ON);
    REQUIRE(b.receive(b.packet(signed_solicit)) == Fate::DROP); // the fake engine has no solution B
    REQUIRE(b.receive(b.packet(identified)) == Fate::DROP);
    REQUIRE(b.receive(b.packet(relayed(message(1, option(702, {1}))))) == Fate::DROP);
    REQUIRE_EQUAL(3, statistic("encryption-received-signed-solicit"));
    // Where encryption is off such a message is Kea's, as without this library.
    Fixture off;
    off.serve(", \"solution\": \"B\", \"mode\": \"off\"");
    REQUIRE(off.receive(off.packet(identified)) == Fate::GO_ON);
    REQUIRE_EQUAL(0, statistic("encryption-received-signed-solicit"));
    REQUIRE(off.receive(off.packet(signed_solicit)) == Fate::DROP);
    REQUIRE_EQUAL(1, statistic("encryption-drop-mode-off"));
}

TEST_CASE("encryption/code points are settings (docs/protocol.md 1)") {
    Fixture fixture;
    fixture.serve(", \"message-types\": {\"encrypted-query\": 100, \"encrypted-reply\": 251}");
    REQUIRE(fixture.receive(fixture.packet(query(solicit()))) == Fate::DROP);
    REQUIRE_EQUAL(1, statistic("encryption-drop-unexpected-message"));
    REQUIRE(fixture.receive(fixture.packet(message(100, option(705, solicit())))) == Fate::DROP);
    REQUIRE_EQUAL(1, statistic("encryption-received-encrypted-query"));
}
