// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "check.h"

#include <log/message_dictionary.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace {

/// What encryption_messages.mes declares: id and text, in the file's order, and whether a paragraph follows.
struct Declared {
    std::string id;
    std::string text;
    size_t paragraph_lines = 0;
};

std::vector<Declared> declared() {
    std::ifstream file(HOOK_SOURCE "/encryption_messages.mes");
    std::vector<Declared> messages;
    for (std::string line; std::getline(file, line);) {
        if (line.compare(0, 2, "% ") == 0) {
            const size_t space = line.find(' ', 2);
            messages.push_back({line.substr(2, space - 2), line.substr(space + 1), 0});
        } else if (!line.empty() && line[0] != '#' && !messages.empty()) {
            ++messages.back().paragraph_lines;
        }
    }
    return (messages);
}

} // namespace

TEST_CASE("encryption-messages/the committed table is that of encryption_messages.mes") {
    const std::vector<Declared> messages = declared();
    REQUIRE(messages.size() > 20);
    std::set<std::string> ids;
    for (const Declared &message : messages) {
        ids.insert(message.id);
        REQUIRE_EQUAL(message.text, isc::log::MessageDictionary::globalDictionary()->getText(message.id));
    }
    size_t compiled = 0;
    for (const auto &entry : *isc::log::MessageDictionary::globalDictionary()) {
        if (entry.first.compare(0, 11, "ENCRYPTION_") == 0) {
            ++compiled;
            REQUIRE(ids.count(entry.first) == 1);
        }
    }
    REQUIRE_EQUAL(messages.size(), compiled);
}

TEST_CASE("encryption-messages/every id is in order and has its paragraph for the operator") {
    std::string previous;
    for (const Declared &message : declared()) {
        REQUIRE(previous < message.id);
        REQUIRE(message.paragraph_lines >= 1);
        previous = message.id;
    }
}

TEST_CASE("encryption-messages/every id is used") {
    std::string sources;
    for (const auto &entry : std::filesystem::directory_iterator(HOOK_SOURCE)) {
        if (entry.path().extension() == ".cc") {
            std::ifstream file(entry.path());
            sources.append(std::istreambuf_iterator<char>(file), {});
        }
    }
    for (const Declared &message : declared()) {
        if (sources.find(message.id + ")") == std::string::npos) {
            check::fail(__FILE__, __LINE__, message.id + " is not used");
        }
    }
}
