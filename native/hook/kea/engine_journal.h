// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_ENGINE_JOURNAL_H
#define KEA_ENCRYPTION_ENGINE_JOURNAL_H

/// @file engine_journal.h
///
/// What happens to the engine, as Kea's log and statistics tell it.

#include "main_thread.h"
#include <hook/engine/engine_supervisor.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kea_encryption {

class EngineJournal : public EngineEvents {
public:
    /// The caller is Kea's main thread.
    /// @param timeout how long an answer is waited for.
    /// @param subnets those whose statistics are there as soon as the engine has told its reasons
    /// for drops.
    /// @param gone those of the configuration before that are no more: their statistics are
    /// forgotten then.
    EngineJournal(std::chrono::milliseconds timeout,
                  std::vector<uint32_t> subnets,
                  std::vector<uint32_t> gone)
        : timeout_(timeout), subnets_(std::move(subnets)), gone_(std::move(gone)) {
    }

    void inService(uint16_t workers, const std::vector<std::string>& reasons) override;
    void ended(const std::string& how, std::chrono::milliseconds delay) override;
    void notStarted(const std::string& why, std::chrono::milliseconds delay) override;
    void restarting() override;
    void suspended(uint16_t worker, bool suspended) override;
    void logged(channel::Severity severity, const std::string& text) override;
    void printed(const std::string& line) override;

private:
    const std::chrono::milliseconds timeout_;
    const std::vector<uint32_t> subnets_;
    // The main thread's.
    std::vector<uint32_t> gone_;
    std::optional<std::vector<std::string>> reasons_;  ///< those that there are statistics for
    MainThread main_thread_;
};

}  // namespace kea_encryption

#endif
