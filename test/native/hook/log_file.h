// SPDX-License-Identifier: MPL-2.0

#pragma once

/// @file log_file.h
///
/// What the library logs, in a file that a test can read.

#include <log/logger_support.h>

#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>

namespace kea_encryption {

class LogFile {
public:
    LogFile() {
        char path[] = "/tmp/hook_unittests.XXXXXX";
        EXPECT_GE(::mkstemp(path), 0);
        path_ = path;
        ::setenv("KEA_LOGGER_DESTINATION", path, 1);
        isc::log::setDefaultLoggingOutput();
        file_.open(path_);
    }
    ~LogFile() {
        ::setenv("KEA_LOGGER_DESTINATION", "stderr", 1);
        isc::log::setDefaultLoggingOutput(false);
        ::unlink(path_.c_str());
    }

    /// Waits for a line that has this part; it and all before it are not looked at again.
    /// @param meanwhile is called again and again.
    template <typename Meanwhile>
    std::string await(const std::string& part, Meanwhile meanwhile) {
        const auto latest = std::chrono::steady_clock::now() + std::chrono::minutes(2);
        while (std::chrono::steady_clock::now() < latest) {
            meanwhile();
            file_.clear();
            for (std::string line; std::getline(file_, line);) {
                if (line.find(part) != std::string::npos) {
                    return (line);
                }
            }
            ::usleep(1000);
        }
        ADD_FAILURE() << "nothing is logged of " << part;
        return ("");
    }

    /// How many lines there are with this part.
    size_t count(const std::string& part) const {
        std::ifstream whole(path_);
        size_t found = 0;
        for (std::string line; std::getline(whole, line);) {
            found += line.find(part) != std::string::npos ? 1 : 0;
        }
        return (found);
    }

private:
    std::string path_;
    std::ifstream file_;
};

}  // namespace kea_encryption
