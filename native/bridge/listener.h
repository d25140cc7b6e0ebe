// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/loop_descriptor.h"
#include "channel/descriptor.h"

#include <napi.h>

#include <sys/stat.h>

#include <memory>
#include <string>

namespace kea_encryption::bridge {

/// @brief A listening SEQPACKET socket, for JavaScript.
///
/// It is at a path, which it creates with mode 0660 and removes again when it closes, or is one
/// that somebody else made (systemd). Destruction: loop_descriptor.h; the path goes before step 1.
class Listener final : public Napi::ObjectWrap<Listener>, private LoopDescriptor::Owner {
public:
    static Napi::Function define(Napi::Env env);

    /// @brief new Listener(path | fd, connection), which gets a descriptor, and user and process id
    /// of who has connected
    explicit Listener(const Napi::CallbackInfo& info);
    ~Listener() override;

private:
    Napi::Value close(const Napi::CallbackInfo& info);

    void ready(int events) override;
    void teardown() override;
    void stopped(bool torn_down) override;

    void removePath();

    LoopDescriptor* loop_ = nullptr;
    Napi::FunctionReference connection_;
    std::unique_ptr<Napi::AsyncContext> context_;
    /// @brief Given up for a moment to refuse a connection when descriptors run out, lest the loop
    /// spin.
    Descriptor reserve_;
    std::string path_;
    struct stat created_ = {};
};

}  // namespace kea_encryption::bridge
