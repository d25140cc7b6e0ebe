// SPDX-License-Identifier: MPL-2.0
import { createHash } from 'node:crypto';
import type { ClientIdentity } from '../../../../src/engine/key-table/client-identity';

export const start = Date.UTC(2026, 0, 1);

export function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A client with a bare key; the octets of its key are as good as any here. */
export function bareClient(name: string, spkiLength = 91): ClientIdentity {
  const spki = Buffer.alloc(spkiLength, digest(name));
  return {
    keyId: digest(`key ${name}`),
    spki,
    kind: 'public-key',
    certified: undefined,
    notAfter: undefined,
    text: `key ${name}`,
  };
}

/** A client with a certificate for `subject`. */
export function certifiedClient(name: string, subject: string, issuer = 'CA'): ClientIdentity {
  return {
    ...bareClient(name),
    kind: 'certificate',
    certified: { issuer: digest(issuer), names: digest(subject) },
    notAfter: start + 86_400_000,
    text: `CN=${subject}`,
  };
}

export function duid(name: string): Buffer {
  return Buffer.concat([Buffer.from('0001000100000000', 'hex'), digest(name).subarray(0, 6)]);
}
