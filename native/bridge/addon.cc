// SPDX-License-Identifier: MPL-2.0

#include "bridge/crypto/ec_keys.h"
#include "bridge/crypto/ml_kem.h"
#include "bridge/crypto/symmetric.h"
#include "bridge/descriptor.h"
#include "bridge/endpoint.h"
#include "bridge/environment.h"
#include "bridge/listener.h"
#include "bridge/path/canonical_name.h"
#include "bridge/path/der.h"
#include "bridge/path/path_store.h"
#include "bridge/process.h"
#include "channel/frame.h"

#include <napi.h>

#include <initializer_list>

namespace {

using namespace kea_encryption::bridge;
namespace channel = kea_encryption::channel;

/// The Buffer that the offsets given to an Endpoint's handlers refer to.
Napi::Value
slab(const Napi::CallbackInfo& info) {
    return Environment::of(info.Env()).slab(info.Env()).buffer();
}

struct Code {
    const char* name;
    uint32_t value;
};

/// Numbers of the frame layout under the names that src/bridge has for them.
Napi::Object
codes(Napi::Env env, std::initializer_list<Code> list) {
    Napi::Object object = Napi::Object::New(env);
    for (const Code& code : list) {
        object.Set(code.name, Napi::Number::New(env, code.value));
    }
    object.Freeze();
    return object;
}

/// The exports are typed in src/bridge/native.ts.
Napi::Object
load(Napi::Env env, Napi::Object exports) {
    env.SetInstanceData(new Environment);
    exports.Set("Endpoint", Endpoint::define(env));
    exports.Set("Listener", Listener::define(env));
    exports.Set("PathStore", PathStore::define(env));
    exports.Set("EcPublicKey", EcPublicKey::define(env));
    exports.Set("EcPrivateKey", EcPrivateKey::define(env));
    exports.Set("hasMlKem", Napi::Function::New<hasMlKem>(env, "hasMlKem"));
    exports.Set("MlKemPublicKey", MlKemPublicKey::define(env));
    exports.Set("MlKemPrivateKey", MlKemPrivateKey::define(env));
    exports.Set("sealAead", Napi::Function::New<sealAead>(env, "sealAead"));
    exports.Set("openAead", Napi::Function::New<openAead>(env, "openAead"));
    exports.Set("hmac", Napi::Function::New<hmac>(env, "hmac"));
    exports.Set("derProblem", Napi::Function::New<derProblem>(env, "derProblem"));
    exports.Set("pathRules", pathRules(env));
    exports.Set("canonicalName", Napi::Function::New<canonicalName>(env, "canonicalName"));
    exports.Set("slab", Napi::Function::New<slab>(env, "slab"));
    exports.Set("actions", codes(env, {{"drop", channel::ACTION_DROP},
                                       {"replace", channel::ACTION_REPLACE},
                                       {"reply", channel::ACTION_REPLY}}));
    exports.Set("statuses", codes(env, {{"accepted", channel::CONFIGURED_ACCEPTED},
                                        {"refused", channel::CONFIGURED_REFUSED}}));
    exports.Set("reasons", codes(env, {{"none", channel::NO_REASON}}));
    exports.Set("closeDescriptor", Napi::Function::New<closeDescriptor>(env, "closeDescriptor"));
    exports.Set("userId", Napi::Function::New<userId>(env, "userId"));
    exports.Set("forbidCoreDumps", Napi::Function::New<forbidCoreDumps>(env, "forbidCoreDumps"));
    exports.Set("lockDescriptor", Napi::Function::New<lockDescriptor>(env, "lockDescriptor"));
    return exports;
}

}  // namespace

NODE_API_MODULE(kea_hooks_bridge, load)
