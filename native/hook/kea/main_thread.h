// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_MAIN_THREAD_H
#define KEA_ENCRYPTION_MAIN_THREAD_H

#include <hook/engine/descriptor.h>

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kea_encryption {

/// Has Kea's main thread do what another thread may not: as long as Kea is single-threaded, nothing
/// that is its own (StatsMgr among it) is locked.
class MainThread {
public:
    typedef std::function<void()> Task;

    /// The caller is the main thread.
    /// @throw EngineError if there is no eventfd left.
    MainThread();

    /// In the main thread. What is still to be done is forgotten.
    ~MainThread();

    MainThread(const MainThread&) = delete;
    MainThread& operator=(const MainThread&) = delete;

    /// Does a task at once if the caller is the main thread, else as soon as Kea waits for packets.
    /// Any thread may call it. The task must not throw.
    void run(Task task);

private:
    void runAll();

    const std::thread::id id_;
    const Descriptor wake_;
    std::mutex mutex_;
    std::vector<Task> tasks_;
};

}  // namespace kea_encryption

#endif
