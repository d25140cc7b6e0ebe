// SPDX-License-Identifier: MPL-2.0

import { createPublicKey, type KeyObject } from 'node:crypto';
import { CryptoError } from './errors';
import { keyIdentifier } from './key-identifier';
import { type ParsedSpki, parseSpki } from './spki-der';
import type { KeyType } from './suite';

/** A peer's or an own public key, parsed and checked once: for encryption towards it, and for its signatures. */
export class RecipientPublicKey {
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly keyId: Buffer;

  private constructor(
    /** DER SubjectPublicKeyInfo. */
    readonly spki: Buffer,
    readonly parsed: ParsedSpki,
    readonly publicKey: KeyObject,
  ) {
    this.keyId = keyIdentifier(spki);
  }

  /**
   * Strict DER (docs/protocol.md 2). The key keeps a view of `spki`: copy it first where its memory is used again.
   *
   * Throws `key-malformed` (no DER, not uncompressed), `key-invalid` (not a point of the curve, an impossible
   * RSA key) or `algorithm-not-supported` (another algorithm, curve or size).
   */
  static fromSpki(spki: Buffer): RecipientPublicKey {
    const parsed = parseSpki(spki);
    return new RecipientPublicKey(spki, parsed, importKey(spki, parsed));
  }

  get keyType(): KeyType {
    return this.parsed.keyType;
  }
}

function importKey(spki: Buffer, parsed: ParsedSpki): KeyObject {
  try {
    // OpenSSL takes long to find out what a SubjectPublicKeyInfo holds: fifty times as long as it reads the same RSA
    // key in an RSAPublicKey. A point of P-256 is imported, and then used for the first time, in two thirds of the time
    // by its coordinates; for P-384 it is the other way round, because its point is checked the slow way then.
    switch (parsed.keyType) {
      case 'RSA':
        return createPublicKey({ key: parsed.rsaPublicKey, format: 'der', type: 'pkcs1' });
      case 'P-256':
        return importCoordinates(parsed.point);
      case 'P-384':
        return createPublicKey({ key: spki, format: 'der', type: 'spki' });
    }
  } catch (error) {
    throw new CryptoError('key-invalid', `not a ${parsed.keyType} public key`, { cause: error });
  }
}

/** @param point uncompressed */
function importCoordinates(point: Buffer): KeyObject {
  const middle = (point.length + 1) / 2;
  const x = point.toString('base64url', 1, middle);
  const y = point.toString('base64url', middle);
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}
