// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/path_store.h"

#include "bridge/arguments.h"
#include "bridge/path/path_validation.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace kea_encryption::bridge {

namespace {

/// As far as a time_t and JavaScript's integers go.
constexpr uint64_t MAX_TIME = (uint64_t{1} << 53) - 1;

std::vector<OctetString>
listArgument(const Napi::Value& value, const char* name) {
    if (!value.IsArray()) {
        refuse(value.Env(), name, "must be an array of Buffers");
    }
    const Napi::Array array = value.As<Napi::Array>();
    std::vector<OctetString> list;
    list.reserve(array.Length());
    for (uint32_t i = 0; i < array.Length(); ++i) {
        const Octets octets = octetsArgument(array.Get(i), name);
        list.emplace_back(octets.data, octets.data + octets.length);
    }
    return list;
}

/// The peer's certificates. What the validation refuses for its number or size is not copied whole.
std::vector<OctetString>
chainArgument(const Napi::Value& value) {
    if (!value.IsArray()) {
        refuse(value.Env(), "chain", "must be an array of Buffers");
    }
    const Napi::Array array = value.As<Napi::Array>();
    std::vector<OctetString> chain;
    for (uint32_t i = 0; i < array.Length() && i <= MAX_CERTIFICATES; ++i) {
        const Octets octets = octetsArgument(array.Get(i), "chain");
        chain.emplace_back(octets.data,
                           octets.data + std::min(octets.length, MAX_CERTIFICATE_LENGTH + 1));
    }
    return chain;
}

/// One of the texts that stand for values.
template <typename T>
T
choiceArgument(const Napi::Value& value,
               const char* name,
               std::initializer_list<std::pair<const char*, T>> choices) {
    const std::string given = stringArgument(value, name);
    std::string texts;
    for (const auto& [text, choice] : choices) {
        if (given == text) {
            return choice;
        }
        texts += (texts.empty() ? "" : ", ") + std::string(text);
    }
    refuse(value.Env(), name, "must be one of " + texts + ", not '" + given + "'");
}

bool
flagArgument(const Napi::Object& options, const char* name) {
    const Napi::Value value = options.Get(name);
    if (!value.IsBoolean()) {
        refuse(options.Env(), name, "must be true or false");
    }
    return value.As<Napi::Boolean>().Value();
}

std::vector<std::string>
policiesArgument(const Napi::Value& value) {
    if (!value.IsArray() || value.As<Napi::Array>().Length() == 0) {
        refuse(value.Env(), "policies", "must be an array of at least one object identifier");
    }
    const Napi::Array array = value.As<Napi::Array>();
    std::vector<std::string> policies;
    for (uint32_t i = 0; i < array.Length(); ++i) {
        policies.push_back(stringArgument(array.Get(i), "policies"));
        const ObjectPointer object(OBJ_txt2obj(policies.back().c_str(), 1));
        if (!object) {
            refuse(value.Env(), "policies", "no object identifier: '" + policies.back() + "'");
        }
    }
    return policies;
}

template <typename Element, typename Convert>
Napi::Array
arrayOf(Napi::Env env, const std::vector<Element>& elements, Convert convert) {
    Napi::Array array = Napi::Array::New(env, elements.size());
    for (size_t i = 0; i < elements.size(); ++i) {
        array.Set(static_cast<uint32_t>(i), convert(elements[i]));
    }
    return array;
}

}  // namespace

Napi::Function
PathStore::define(Napi::Env env) {
    return DefineClass(env, "PathStore",
                       {InstanceMethod<&PathStore::verify>("verify"),
                        InstanceMethod<&PathStore::lists>("lists"),
                        InstanceMethod<&PathStore::release>("release")});
}

PathStore::PathStore(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PathStore>(info) {
    TrustMaterial material;
    material.anchors = listArgument(info[0], "anchors");
    material.intermediates = listArgument(info[1], "intermediates");
    material.crls = listArgument(info[2], "crls");
    material.lapsed_crls = listArgument(info[3], "lapsedCrls");
    try {
        store_ = TrustStore::of(material);
    } catch (const MaterialError& error) {
        throw Napi::TypeError::New(info.Env(), error.what());
    }
}

void
PathStore::release(const Napi::CallbackInfo&) {
    store_.reset();
}

Napi::Value
PathStore::verify(const Napi::CallbackInfo& info) {
    requireStore(info.Env());
    PathRequest request;
    request.chain = chainArgument(info[0]);
    const Napi::Object options = objectArgument(info[1], "options");
    request.purpose = choiceArgument<Purpose>(
        options.Get("purpose"), "purpose",
        {{"client", Purpose::CLIENT}, {"server", Purpose::SERVER}, {"any", Purpose::ANY}});
    request.decrypts = flagArgument(options, "decrypts");
    request.time = static_cast<time_t>(unsignedArgument(options.Get("time"), "time", MAX_TIME));
    request.security_level =
        static_cast<int>(unsignedArgument(options.Get("securityLevel"), "securityLevel", 5));
    request.revocation = choiceArgument<Revocation>(
        options.Get("revocation"), "revocation",
        {{"none", Revocation::NONE}, {"listed", Revocation::LISTED}, {"all", Revocation::ALL}});
    request.policies = policiesArgument(options.Get("policies"));
    request.require_explicit_policy = flagArgument(options, "requireExplicitPolicy");
    request.inhibit_policy_mapping = flagArgument(options, "inhibitPolicyMapping");
    request.inhibit_any_policy = flagArgument(options, "inhibitAnyPolicy");
    request.lenient_issuers = flagArgument(options, "lenientIssuers");
    const PathVerdict verdict = validatePath(*store_, request);
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("accepted", verdict.accepted);
    if (!verdict.accepted) {
        result.Set("depth", verdict.depth);
        result.Set("code", ruleName(verdict.rule));
        result.Set("message", verdict.message);
        return result;
    }
    result.Set("path", arrayOf(info.Env(), verdict.path, [&](const CertificateDigest& digest) {
                   return Napi::Buffer<uint8_t>::Copy(info.Env(), digest.data(), digest.size());
               }));
    result.Set("notAfter", static_cast<double>(verdict.not_after));
    result.Set("warnings", arrayOf(info.Env(), verdict.warnings, [&](const std::string& warning) {
                   return Napi::String::New(info.Env(), warning);
               }));
    return result;
}

Napi::Value
PathStore::lists(const Napi::CallbackInfo& info) {
    requireStore(info.Env());
    const Octets octets = octetsArgument(info[0], "certificate");
    CertificateDigest digest;
    if (octets.length != digest.size()) {
        refuse(info.Env(), "certificate",
               "must be a digest of " + std::to_string(digest.size()) + " octets");
    }
    std::copy_n(octets.data, digest.size(), digest.begin());
    return Napi::Boolean::New(info.Env(), store_->lists(digest));
}

void
PathStore::requireStore(Napi::Env env) const {
    if (!store_) {
        throw Napi::Error::New(env, "the store was released");
    }
}

Napi::Value
pathRules(Napi::Env env) {
    Napi::Array names = Napi::Array::New(env, RULES);
    for (size_t i = 0; i < RULES; ++i) {
        names.Set(static_cast<uint32_t>(i), ruleName(static_cast<Rule>(i)));
    }
    return names;
}

}  // namespace kea_encryption::bridge
