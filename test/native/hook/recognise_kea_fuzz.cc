// SPDX-License-Identifier: MPL-2.0

// What the hook sees in a datagram against what Kea's own parser sees, over changed datagrams:
//
//     recognise_kea_fuzz COUNT SEED FILE…
//
// Files have a datagram on each line, in hexadecimal, and a remark behind a `#` (test/fuzz/corpus).
// Aborts at a difference, with the datagram on standard error.

#include <hook/kea/recognise.h>
#include <hook/kea/unpack_limits.h>

#include <dhcp/pkt6.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <random>
#include <string>
#include <vector>

using namespace kea_encryption;

namespace {

/// @brief Codes of the protocol's own options (docs/protocol.md 1).
constexpr uint16_t FIRST_CODE = 701;
constexpr uint16_t LAST_CODE = 711;

using Datagrams = std::vector<std::vector<uint8_t>>;

Datagrams
read(const char* file) {
    Datagrams datagrams;
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        const std::string hex = line.substr(0, line.find(' '));
        std::vector<uint8_t> datagram;
        for (size_t i = 0; i + 1 < hex.size(); i += 2) {
            datagram.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
        }
        if (!datagram.empty()) {
            datagrams.push_back(datagram);
        }
    }
    return (datagrams);
}

/// @brief Codes of the options that the hook walks over, in order of their numbers.
std::vector<uint16_t>
walked(const Octets& message) {
    std::vector<uint16_t> codes;
    OptionWalk walk = OptionWalk::ofMessage(message);
    for (Option option; walk.next(option);) {
        codes.push_back(option.code);
    }
    std::sort(codes.begin(), codes.end());
    return (codes);
}

/// @brief False where Kea unpacks what the hook has found in another way.
bool
agree(const std::vector<uint8_t>& octets, size_t& compared) {
    const Datagram datagram = recognise(octets.data(), octets.size());
    if (!datagram.well_formed || exceedsUnpackLimits({octets.data(), octets.size()})) {
        return (true);
    }
    isc::dhcp::Pkt6 packet(octets.data(), static_cast<uint32_t>(octets.size()));
    try {
        packet.unpack();
    } catch (const std::exception&) {
        return (true);  // Kea drops it
    }
    if (packet.relay_info_.size() != datagram.relay_levels ||
        packet.getType() != datagram.message.data[0]) {
        return (false);
    }
    std::vector<uint16_t> codes;
    for (const auto& option : packet.options_) {
        codes.push_back(static_cast<uint16_t>(option.first));
    }
    std::sort(codes.begin(), codes.end());
    ++compared;
    std::vector<uint16_t> seen = walked(datagram.message);
    // Kea skips options of some definitions that are empty or have a wrong value: none that the
    // hook asks for.
    if (!std::includes(seen.begin(), seen.end(), codes.begin(), codes.end())) {
        return (false);
    }
    const auto keepsOwn = [](std::vector<uint16_t>& all) {
        const auto isOther = [](uint16_t code) {
            return (code != OPTION_CLIENT_IDENTIFIER && (code < FIRST_CODE || code > LAST_CODE));
        };
        all.erase(std::remove_if(all.begin(), all.end(), isOther), all.end());
    };
    keepsOwn(seen);
    keepsOwn(codes);
    return (codes == seen);
}

void
change(std::vector<uint8_t>& octets, const Datagrams& all, std::mt19937& random) {
    const auto below = [&random](size_t bound) { return (bound == 0 ? 0 : random() % bound); };
    for (size_t left = 1 + below(4); left > 0; --left) {
        const size_t at = below(octets.size());
        const auto place = octets.begin() + static_cast<ptrdiff_t>(at);
        switch (below(6)) {
        case 0:
            octets[at] ^= static_cast<uint8_t>(1U << below(8));
            break;
        case 1:
            octets[at] = static_cast<uint8_t>(random());
            break;
        case 2:
            octets.resize(std::max<size_t>(at, 1));
            break;
        case 3:
            octets.erase(place);
            octets.push_back(0);
            break;
        case 4: {
            const auto& other = all[below(all.size())];
            const size_t begin = below(other.size());
            const size_t end = std::min(other.size(), begin + 1 + below(64));
            const std::vector<uint8_t> part(other.begin() + static_cast<ptrdiff_t>(begin),
                                            other.begin() + static_cast<ptrdiff_t>(end));
            octets.insert(place, part.begin(), part.end());
            break;
        }
        default:
            // As the message of a relay agent, so that what is inside is changed as well.
            if (octets.size() < 4000) {
                std::vector<uint8_t> relayed(34, 0);
                relayed[0] = 12;
                const size_t length = octets.size();
                relayed.insert(relayed.end(), {0, 9, static_cast<uint8_t>(length >> 8),
                                               static_cast<uint8_t>(length)});
                relayed.insert(relayed.end(), octets.begin(), octets.end());
                octets = relayed;
            }
        }
    }
}

}  // namespace

int
main(int argc, char** argv) {
    if (argc < 4) {
        std::cerr << "usage: recognise_kea_fuzz COUNT SEED FILE...\n";
        return (2);
    }
    std::mt19937 random(static_cast<uint32_t>(std::stoul(argv[2])));
    Datagrams datagrams;
    for (int i = 3; i < argc; ++i) {
        const Datagrams more = read(argv[i]);
        datagrams.insert(datagrams.end(), more.begin(), more.end());
    }
    if (datagrams.empty()) {
        std::cerr << "no datagrams\n";
        return (2);
    }
    size_t compared = 0;
    for (size_t left = std::stoul(argv[1]); left > 0; --left) {
        std::vector<uint8_t> octets = datagrams[random() % datagrams.size()];
        change(octets, datagrams, random);
        if (!agree(octets, compared)) {
            std::cerr << "Kea and the hook differ: ";
            for (const uint8_t octet : octets) {
                std::cerr << std::hex << std::setw(2) << std::setfill('0') << +octet;
            }
            std::cerr << '\n';
            return (1);
        }
    }
    std::cout << compared << " datagrams were compared\n";
    return (compared > 0 ? 0 : 1);
}
