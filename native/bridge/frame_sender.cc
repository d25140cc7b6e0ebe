// SPDX-License-Identifier: MPL-2.0

#include "bridge/arguments.h"
#include "bridge/endpoint.h"
#include "channel/frame.h"

#include <cstring>
#include <string>

namespace kea_encryption::bridge {

namespace {

constexpr uint64_t MAX_SAFE_INTEGER = (uint64_t{1} << 53) - 1;

/// One frame that is put together from where its parts lie, without a copy.
class Parts {
public:
    /// `head`: the header and the fixed fields.
    Parts(uint8_t* head, size_t length, channel::Kind kind, uint32_t id) : length_(length) {
        channel::putHeader(head, kind, id);
        parts_[0] = {head, length};
    }

    void add(Napi::Env env, const char* name, const void* octets, size_t length) {
        if (count_ == MAX_PARTS) {
            refuse(env, name, "must be at most " + std::to_string(MAX_PARTS - 2) + " Buffers");
        }
        length_ += length;
        if (length_ > channel::MAX_FRAME_LENGTH) {
            refuse(env, name,
                   "makes a frame of " + std::to_string(length_) + " octets, more than " +
                       std::to_string(channel::MAX_FRAME_LENGTH));
        }
        parts_[count_] = {const_cast<void*>(octets), length};
        ++count_;
    }

    /// A Buffer, an array of them, or undefined for none.
    void addOctets(const Napi::Value& value, const char* name) {
        if (!isGiven(value)) {
            return;
        }
        if (!value.IsArray()) {
            const Octets octets = octetsArgument(value, name);
            add(value.Env(), name, octets.data, octets.length);
            return;
        }
        const Napi::Array pieces = value.As<Napi::Array>();
        for (uint32_t i = 0; i < pieces.Length(); ++i) {
            const Octets octets = octetsArgument(pieces.Get(i), name);
            add(value.Env(), name, octets.data, octets.length);
        }
    }

    const struct iovec* parts() const {
        return parts_;
    }
    size_t count() const {
        return count_;
    }

private:
    static constexpr size_t MAX_PARTS = 34;

    struct iovec parts_[MAX_PARTS];
    size_t count_ = 1;
    size_t length_;
};

uint32_t
idArgument(const Napi::Value& value) {
    return static_cast<uint32_t>(unsignedArgument(value, "id", UINT32_MAX));
}

uint8_t
octetArgument(const Napi::Value& value, const char* name, uint8_t max) {
    return static_cast<uint8_t>(unsignedArgument(value, name, max));
}

}  // namespace

// (id, status, text)
Napi::Value
Endpoint::sendConfigured(const Napi::CallbackInfo& info) {
    uint8_t head[channel::CONFIGURED_TEXT];
    Parts frame(head, sizeof(head), channel::CONFIGURED, idArgument(info[0]));
    head[channel::CONFIGURED_STATUS] =
        octetArgument(info[1], "status", channel::CONFIGURED_REFUSED);
    const std::string text = stringArgument(info[2], "text");
    frame.add(info.Env(), "text", text.data(), text.size());
    return Napi::Boolean::New(info.Env(), send(frame.parts(), frame.count(), true));
}

// (id, text)
Napi::Value
Endpoint::sendAnswer(const Napi::CallbackInfo& info) {
    uint8_t head[channel::HEADER_LENGTH];
    Parts frame(head, sizeof(head), channel::ANSWER, idArgument(info[0]));
    const std::string text = stringArgument(info[1], "text");
    frame.add(info.Env(), "text", text.data(), text.size());
    return Napi::Boolean::New(info.Env(), send(frame.parts(), frame.count(), true));
}

// (severity, text): a log line may be lost
Napi::Value
Endpoint::sendLog(const Napi::CallbackInfo& info) {
    uint8_t head[channel::LOG_TEXT];
    Parts frame(head, sizeof(head), channel::LOG, 0);
    head[channel::LOG_SEVERITY] = octetArgument(info[0], "severity", channel::SEVERITY_ERROR);
    const std::string text = stringArgument(info[1], "text");
    frame.add(info.Env(), "text", text.data(), text.size());
    return Napi::Boolean::New(info.Env(), send(frame.parts(), frame.count(), false));
}

// (id, action, credential, reason, handle, text, octets?, hostIdentifier?, sender?)
Napi::Value
Endpoint::sendVerdict(const Napi::CallbackInfo& info) {
    uint8_t head[channel::VERDICT_TEXT];
    Parts frame(head, sizeof(head), channel::VERDICT, idArgument(info[0]));
    head[channel::VERDICT_ACTION] = octetArgument(info[1], "action", channel::ACTION_REPLY);
    head[channel::VERDICT_CREDENTIAL] =
        octetArgument(info[2], "credential", channel::CREDENTIAL_UNPROVEN);
    channel::putUint16(head + channel::VERDICT_REASON,
                       static_cast<uint16_t>(unsignedArgument(info[3], "reason", UINT16_MAX)));
    channel::putUint64(head + channel::VERDICT_HANDLE,
                       unsignedArgument(info[4], "handle", MAX_SAFE_INTEGER));
    const std::string text = stringArgument(info[5], "text");
    if (text.size() > UINT16_MAX) {
        refuse(info.Env(), "text", "must be at most 65535 octets");
    }
    channel::putUint16(head + channel::VERDICT_TEXT_LENGTH, static_cast<uint16_t>(text.size()));
    frame.add(info.Env(), "text", text.data(), text.size());
    channel::putUint16(head + channel::VERDICT_HOST_IDENTIFIER_LENGTH, 0);
    if (isGiven(info[7])) {
        const Octets identifier = octetsArgument(info[7], "hostIdentifier");
        if (identifier.length > channel::MAX_HOST_IDENTIFIER) {
            refuse(info.Env(), "hostIdentifier", "must be at most 255 octets");
        }
        channel::putUint16(head + channel::VERDICT_HOST_IDENTIFIER_LENGTH,
                           static_cast<uint16_t>(identifier.length));
        frame.addOctets(info[7], "hostIdentifier");
    }
    std::memset(head + channel::VERDICT_SENDER, 0, channel::SENDER_LENGTH);
    if (isGiven(info[8])) {
        const Octets sender = octetsArgument(info[8], "sender");
        if (sender.length != channel::SENDER_LENGTH) {
            refuse(info.Env(), "sender",
                   "must be " + std::to_string(channel::SENDER_LENGTH) + " octets");
        }
        std::memcpy(head + channel::VERDICT_SENDER, sender.data, sender.length);
    }
    frame.addOctets(info[6], "octets");
    return Napi::Boolean::New(info.Env(), send(frame.parts(), frame.count(), false));
}

}  // namespace kea_encryption::bridge
