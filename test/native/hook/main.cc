// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "check.h"

#include <log/logger_support.h>

#include <cstdlib>

/// Runs all tests, or those whose name contains the first argument.
int main(int argc, char **argv) {
    // Kea's lock file is for several processes that log to one file.
    ::setenv("KEA_LOCKFILE_DIR", "none", 1);
    isc::log::initLogger();
    const std::string wanted = argc > 1 ? argv[1] : "";
    int number = 0;
    int failures = 0;
    for (const check::Test &test : check::tests()) {
        if (test.name.find(wanted) == std::string::npos) {
            continue;
        }
        ++number;
        try {
            test.body();
            std::printf("ok %d - %s\n", number, test.name.c_str());
        } catch (const std::exception &error) {
            ++failures;
            std::printf("not ok %d - %s\n# %s\n", number, test.name.c_str(), error.what());
        }
        std::fflush(stdout);
    }
    std::printf("1..%d\n", number);
    return (failures == 0 && number > 0 ? 0 : 1);
}
