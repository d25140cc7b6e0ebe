// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { RecipientPrivateKey, RecipientPublicKey } from '../../../src/crypto';
import type { ShownCredential, Signer } from '../../../src/protocol';
import { hex, vectors } from '../../crypto/support/vectors';

interface KeyVector {
  readonly private_pem: string;
  readonly spki: string;
  readonly certificate_chain_pem: string;
}

interface EncryptionKeyVector {
  readonly kem_id: number;
  readonly private: string;
  readonly public: string;
  readonly lifetime: number;
}

const file = vectors('protocol/keys.json') as {
  readonly trust_anchor_pem: string;
  readonly keys: Readonly<Record<string, KeyVector>>;
  readonly encryption_keys: Readonly<Record<string, EncryptionKeyVector>>;
};

export const trustAnchor = new X509Certificate(file.trust_anchor_pem);
export const encryptionKeys = file.encryption_keys;

/** Key and certificates of keys.json by their name. */
export function namedSigner(name: string): Signer {
  const { private_pem, certificate_chain_pem } = file.keys[name]!;
  const chain = certificate_chain_pem
    .split(/(?=-----BEGIN)/)
    .map((pem) => Buffer.from(new X509Certificate(pem).raw));
  return { key: RecipientPrivateKey.fromKeyObject(createPrivateKey(private_pem)), chain };
}

export function spkiOf(credential: ShownCredential): Buffer {
  return credential.kind === 'public-key'
    ? credential.spki
    : new X509Certificate(credential.certificates[0]!).publicKey.export({ type: 'spki', format: 'der' });
}

export function keyOf(credential: ShownCredential): RecipientPublicKey {
  return RecipientPublicKey.fromSpki(spkiOf(credential));
}

export function ntp(text: string): bigint {
  return hex(text).readBigUInt64BE();
}
