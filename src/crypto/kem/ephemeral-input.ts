// SPDX-License-Identifier: MPL-2.0

import { CryptoError } from '../errors';

/** For DHKEM: the input of DeriveKeyPair (RFC 9180 section 7.1.3) that gives the ephemeral key pair. */
export interface EphemeralKeyMaterial {
  readonly ikmE: Buffer;
}

/** For RSA: the secret, and its encapsulation, because OpenSSL takes no seed for OAEP. */
export interface EphemeralSecret {
  readonly s: Buffer;
  readonly enc: Buffer;
}

/** For X-Wing: the 64 octets of its draft's EncapsulateDerand. */
export interface EphemeralSeed {
  readonly eseed: Buffer;
}

/**
 * The random input of an encapsulation, given to reproduce known answers. Without it the system's random
 * numbers are used. Using one twice towards one recipient repeats AEAD nonces.
 */
export type EphemeralInput = EphemeralKeyMaterial | EphemeralSecret | EphemeralSeed;

/** @throws CryptoError `ephemeral-input-invalid` for the input of another KEM */
export function ephemeralKeyMaterial(input: EphemeralInput): Buffer {
  if (!('ikmE' in input)) {
    throw new CryptoError('ephemeral-input-invalid', 'DHKEM takes ikmE');
  }
  return input.ikmE;
}

/** @throws CryptoError `ephemeral-input-invalid` for the input of another KEM */
export function ephemeralSecret(input: EphemeralInput): EphemeralSecret {
  if (!('s' in input)) {
    throw new CryptoError('ephemeral-input-invalid', 'the RSA KEM takes s and enc');
  }
  return input;
}

/** @throws CryptoError `ephemeral-input-invalid` for the input of another KEM, or of another length */
export function ephemeralSeed(input: EphemeralInput, length: number): Buffer {
  if (!('eseed' in input) || input.eseed.length !== length) {
    throw new CryptoError('ephemeral-input-invalid', `X-Wing takes an eseed of ${length} octets`);
  }
  return input.eseed;
}
