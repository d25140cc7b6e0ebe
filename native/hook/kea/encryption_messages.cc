// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

// The table to encryption_messages.mes.

#include "encryption_messages.h"

#include <log/message_initializer.h>

// clang-format off
extern const isc::log::MessageID ENCRYPTION_ANSWER_DROPPED = "ENCRYPTION_ANSWER_DROPPED";
extern const isc::log::MessageID ENCRYPTION_ANSWER_SEALED = "ENCRYPTION_ANSWER_SEALED";
extern const isc::log::MessageID ENCRYPTION_CALLOUT_FAILED = "ENCRYPTION_CALLOUT_FAILED";
extern const isc::log::MessageID ENCRYPTION_CLEARTEXT_REFUSED = "ENCRYPTION_CLEARTEXT_REFUSED";
extern const isc::log::MessageID ENCRYPTION_CONFIGURATION_REFUSED = "ENCRYPTION_CONFIGURATION_REFUSED";
extern const isc::log::MessageID ENCRYPTION_CONFIGURED = "ENCRYPTION_CONFIGURED";
extern const isc::log::MessageID ENCRYPTION_ENGINE_BACK = "ENCRYPTION_ENGINE_BACK";
extern const isc::log::MessageID ENCRYPTION_ENGINE_DEBUG = "ENCRYPTION_ENGINE_DEBUG";
extern const isc::log::MessageID ENCRYPTION_ENGINE_ENDED = "ENCRYPTION_ENGINE_ENDED";
extern const isc::log::MessageID ENCRYPTION_ENGINE_ERROR = "ENCRYPTION_ENGINE_ERROR";
extern const isc::log::MessageID ENCRYPTION_ENGINE_INFO = "ENCRYPTION_ENGINE_INFO";
extern const isc::log::MessageID ENCRYPTION_ENGINE_OUTPUT = "ENCRYPTION_ENGINE_OUTPUT";
extern const isc::log::MessageID ENCRYPTION_ENGINE_SILENT = "ENCRYPTION_ENGINE_SILENT";
extern const isc::log::MessageID ENCRYPTION_ENGINE_STARTED = "ENCRYPTION_ENGINE_STARTED";
extern const isc::log::MessageID ENCRYPTION_ENGINE_START_FAILED = "ENCRYPTION_ENGINE_START_FAILED";
extern const isc::log::MessageID ENCRYPTION_ENGINE_WARNING = "ENCRYPTION_ENGINE_WARNING";
extern const isc::log::MessageID ENCRYPTION_LIBRARY_ORDER = "ENCRYPTION_LIBRARY_ORDER";
extern const isc::log::MessageID ENCRYPTION_LOAD_FAILED = "ENCRYPTION_LOAD_FAILED";
extern const isc::log::MessageID ENCRYPTION_NOT_CONFIGURED = "ENCRYPTION_NOT_CONFIGURED";
extern const isc::log::MessageID ENCRYPTION_PUBLIC_KEY_REFUSED = "ENCRYPTION_PUBLIC_KEY_REFUSED";
extern const isc::log::MessageID ENCRYPTION_QUERY_DECRYPTED = "ENCRYPTION_QUERY_DECRYPTED";
extern const isc::log::MessageID ENCRYPTION_QUERY_DROPPED = "ENCRYPTION_QUERY_DROPPED";
extern const isc::log::MessageID ENCRYPTION_QUERY_REPLIED = "ENCRYPTION_QUERY_REPLIED";
extern const isc::log::MessageID ENCRYPTION_UNLOADED = "ENCRYPTION_UNLOADED";

namespace {

const char *values[] = {
    "ENCRYPTION_ANSWER_DROPPED", "answer to %1 for an encrypted query dropped: %2",
    "ENCRYPTION_ANSWER_SEALED", "answer to %1 encrypted for %2",
    "ENCRYPTION_CALLOUT_FAILED", "%1: %2",
    "ENCRYPTION_CLEARTEXT_REFUSED", "cleartext query from %1 dropped: the mode is %2",
    "ENCRYPTION_CONFIGURATION_REFUSED", "the configuration is refused and all packets are dropped: %1",
    "ENCRYPTION_CONFIGURED", "encrypted DHCPv6 in service: solution %1, mode %2",
    "ENCRYPTION_ENGINE_BACK", "engine worker %1 answers again",
    "ENCRYPTION_ENGINE_DEBUG", "engine: %1",
    "ENCRYPTION_ENGINE_ENDED", "the engine %1; it is started again in %2 ms",
    "ENCRYPTION_ENGINE_ERROR", "engine: %1",
    "ENCRYPTION_ENGINE_INFO", "engine: %1",
    "ENCRYPTION_ENGINE_OUTPUT", "engine printed: %1",
    "ENCRYPTION_ENGINE_SILENT", "engine worker %1 gave no answer within %2 ms; encrypted packets of its clients are dropped until it answers",
    "ENCRYPTION_ENGINE_STARTED", "the engine is in service with %1 workers",
    "ENCRYPTION_ENGINE_START_FAILED", "the engine could not be brought back: %1; the next attempt is in %2 ms",
    "ENCRYPTION_ENGINE_WARNING", "engine: %1",
    "ENCRYPTION_LIBRARY_ORDER", "encrypted messages are dropped: another hook library reads them first, so list the encryption hook library before it",
    "ENCRYPTION_LOAD_FAILED", "loading the encryption hook library failed: %1",
    "ENCRYPTION_NOT_CONFIGURED", "packets are dropped until Kea tells the encryption hook library its configuration",
    "ENCRYPTION_PUBLIC_KEY_REFUSED", "encrypted query from %1 dropped: %2 has shown no certificate",
    "ENCRYPTION_QUERY_DECRYPTED", "query from %1 decrypted, sent by %2",
    "ENCRYPTION_QUERY_DROPPED", "query from %1 dropped: %2: %3",
    "ENCRYPTION_QUERY_REPLIED", "query from %1 answered by the engine: %2",
    "ENCRYPTION_UNLOADED", "the encryption hook library has been unloaded",
    nullptr
};

const isc::log::MessageInitializer initializer(values);

} // namespace
