// SPDX-License-Identifier: MPL-2.0

#include <log/logger_support.h>

#include <gtest/gtest.h>

#include <cstdlib>

int
main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    // Kea's lock file is for several processes that log to one file.
    ::setenv("KEA_LOCKFILE_DIR", "none", 1);
    isc::log::initLogger();
    return (RUN_ALL_TESTS());
}
