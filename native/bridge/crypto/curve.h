// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_BRIDGE_CRYPTO_CURVE_H
#define KEA_ENCRYPTION_BRIDGE_CRYPTO_CURVE_H

#include "bridge/arguments.h"
#include "bridge/openssl.h"

#include <napi.h>
#include <openssl/evp.h>

#include <cstdint>
#include <memory>

namespace kea_encryption {
namespace bridge {

using KeyPointer = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using KeyContextPointer = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;

/// @brief A NIST curve, ready for points to be put on it.
///
/// OpenSSL takes long to find its own curve by name, and to copy it hardly any time. One for an
/// environment: OpenSSL does not say that two threads may copy from one key at a time.
class Curve {
public:
    /// @param name OpenSSL's
    /// @throw std::runtime_error if OpenSSL has no such curve
    Curve(const char* name, size_t field_length);

    /// @brief Octets of a field element and of a scalar.
    size_t fieldLength() const {
        return field_length_;
    }
    /// @brief Octets of an uncompressed point (SEC 1 section 2.3.3).
    size_t pointLength() const {
        return 1 + 2 * field_length_;
    }

    /// @brief The public key of an uncompressed point; null if that is not on the curve.
    ///
    /// Both curves have cofactor 1, so a point that is on the curve is a valid key (SP 800-56A
    /// section 5.6.2.3), and nothing is left to be checked.
    KeyPointer publicKey(const Octets& point) const;
    /// @param scalar of fieldLength() octets
    /// @param point its public point, uncompressed; null if that is not on the curve
    KeyPointer privateKey(const Octets& scalar, const Octets& point) const;
    KeyPointer freshKey() const;

private:
    const char* name_;
    size_t field_length_;
    KeyPointer parameters_;
};

/// @brief Diffie-Hellman (SP 800-56A section 5.7.1.2): the x coordinate.
/// @param context of the own key, ready to derive; may be used again
/// @param secret of the curve's fieldLength() octets
bool
agree(EVP_PKEY_CTX* context, EVP_PKEY* peer, uint8_t* secret, size_t length);

/// @brief A context of the key that is ready to derive; null if that fails.
KeyContextPointer
agreementContext(EVP_PKEY* key);

}  // namespace bridge
}  // namespace kea_encryption

#endif
