// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

// The table to encryption_messages.mes.

#ifndef KEA_ENCRYPTION_MESSAGES_H
#define KEA_ENCRYPTION_MESSAGES_H

#include <log/message_types.h>

extern const isc::log::MessageID ENCRYPTION_ANSWER_DROPPED;
extern const isc::log::MessageID ENCRYPTION_ANSWER_SEALED;
extern const isc::log::MessageID ENCRYPTION_CALLOUT_FAILED;
extern const isc::log::MessageID ENCRYPTION_CLEARTEXT_REFUSED;
extern const isc::log::MessageID ENCRYPTION_CONFIGURATION_REFUSED;
extern const isc::log::MessageID ENCRYPTION_CONFIGURED;
extern const isc::log::MessageID ENCRYPTION_ENGINE_BACK;
extern const isc::log::MessageID ENCRYPTION_ENGINE_DEBUG;
extern const isc::log::MessageID ENCRYPTION_ENGINE_ENDED;
extern const isc::log::MessageID ENCRYPTION_ENGINE_ERROR;
extern const isc::log::MessageID ENCRYPTION_ENGINE_INFO;
extern const isc::log::MessageID ENCRYPTION_ENGINE_OUTPUT;
extern const isc::log::MessageID ENCRYPTION_ENGINE_SILENT;
extern const isc::log::MessageID ENCRYPTION_ENGINE_STARTED;
extern const isc::log::MessageID ENCRYPTION_ENGINE_START_FAILED;
extern const isc::log::MessageID ENCRYPTION_ENGINE_WARNING;
extern const isc::log::MessageID ENCRYPTION_LIBRARY_ORDER;
extern const isc::log::MessageID ENCRYPTION_LOAD_FAILED;
extern const isc::log::MessageID ENCRYPTION_NOT_CONFIGURED;
extern const isc::log::MessageID ENCRYPTION_PUBLIC_KEY_REFUSED;
extern const isc::log::MessageID ENCRYPTION_QUERY_DECRYPTED;
extern const isc::log::MessageID ENCRYPTION_QUERY_DROPPED;
extern const isc::log::MessageID ENCRYPTION_QUERY_REPLIED;
extern const isc::log::MessageID ENCRYPTION_UNLOADED;

#endif
