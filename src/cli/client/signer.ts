// SPDX-License-Identifier: MPL-2.0

import { generateKeyPairSync } from 'node:crypto';
import { RecipientPrivateKey } from '../../crypto';
import { loadIdentity, privateKeyExposure, readPrivateKey } from '../../pki';
import type { Signer } from '../../protocol';
import type { ClientOptions } from './options';

/** The client's own key, and its certificates where it shows any. @throws PkiError */
export function loadSigner({ certificate, privateKey: file }: ClientOptions): Signer {
  const exposure = privateKeyExposure(file);
  if (exposure !== undefined) {
    process.stderr.write(`kea-encryption: ${exposure}\n`);
  }
  if (certificate === undefined) {
    return { key: RecipientPrivateKey.fromKeyObject(readPrivateKey(file)), chain: [] };
  }
  const identity = loadIdentity({ certificate, privateKey: file, purpose: 'client', now: Date.now() });
  return { key: identity.privateKey, chain: identity.chain };
}

/** docs/protocol.md 4.3: a key that nobody has seen before says nothing about the client. */
export function freshSigner(): Signer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { key: RecipientPrivateKey.fromKeyObject(privateKey), chain: [] };
}
