// SPDX-License-Identifier: MPL-2.0

#include "bridge/crypto/symmetric.h"

#include "bridge/arguments.h"
#include "bridge/environment.h"
#include "bridge/openssl.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include <climits>

namespace kea_encryption::bridge {

namespace {

constexpr size_t TAG_LENGTH = 16;
constexpr size_t NONCE_LENGTH = 12;

struct Freed {
    void operator()(EVP_CIPHER_CTX* context) const {
        EVP_CIPHER_CTX_free(context);
    }
    void operator()(EVP_MAC_CTX* context) const {
        EVP_MAC_CTX_free(context);
    }
};
using CipherContextPointer = std::unique_ptr<EVP_CIPHER_CTX, Freed>;
using MacContextPointer = std::unique_ptr<EVP_MAC_CTX, Freed>;

/// A Buffer to write to.
struct Target {
    uint8_t* data;
    size_t length;
};

Target
targetArgument(const Napi::Value& value, size_t length) {
    const Octets octets = octetsArgument(value, "out");
    if (octets.length != length) {
        refuse(value.Env(), "out", "must have " + std::to_string(length) + " octets");
    }
    return {const_cast<uint8_t*>(octets.data), octets.length};
}

/// The arguments that sealing and opening have in common.
struct Message {
    explicit Message(const Napi::CallbackInfo& info)
        : key(octetsArgument(info[1], "key")), nonce(octetsArgument(info[2], "nonce")),
          aad(octetsArgument(info[3], "aad")), input(octetsArgument(info[4], "input")) {
        const std::string name = stringArgument(info[0], "cipher");
        cipher = Environment::of(info.Env()).symmetric().cipher(name);
        if (cipher == nullptr || (EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER) == 0) {
            refuse(info.Env(), "cipher", "must be an AEAD, not '" + name + "'");
        }
        if (key.length != static_cast<size_t>(EVP_CIPHER_get_key_length(cipher))) {
            refuse(info.Env(), "key", "must be as long as the cipher's");
        }
        if (nonce.length != NONCE_LENGTH) {
            refuse(info.Env(), "nonce", "must have 12 octets");
        }
        if (aad.length > INT_MAX || input.length > INT_MAX - TAG_LENGTH) {
            refuse(info.Env(), "input", "must be shorter");
        }
    }

    const EVP_CIPHER* cipher;
    Octets key;
    Octets nonce;
    Octets aad;
    Octets input;
};

/// @param tag to be verified, or filled in
/// @return whether it was done, and the tag verifies
bool
crypt(const Message& message, bool encrypt, size_t length, uint8_t* out, uint8_t* tag) {
    const ErrorQueueMark mark;
    const CipherContextPointer context(EVP_CIPHER_CTX_new());
    int written = 0;
    if (!context ||
        EVP_CipherInit_ex2(context.get(), message.cipher, message.key.data, message.nonce.data,
                           encrypt ? 1 : 0, nullptr) != 1 ||
        (!encrypt &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, TAG_LENGTH, tag) != 1) ||
        EVP_CipherUpdate(context.get(), nullptr, &written, message.aad.data,
                         static_cast<int>(message.aad.length)) != 1 ||
        EVP_CipherUpdate(context.get(), out, &written, message.input.data,
                         static_cast<int>(length)) != 1 ||
        written != static_cast<int>(length)) {
        return false;
    }
    uint8_t rest[EVP_MAX_BLOCK_LENGTH];
    return EVP_CipherFinal_ex(context.get(), rest, &written) == 1 &&
           (!encrypt ||
            EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, TAG_LENGTH, tag) == 1);
}

}  // namespace

const EVP_CIPHER*
Symmetric::cipher(const std::string& name) {
    const auto found = ciphers_.find(name);
    if (found != ciphers_.end()) {
        return found->second.get();
    }
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name.c_str(), nullptr);
    if (cipher != nullptr) {
        ciphers_[name].reset(cipher);
    }
    return cipher;
}

const EVP_MAC_CTX*
Symmetric::hmac(const std::string& hash) {
    const auto found = hmacs_.find(hash);
    if (found != hmacs_.end()) {
        return found->second.get();
    }
    EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    MacContextPointer context(algorithm == nullptr ? nullptr : EVP_MAC_CTX_new(algorithm));
    EVP_MAC_free(algorithm);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(hash.c_str()), 0),
        OSSL_PARAM_construct_end()};
    if (!context || EVP_MAC_CTX_set_params(context.get(), parameters) != 1) {
        return nullptr;
    }
    auto& kept = hmacs_[hash];
    kept.reset(context.release());
    return kept.get();
}

void
sealAead(const Napi::CallbackInfo& info) {
    const Message message(info);
    const size_t length = message.input.length;
    const Target out = targetArgument(info[5], length + TAG_LENGTH);
    if (!crypt(message, true, length, out.data, out.data + length)) {
        throw Napi::Error::New(info.Env(), "the cipher failed");
    }
}

Napi::Value
openAead(const Napi::CallbackInfo& info) {
    const Message message(info);
    if (message.input.length < TAG_LENGTH) {
        refuse(info.Env(), "input", "must have room for the tag");
    }
    const size_t length = message.input.length - TAG_LENGTH;
    const Target out = targetArgument(info[5], length);
    const bool verified =
        crypt(message, false, length, out.data, const_cast<uint8_t*>(message.input.data) + length);
    if (!verified) {
        OPENSSL_cleanse(out.data, out.length);
    }
    return Napi::Boolean::New(info.Env(), verified);
}

void
hmac(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    const std::string hash = stringArgument(info[0], "hash");
    const Octets key = octetsArgument(info[1], "key");
    const Octets data = octetsArgument(info[2], "data");
    const EVP_MAC_CTX* unkeyed = Environment::of(info.Env()).symmetric().hmac(hash);
    if (unkeyed == nullptr) {
        refuse(info.Env(), "hash", "must be a hash function, not '" + hash + "'");
    }
    // A copy, so that nothing of the key stays.
    const MacContextPointer context(EVP_MAC_CTX_dup(unkeyed));
    // Without a pointer OpenSSL would take the key for one that is not given.
    static const uint8_t NO_KEY[1] = {};
    if (!context || EVP_MAC_init(context.get(), key.length == 0 ? NO_KEY : key.data, key.length,
                                 nullptr) != 1) {
        throw Napi::Error::New(info.Env(), "HMAC failed");
    }
    const Target out = targetArgument(info[3], EVP_MAC_CTX_get_mac_size(context.get()));
    size_t written = 0;
    if (EVP_MAC_update(context.get(), data.data, data.length) != 1 ||
        EVP_MAC_final(context.get(), out.data, &written, out.length) != 1 ||
        written != out.length) {
        throw Napi::Error::New(info.Env(), "HMAC failed");
    }
}

}  // namespace kea_encryption::bridge
