// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_ENGINE_CLIENT_H
#define KEA_ENCRYPTION_ENGINE_CLIENT_H

/// @file engine_client.h
///
/// What the callouts ask of the engine. This is the seam behind which the waiting could be replaced
/// by asynchronous re-injection: nothing beyond it knows of sockets, lanes or processes.

#include <channel/frame.h>

#include <cstdint>
#include <string>
#include <vector>

namespace kea_encryption {

/// How a question to the engine ended.
enum class Exchange {
    ANSWERED,   ///< the engine's answer is there
    TIMED_OUT,  ///< no answer within engine.timeout, or none expected before the last one arrived
    DOWN,       ///< no engine, or it went away meanwhile, or it broke the channel's rules
};

/// Names one decrypted query to the engine that decrypted it.
struct QueryHandle {
    uint64_t generation = 0;  ///< which start of the engine; a handle means nothing to the next one
    uint16_t worker = 0;      ///< the worker whose memory holds the query's context
    uint64_t handle = 0;
};

/// A datagram that has to do with encryption.
struct ReceiveRequest {
    channel::Mode mode = channel::MODE_OPTIONAL;
    uint32_t interface_index = 0;
    const uint8_t* source = nullptr;  ///< 16 octets: where the datagram came from
    Octets datagram;
    uint64_t spread = 0;  ///< equal for all datagrams that one worker has to get
};

/// What to do with it.
struct Verdict {
    Exchange exchange = Exchange::DOWN;
    channel::Action action = channel::ACTION_DROP;
    channel::CredentialKind credential = channel::CREDENTIAL_NONE;
    /// Name of the statistic's last part: for ACTION_DROP, and for an ACTION_REPLY that tells of a
    /// failure.
    std::string reason;
    QueryHandle query;
    std::string text;                      ///< who the client is, or what was wrong
    std::vector<uint8_t> host_identifier;  ///< for ACTION_REPLACE; may be empty
    std::vector<uint8_t> octets;           ///< for ACTION_REPLACE and ACTION_REPLY
};

/// An answer of Kea's, sealed (or not).
struct Sealed {
    Exchange exchange = Exchange::DOWN;
    channel::Action action = channel::ACTION_DROP;
    std::string reason;           ///< as in Verdict
    std::vector<uint8_t> octets;  ///< for ACTION_REPLACE
};

/// The engine's answer to a control command.
struct CommandAnswer {
    Exchange exchange = Exchange::DOWN;
    std::string json;  ///< {"result", "text", "arguments"}
};

/// May be used by any number of threads at once. No function throws but std::bad_alloc; each
/// returns in bounded time.
class EngineClient {
public:
    virtual ~EngineClient() = default;

    virtual Verdict receive(const ReceiveRequest& request) = 0;

    virtual Sealed seal(const QueryHandle& query, const Octets& answer) = 0;

    /// @param json {"command", "arguments"}
    virtual CommandAnswer command(const std::string& json) = 0;
};

}  // namespace kea_encryption

#endif
