// SPDX-License-Identifier: MPL-2.0

#include <log/message_dictionary.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace {

/// What encryption_messages.mes declares: id and text, in the file's order, and whether a paragraph
/// follows.
struct Declared {
    std::string id;
    std::string text;
    size_t paragraph_lines = 0;
};

std::vector<Declared>
declared() {
    std::ifstream file(HOOK_SOURCE "/kea/encryption_messages.mes");
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

}  // namespace

TEST(EncryptionMessagesTest, theCommittedTableIsThatOfEncryptionMessagesMes) {
    const std::vector<Declared> messages = declared();
    EXPECT_GT(messages.size(), 20);
    std::set<std::string> ids;
    for (const Declared& message : messages) {
        ids.insert(message.id);
        ASSERT_EQ(message.text,
                  isc::log::MessageDictionary::globalDictionary()->getText(message.id));
    }
    size_t compiled = 0;
    for (const auto& entry : *isc::log::MessageDictionary::globalDictionary()) {
        if (entry.first.compare(0, 11, "ENCRYPTION_") == 0) {
            ++compiled;
            ASSERT_EQ(1, ids.count(entry.first));
        }
    }
    EXPECT_EQ(messages.size(), compiled);
}

TEST(EncryptionMessagesTest, everyIdIsInOrderAndHasItsParagraphForTheOperator) {
    std::string previous;
    for (const Declared& message : declared()) {
        ASSERT_LT(previous, message.id);
        ASSERT_GE(message.paragraph_lines, 1);
        previous = message.id;
    }
}

TEST(EncryptionMessagesTest, everyIdIsUsed) {
    std::string sources;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(HOOK_SOURCE)) {
        if (entry.path().extension() == ".cc") {
            std::ifstream file(entry.path());
            sources.append(std::istreambuf_iterator<char>(file), {});
        }
    }
    for (const Declared& message : declared()) {
        EXPECT_NE(sources.find(message.id + ")"), std::string::npos)
            << message.id << " is not used";
    }
}
