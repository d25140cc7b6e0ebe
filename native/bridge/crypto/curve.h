// SPDX-License-Identifier: MPL-2.0

#pragma once

#include "bridge/arguments.h"
#include "bridge/openssl.h"

#include <napi.h>
#include <openssl/evp.h>

#include <cstdint>
#include <memory>

namespace kea_encryption::bridge {

using KeyPointer = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using KeyContextPointer = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;

/// @brief A curve for Diffie-Hellman.
class Curve {
public:
    virtual ~Curve() = default;
    Curve(const Curve&) = delete;
    Curve& operator=(const Curve&) = delete;

    /// @brief Octets of a field element and of a scalar.
    size_t fieldLength() const {
        return field_length_;
    }
    /// @brief Octets of a point as it is sent.
    size_t pointLength() const {
        return point_length_;
    }

    /// @brief The public key of a point; null where that is none of the curve.
    virtual KeyPointer publicKey(const Octets& point) const = 0;
    /// @param scalar of fieldLength() octets
    /// @param point its public point; null where that is none
    virtual KeyPointer privateKey(const Octets& scalar, const Octets& point) const = 0;
    /// @brief A new key pair; null where that fails.
    KeyPointer freshKey() const;

protected:
    Curve(size_t field_length, size_t point_length)
        : field_length_(field_length), point_length_(point_length) {
    }

private:
    /// A context to generate keys of the curve; null where that fails.
    virtual KeyContextPointer generationContext() const = 0;

    size_t field_length_;
    size_t point_length_;
};

/// A NIST curve, ready for points to be put on it, uncompressed (SEC 1 section 2.3.3). OpenSSL
/// takes long to find its own curve by name, and to copy it hardly any time. One for an
/// environment: OpenSSL does not say that two threads may copy from one key at a time.
class NistCurve final : public Curve {
public:
    /// @param name OpenSSL's
    /// @throw std::runtime_error where OpenSSL has no such curve
    NistCurve(const char* name, size_t field_length);

    /// Both curves have cofactor 1, so a point that is on the curve is a valid key (SP 800-56A
    /// section 5.6.2.3), and nothing is left to be checked.
    KeyPointer publicKey(const Octets& point) const override;
    KeyPointer privateKey(const Octets& scalar, const Octets& point) const override;

private:
    KeyContextPointer generationContext() const override;

    const char* name_;
    KeyPointer parameters_;
};

/// @brief X25519 (RFC 7748). Every string of 32 octets is a public key; what agrees on zeros is
/// found out by agree().
class X25519Curve final : public Curve {
public:
    X25519Curve();

    KeyPointer publicKey(const Octets& point) const override;
    /// @param point not looked at: OpenSSL computes it
    KeyPointer privateKey(const Octets& scalar, const Octets& point) const override;

private:
    KeyContextPointer generationContext() const override;
};

/// @brief Diffie-Hellman (SP 800-56A section 5.7.1.2, RFC 7748 section 6.1): the x coordinate;
/// false where X25519 gives zeros (RFC 9180 section 7.1.4).
/// @param context of the own key, ready to derive; may be used again
/// @param secret of the curve's fieldLength() octets
bool
agree(EVP_PKEY_CTX* context, EVP_PKEY* peer, uint8_t* secret, size_t length);

/// @brief A context of the key that is ready to derive; null if that fails.
KeyContextPointer
agreementContext(EVP_PKEY* key);

}  // namespace kea_encryption::bridge
