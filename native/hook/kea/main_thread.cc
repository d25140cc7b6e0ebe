// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "main_thread.h"

#include <hook/engine/engine_process.h>

#include <dhcp/iface_mgr.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

using isc::dhcp::IfaceMgr;

namespace kea_encryption {

MainThread::MainThread()
    : id_(std::this_thread::get_id()), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_) {
        throw EngineError(std::string("no eventfd: ") + std::strerror(errno));
    }
    IfaceMgr::instance().addExternalSocket(wake_.get(), [this](int) { runAll(); });
}

MainThread::~MainThread() {
    IfaceMgr::instance().deleteExternalSocket(wake_.get());
}

void
MainThread::run(Task task) {
    if (std::this_thread::get_id() == id_) {
        task();
        return;
    }
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    const uint64_t one = 1;
    while (::write(wake_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

void
MainThread::runAll() {
    uint64_t count;
    while (::read(wake_.get(), &count, sizeof(count)) < 0 && errno == EINTR) {
    }
    std::vector<Task> tasks;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        tasks.swap(tasks_);
    }
    for (const Task& task : tasks) {
        task();
    }
}

}  // namespace kea_encryption
