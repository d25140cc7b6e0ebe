// SPDX-License-Identifier: MPL-2.0

#include "bridge/arguments.h"

#include <uv.h>

#include <cmath>

namespace kea_encryption::bridge {

void
refuse(Napi::Env env, const char* name, const std::string& reason) {
    throw Napi::TypeError::New(env, std::string(name) + ": " + reason);
}

void
refuseErrno(Napi::Env env, const std::string& what, int error) {
    const int code = uv_translate_sys_error(error);
    Napi::Error failure = Napi::Error::New(env, what + ": " + uv_strerror(code));
    failure.Set("code", Napi::String::New(env, uv_err_name(code)));
    throw failure;
}

uint64_t
unsignedArgument(const Napi::Value& value, const char* name, uint64_t max) {
    if (value.IsNumber()) {
        const double number = value.As<Napi::Number>().DoubleValue();
        if (number >= 0 && number <= static_cast<double>(max) && number == std::floor(number)) {
            return static_cast<uint64_t>(number);
        }
    }
    refuse(value.Env(), name, "must be an integer from 0 to " + std::to_string(max));
}

std::string
stringArgument(const Napi::Value& value, const char* name) {
    if (!value.IsString()) {
        refuse(value.Env(), name, "must be a string");
    }
    return value.As<Napi::String>().Utf8Value();
}

Napi::Object
objectArgument(const Napi::Value& value, const char* name) {
    if (!value.IsObject()) {
        refuse(value.Env(), name, "must be an object");
    }
    return value.As<Napi::Object>();
}

Napi::Function
functionArgument(const Napi::Value& value, const char* name) {
    if (!value.IsFunction()) {
        refuse(value.Env(), name, "must be a function");
    }
    return value.As<Napi::Function>();
}

Octets
octetsArgument(const Napi::Value& value, const char* name) {
    void* data = nullptr;
    size_t length = 0;
    bool is_buffer = false;
    if (napi_is_buffer(value.Env(), value, &is_buffer) != napi_ok || !is_buffer ||
        napi_get_buffer_info(value.Env(), value, &data, &length) != napi_ok) {
        refuse(value.Env(), name, "must be a Buffer");
    }
    return {static_cast<const uint8_t*>(data), length};
}

bool
isGiven(const Napi::Value& value) {
    return !value.IsEmpty() && !value.IsUndefined();
}

}  // namespace kea_encryption::bridge
