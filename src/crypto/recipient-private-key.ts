// SPDX-License-Identifier: MPL-2.0

import { createPublicKey, type KeyObject } from 'node:crypto';
import { DerReader, Tag } from '../bridge';
import type { Curve } from './curve';
import { EcPrivate } from './ecdh';
import { CryptoError } from './errors';
import { RecipientPublicKey } from './recipient-public-key';

/** An own key pair: for decryption and for signatures. */
export class RecipientPrivateKey {
  readonly public: RecipientPublicKey;

  private constructor(
    publicKey: RecipientPublicKey,
    readonly privateKey: KeyObject,
    /** For key agreement; undefined if the key is RSA. */
    readonly ec: EcPrivate | undefined,
  ) {
    this.public = publicKey;
  }

  /** @throws CryptoError as `RecipientPublicKey.fromSpki`, and `key-invalid` for a KeyObject that is no private key */
  static fromKeyObject(privateKey: KeyObject): RecipientPrivateKey {
    if (privateKey.type !== 'private') {
      throw new CryptoError('key-invalid', `a ${privateKey.type} key where a private key belongs`);
    }
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const publicKey = RecipientPublicKey.fromSpki(spki);
    const { parsed } = publicKey;
    const ec = parsed.keyType === 'RSA' ? undefined : agreementKey(privateKey, parsed.curve);
    return new RecipientPrivateKey(publicKey, privateKey, ec);
  }
}

function agreementKey(privateKey: KeyObject, curve: Curve): EcPrivate {
  const scalar = scalarOf(privateKey, curve);
  const key = new EcPrivate(curve, scalar);
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
