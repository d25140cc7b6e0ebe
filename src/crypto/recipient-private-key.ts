// SPDX-License-Identifier: MPL-2.0

import { createPublicKey, type KeyObject } from 'node:crypto';
import { DerReader, Tag } from '../bridge';
import type { Curve } from './curve';
import { CryptoError } from './errors';
import { DhkemDecapsulationKey, dhkemFor } from './kem/dhkem';
import type { DecapsulationKey } from './kem/kem';
import { RsaDecapsulationKey } from './kem/rsa-kem';
import { RecipientPublicKey } from './recipient-public-key';

/** Signs with a private key that is elsewhere. */
export interface ExternalSigner {
  readonly command: readonly string[];
  /** @param hash its name as OpenSSL has it @throws CryptoError `signing-failed` */
  sign(hash: string, data: Buffer): Buffer;
  /** The error for a signature that is none. */
  refused(why: string): CryptoError;
}

/** An own key pair: for decryption and for signatures. */
export class RecipientPrivateKey implements DecapsulationKey {
  readonly public: RecipientPublicKey;

  private constructor(
    publicKey: RecipientPublicKey,
    private readonly own: { readonly key: KeyObject; readonly decapsulation: DecapsulationKey } | undefined,
    /** Who signs in place of the key. */
    readonly signer: ExternalSigner | undefined,
  ) {
    this.public = publicKey;
  }

  /** @throws CryptoError `key-invalid` if a program has it */
  get privateKey(): KeyObject {
    return this.present.key;
  }

  get kemId(): number {
    return this.present.decapsulation.kemId;
  }

  private get present(): NonNullable<typeof this.own> {
    if (this.own === undefined) {
      throw new CryptoError('key-invalid', 'a program that signs decrypts nothing');
    }
    return this.own;
  }

  decap(enc: Buffer): Buffer {
    return this.present.decapsulation.decap(enc);
  }

  /**
   * A key that signs, and decrypts nothing.
   * @param spki of its public key, DER
   * @throws CryptoError as `RecipientPublicKey.fromSpki`
   */
  static ofSigner(spki: Buffer, signer: ExternalSigner): RecipientPrivateKey {
    return new RecipientPrivateKey(RecipientPublicKey.fromSpki(spki), undefined, signer);
  }

  /** @throws CryptoError as `RecipientPublicKey.fromSpki`, and `key-invalid` for a KeyObject that is no private key */
  static fromKeyObject(privateKey: KeyObject): RecipientPrivateKey {
    if (privateKey.type !== 'private') {
      throw new CryptoError('key-invalid', `a ${privateKey.type} key where a private key belongs`);
    }
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const publicKey = RecipientPublicKey.fromSpki(spki);
    const { parsed, keyId } = publicKey;
    const decapsulation =
      parsed.keyType === 'RSA'
        ? new RsaDecapsulationKey(privateKey, {
            publicKey: publicKey.publicKey,
            keyId,
            modulusLength: parsed.modulusLength,
          })
        : agreementKey(privateKey, parsed.curve);
    return new RecipientPrivateKey(publicKey, { key: privateKey, decapsulation }, undefined);
  }
}

function agreementKey(privateKey: KeyObject, curve: Curve): DhkemDecapsulationKey {
  const kem = dhkemFor(curve.keyType);
  const scalar = scalarOf(privateKey, curve);
  const key = new DhkemDecapsulationKey(kem, kem.group.keyPair(scalar));
  scalar.fill(0);
  return key;
}

/** privateKey of an ECPrivateKey (RFC 5915 section 3), which is as long as the curve's order. */
function scalarOf(privateKey: KeyObject, curve: Curve): Buffer {
  const der = privateKey.export({ type: 'sec1', format: 'der' });
  const body = DerReader.open(der, Tag.Sequence, 'ECPrivateKey');
  body.element('version', Tag.Integer);
  const scalar = Buffer.from(body.element('privateKey', Tag.OctetString).contents);
  der.fill(0);
  if (scalar.length !== curve.Nsk) {
    throw new CryptoError('key-malformed', `a private key of ${scalar.length} octets on ${curve.keyType}`);
  }
  return scalar;
}
