// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/openssl.h"

#include <napi.h>
#include <openssl/evp.h>

#include <map>
#include <memory>
#include <string>

namespace kea_encryption::bridge {

/// @brief OpenSSL's AEADs (RFC 5116) and HMAC (RFC 2104), each in one call: the objects that
/// node:crypto makes for one message cost more than the work.
///
/// What an environment has looked up of them is kept here.
class Symmetric {
public:
    /// @brief null if OpenSSL has no such cipher
    const EVP_CIPHER* cipher(const std::string& name);
    /// @brief HMAC with a hash function, still without a key; null if OpenSSL has no such function
    const EVP_MAC_CTX* hmac(const std::string& hash);

private:
    std::map<std::string, std::unique_ptr<EVP_CIPHER, Release<EVP_CIPHER, EVP_CIPHER_free>>>
        ciphers_;
    std::map<std::string, std::unique_ptr<EVP_MAC_CTX, Release<EVP_MAC_CTX, EVP_MAC_CTX_free>>>
        hmacs_;
};

/// @brief sealAead(cipher, key, nonce, aad, plaintext, out): writes the ciphertext and its tag of
/// 16 octets.
void
sealAead(const Napi::CallbackInfo& info);

/// @brief openAead(cipher, key, nonce, aad, ciphertext, out): writes the plaintext and tells
/// whether the tag verifies; if it does not, `out` holds zeros.
Napi::Value
openAead(const Napi::CallbackInfo& info);

/// @brief hmac(hash, key, data, out): writes the code, which is as long as the hash.
void
hmac(const Napi::CallbackInfo& info);

}  // namespace kea_encryption::bridge
