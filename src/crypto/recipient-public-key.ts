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
    // OpenSSL reads an RSAPublicKey about fifty times as fast as the same key in a SubjectPublicKeyInfo.
    return parsed.keyType === 'RSA'
      ? createPublicKey({ key: parsed.rsaPublicKey, format: 'der', type: 'pkcs1' })
      : createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch (error) {
    throw new CryptoError('key-invalid', `not a ${parsed.keyType} public key`, { cause: error });
  }
}
