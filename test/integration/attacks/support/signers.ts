// SPDX-License-Identifier: MPL-2.0
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { RecipientPrivateKey } from '../../../../src/crypto';
import { type Authority, type CertificateRequest, EndEntity, issueCertificate } from '../../../../src/pki';
import type { Signer } from '../../../../src/protocol';

export function privateKey(key: KeyObject = newKey()): RecipientPrivateKey {
  return RecipientPrivateKey.fromKeyObject(key);
}

export function newKey(namedCurve = 'P-256'): KeyObject {
  return generateKeyPairSync('ec', { namedCurve }).privateKey;
}

/** Somebody with a bare public key. */
export function stranger(): Signer {
  return { key: privateKey(), chain: [] };
}

let members = 0;

/** Somebody with a certificate: of a client, with a new key and a new name, unless `changes` says otherwise. */
export async function member(
  authority: Authority,
  changes: Partial<CertificateRequest> = {},
): Promise<Signer> {
  members += 1;
  const issued = await issueCertificate({
    authority,
    purpose: 'client',
    subject: `CN=client ${members}`,
    dns: [`client-${members}.example.net`],
    key: 'P-256',
    days: 30,
    now: Date.now(),
    ...changes,
  });
  const key = issued.privateKeyPem === undefined ? newKey() : createPrivateKey(issued.privateKeyPem);
  return { key: privateKey(key), chain: [issued.certificate] };
}

/** The same of an authority that is no trust anchor: the client shows its certificate too. */
export async function memberBelow(authority: Authority): Promise<Signer> {
  const { key, chain } = await member(authority);
  return { key, chain: [...chain, ...authority.chain] };
}

export function serialOf(signer: Signer): string {
  return EndEntity.parse(signer.chain[0] ?? Buffer.alloc(0)).serial;
}
