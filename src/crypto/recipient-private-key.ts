// SPDX-License-Identifier: MPL-2.0

import { createPublicKey, type KeyObject } from 'node:crypto';
import { DerReader, Tag } from '../bridge';
import type { Curve } from './curve';
import { CryptoError } from './errors';
import { DhkemDecapsulationKey, dhkemFor } from './kem/dhkem';
import type { DecapsulationKey } from './kem/kem';
import { RsaDecapsulationKey } from './kem/rsa-kem';
import { RecipientPublicKey } from './recipient-public-key';

/** An own key pair: for decryption and for signatures. */
export class RecipientPrivateKey implements DecapsulationKey {
  readonly public: RecipientPublicKey;

  private constructor(
    publicKey: RecipientPublicKey,
    readonly privateKey: KeyObject,
    private readonly decapsulation: DecapsulationKey,
  ) {
    this.public = publicKey;
  }

  get kemId(): number {
    return this.decapsulation.kemId;
  }

  decap(enc: Buffer): Buffer {
    return this.decapsulation.decap(enc);
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
    return new RecipientPrivateKey(publicKey, privateKey, decapsulation);
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
