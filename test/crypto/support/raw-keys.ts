// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey } from 'node:crypto';
import { RecipientPrivateKey, RecipientPublicKey } from '../../../src/crypto';
import { p256, p384 } from '../../../src/crypto/curve';

export const curveOf = { 'P-256': p256, 'P-384': p384 } as const;
export type CurveName = keyof typeof curveOf;

/** A private key from SerializePrivateKey's and SerializePublicKey's octets (RFC 9180 section 7.1). */
export function rawPrivateKey(crv: CurveName, scalar: Buffer, point: Buffer): RecipientPrivateKey {
  const { Nsk } = curveOf[crv];
  const key = {
    kty: 'EC',
    crv,
    d: scalar.toString('base64url'),
    x: point.subarray(1, 1 + Nsk).toString('base64url'),
    y: point.subarray(1 + Nsk).toString('base64url'),
  };
  return RecipientPrivateKey.fromKeyObject(createPrivateKey({ key, format: 'jwk' }));
}

/** The DER of a SubjectPublicKeyInfo up to its point. */
const spkiPrefix = {
  'P-256': '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  'P-384': '3076301006072a8648ce3d020106052b81040022036200',
} as const;

/** A SubjectPublicKeyInfo around a point. */
export function rawSpki(crv: CurveName, point: Buffer): Buffer {
  return Buffer.concat([Buffer.from(spkiPrefix[crv], 'hex'), point]);
}

export function rawPublicKey(crv: CurveName, point: Buffer): RecipientPublicKey {
  return RecipientPublicKey.fromSpki(rawSpki(crv, point));
}

/** Runs `action` and returns the code of the CryptoError that it must throw. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const { name, code } = error as { name: string; code?: string };
    return name === 'CryptoError' ? String(code) : `${name} instead of a CryptoError`;
  }
  return 'nothing thrown';
}
