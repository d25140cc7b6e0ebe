// SPDX-License-Identifier: MPL-2.0

import { native, type NativeCurve, type NativeEcPrivateKey, type NativeEcPublicKey } from './native';

/** A point on a curve, checked to be one: for signatures, and for agreements of fresh key pairs with it. */
export type EcPublicKey = NativeEcPublicKey;

/** A scalar and its point, for agreements with points as they come. */
export type EcPrivateKey = NativeEcPrivateKey;

/**
 * @param point of a NIST curve, uncompressed (SEC 1 section 2.3.3), or of X25519 (RFC 7748)
 * @throws Error where it is none of the curve
 */
export function ecPublicKey(curve: NativeCurve, point: Buffer): EcPublicKey {
  return new native.EcPublicKey(curve, point);
}

/**
 * @param scalar as long as the curve's order; copied
 * @param point its public point, uncompressed: that the two belong together is not checked
 * @throws Error if the point is not on the curve
 */
export function ecPrivateKey(curve: 'P-256' | 'P-384', scalar: Buffer, point: Buffer): EcPrivateKey {
  return new native.EcPrivateKey(curve, scalar, point);
}

/**
 * @param scalar 32 octets as they come (RFC 7748 section 5 clamps them); copied
 * @throws Error where it has another length
 */
export function x25519PrivateKey(scalar: Buffer): EcPrivateKey {
  return new native.EcPrivateKey('X25519', scalar);
}
