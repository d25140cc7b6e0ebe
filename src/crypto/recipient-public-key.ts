// SPDX-License-Identifier: MPL-2.0

import { createPublicKey, type KeyObject } from 'node:crypto';
import { type EcPublicKey, ecPublicKey } from '../bridge';
import { CryptoError } from './errors';
import { dhkemFor, DhkemPublicKey } from './kem/dhkem';
import type { EphemeralInput } from './kem/ephemeral-input';
import type { Encapsulation, EncapsulationKey } from './kem/kem';
import { RsaEncapsulationKey } from './kem/rsa-kem';
import { keyIdentifier } from './key-identifier';
import { type ParsedSpki, parseSpki } from './spki-der';
import type { KeyType } from './suite';

/** A peer's or an own public key, parsed and checked once: for encryption towards it, and for its signatures. */
export class RecipientPublicKey implements EncapsulationKey {
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly keyId: Buffer;
  private readonly encapsulation: EncapsulationKey;

  private constructor(
    /** DER SubjectPublicKeyInfo. */
    readonly spki: Buffer,
    readonly parsed: ParsedSpki,
    /** The key on its curve; undefined if it is RSA. */
    readonly ec: EcPublicKey | undefined,
    private keyObject: KeyObject | undefined,
  ) {
    this.keyId = keyIdentifier(spki);
    this.encapsulation =
      parsed.keyType === 'RSA'
        ? new RsaEncapsulationKey({
            publicKey: this.publicKey,
            keyId: this.keyId,
            modulusLength: parsed.modulusLength,
          })
        : new DhkemPublicKey(dhkemFor(parsed.keyType), parsed.point, ec);
  }

  /**
   * Strict DER (docs/protocol.md 2). The key keeps a view of `spki`: copy it first if its memory is used again.
   * @throws CryptoError `key-malformed` (no DER, not uncompressed), `key-invalid` (not a point of the curve, an
   * impossible RSA key) or `algorithm-not-supported` (another algorithm, curve or size)
   */
  static fromSpki(spki: Buffer): RecipientPublicKey {
    const parsed = parseSpki(spki);
    try {
      return parsed.keyType === 'RSA'
        ? new RecipientPublicKey(spki, parsed, undefined, importRsa(parsed.rsaPublicKey))
        : new RecipientPublicKey(spki, parsed, ecPublicKey(parsed.keyType, parsed.point), undefined);
    } catch (error) {
      throw new CryptoError('key-invalid', `not a ${parsed.keyType} public key`, { cause: error });
    }
  }

  get kemId(): number {
    return this.encapsulation.kemId;
  }

  encap(ephemeral?: EphemeralInput): Encapsulation {
    return this.encapsulation.encap(ephemeral);
  }

  get keyType(): KeyType {
    return this.parsed.keyType;
  }

  /** The key as Node.js has it, which for a key on a curve is made when it is first asked for. */
  get publicKey(): KeyObject {
    this.keyObject ??= createPublicKey({ key: this.spki, format: 'der', type: 'spki' });
    return this.keyObject;
  }
}

/** OpenSSL takes fifty times as long to find out what a SubjectPublicKeyInfo holds as to read the key in it. */
function importRsa(rsaPublicKey: Buffer): KeyObject {
  return createPublicKey({ key: rsaPublicKey, format: 'der', type: 'pkcs1' });
}
