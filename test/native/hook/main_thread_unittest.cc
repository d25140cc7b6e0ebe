// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include <hook/kea/main_thread.h>

#include <dhcp/iface_mgr.h>

#include <gtest/gtest.h>

#include <memory>
#include <thread>

using isc::dhcp::IfaceMgr;
using kea_encryption::MainThread;

namespace {

/// What Kea's main thread does between two packets.
void
waitForPackets() {
    IfaceMgr::instance().receive6(0, 1000);
}

void
inAnotherThread(const std::function<void()>& what) {
    std::thread(what).join();
}

}  // namespace

TEST(MainThreadTest, itsOwnTasksAreDoneAtOnce) {
    MainThread main_thread;
    bool done = false;
    main_thread.run([&done] { done = true; });
    EXPECT_TRUE(done);
}

TEST(MainThreadTest, othersTasksAreDoneByItInTheirOrderAsItWaitsForPackets) {
    MainThread main_thread;
    std::string done;
    std::thread::id by;
    for (int round = 0; round < 2; ++round) {
        done.clear();
        inAnotherThread([&] {
            main_thread.run([&] { done += "first "; });
            main_thread.run([&] {
                done += "second";
                by = std::this_thread::get_id();
            });
        });
        ASSERT_EQ("", done);
        waitForPackets();
        ASSERT_EQ("first second", done);
        ASSERT_EQ(std::this_thread::get_id(), by);
    }
}

TEST(MainThreadTest, whatIsStillToBeDoneAtItsEndIsForgotten) {
    auto main_thread = std::make_unique<MainThread>();
    bool done = false;
    inAnotherThread([&] { main_thread->run([&done] { done = true; }); });
    main_thread.reset();
    IfaceMgr::instance().receive6(0, 1);
    EXPECT_FALSE(done);
}
