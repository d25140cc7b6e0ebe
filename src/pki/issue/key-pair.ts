// SPDX-License-Identifier: MPL-2.0

import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** The keys that certificates are issued for (docs/protocol.md 2). */
export const issuedKeyTypes = ['P-256', 'P-384', 'RSA-2048', 'RSA-3072', 'RSA-4096'] as const;

export type IssuedKeyType = (typeof issuedKeyTypes)[number];

const generate = promisify(generateKeyPair);

export interface KeyPair {
  readonly privateKey: KeyObject;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
}

export async function generateKey(keyType: IssuedKeyType): Promise<KeyPair> {
  const { privateKey, publicKey } =
    keyType === 'P-256' || keyType === 'P-384'
      ? await generate('ec', { namedCurve: keyType })
      : await generate('rsa', { modulusLength: Number(keyType.slice('RSA-'.length)) });
  return { privateKey, spki: publicKey.export({ type: 'spki', format: 'der' }) };
}

/** PKCS#8, without a passphrase. */
export function privateKeyPem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
