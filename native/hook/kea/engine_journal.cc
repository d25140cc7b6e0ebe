// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "engine_journal.h"

#include "encryption_log.h"
#include "statistics.h"

using isc::log::DBGLVL_TRACE_BASIC;

namespace kea_encryption {

void
EngineJournal::inService(uint16_t workers, const std::vector<std::string>& reasons) {
    main_thread_.run([this, reasons] {
        if (reasons == reasons_) {
            return;  // a restart of the engine, not a new configuration nor another version
        }
        statistics::forget(reasons, gone_);
        gone_.clear();
        statistics::initialise(reasons, subnets_);
        reasons_ = reasons;
    });
    LOG_INFO(encryption_logger, ENCRYPTION_ENGINE_STARTED).arg(workers);
}

void
EngineJournal::ended(const std::string& how, std::chrono::milliseconds delay) {
    LOG_ERROR(encryption_logger, ENCRYPTION_ENGINE_ENDED).arg(how).arg(delay.count());
}

void
EngineJournal::notStarted(const std::string& why, std::chrono::milliseconds delay) {
    LOG_ERROR(encryption_logger, ENCRYPTION_ENGINE_START_FAILED).arg(why).arg(delay.count());
}

void
EngineJournal::restarting() {
    main_thread_.run([] { statistics::count(statistics::ENGINE_RESTARTS); });
}

void
EngineJournal::suspended(uint16_t worker, bool suspended) {
    if (suspended) {
        statistics::count(statistics::ENGINE_TIMEOUTS);
        LOG_WARN(encryption_logger, ENCRYPTION_ENGINE_SILENT).arg(worker).arg(timeout_.count());
    } else {
        LOG_INFO(encryption_logger, ENCRYPTION_ENGINE_BACK).arg(worker);
    }
}

void
EngineJournal::logged(channel::Severity severity, const std::string& text) {
    switch (severity) {
    case channel::SEVERITY_DEBUG:
        LOG_DEBUG(encryption_logger, DBGLVL_TRACE_BASIC, ENCRYPTION_ENGINE_DEBUG).arg(text);
        break;
    case channel::SEVERITY_INFO:
        LOG_INFO(encryption_logger, ENCRYPTION_ENGINE_INFO).arg(text);
        break;
    case channel::SEVERITY_WARN:
        LOG_WARN(encryption_logger, ENCRYPTION_ENGINE_WARNING).arg(text);
        break;
    case channel::SEVERITY_ERROR:
        LOG_ERROR(encryption_logger, ENCRYPTION_ENGINE_ERROR).arg(text);
        break;
    }
}

void
EngineJournal::printed(const std::string& line) {
    LOG_WARN(encryption_logger, ENCRYPTION_ENGINE_OUTPUT).arg(line);
}

}  // namespace kea_encryption
