// SPDX-License-Identifier: MPL-2.0

import { constants, publicEncrypt } from 'node:crypto';
import { setupBaseR, suiteFor } from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { namedKey } from './support/vectors';

const info = Buffer.from('info');
const key = namedKey('server-RSA-2048');
const { RSA_PKCS1_OAEP_PADDING: oaep, RSA_PKCS1_PADDING: pkcs1 } = constants;

describe('docs/protocol.md 4.2: RSAES-OAEP with SHA-256 and an empty label, 32 octets in it', () => {
  test.each([
    ['31 octets', { padding: oaep, oaepHash: 'sha256' }, 31],
    ['33 octets', { padding: oaep, oaepHash: 'sha256' }, 33],
    ['nothing', { padding: oaep, oaepHash: 'sha256' }, 0],
    ['SHA-1', { padding: oaep, oaepHash: 'sha1' }, 32],
    ['SHA-512', { padding: oaep, oaepHash: 'sha512' }, 32],
    ['a label', { padding: oaep, oaepHash: 'sha256', oaepLabel: Buffer.from('label') }, 32],
    ['PKCS#1 v1.5', { padding: pkcs1 }, 32],
  ])('%s is refused', (_what, options, length) => {
    const enc = publicEncrypt({ key: key.public.publicKey, ...options }, Buffer.alloc(length, 7));
    expect(codeOf(() => setupBaseR(suiteFor('RSA'), enc, key, info))).toBe('decap-failed');
  });

  test('the right one is accepted', () => {
    const options = { padding: oaep, oaepHash: 'sha256' };
    const enc = publicEncrypt({ key: key.public.publicKey, ...options }, Buffer.alloc(32, 7));
    expect(codeOf(() => setupBaseR(suiteFor('RSA'), enc, key, info))).toBe('nothing thrown');
  });
});
