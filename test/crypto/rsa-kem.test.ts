// SPDX-License-Identifier: MPL-2.0

import { constants, privateDecrypt, publicEncrypt } from 'node:crypto';
import { setupBaseR, suiteFor } from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { emeOaepEncode } from './support/oaep';
import { hex, namedKey, vectors } from './support/vectors';

const info = Buffer.from('info');
const key = namedKey('server-RSA-2048');
const { RSA_PKCS1_OAEP_PADDING: oaep, RSA_PKCS1_PADDING: pkcs1 } = constants;

describe('docs/protocol.md 9: RSAES-OAEP with SHA-256 and an empty label, 32 octets in it', () => {
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

interface RsaVector {
  readonly recipient: string;
  readonly rsa_s?: string;
  readonly rsa_oaep_seed: string;
  readonly enc: string;
}

const { cases } = vectors('protocol/envelope.json') as { cases: readonly RsaVector[] };

describe.each(cases.filter(({ rsa_s }) => rsa_s !== undefined))(
  'docs/protocol.md 9: to $recipient',
  (vector) => {
    const { public: recipient, privateKey } = namedKey(vector.recipient);

    test('enc is RSAES-OAEP of s under the given seed', () => {
      const encoded = emeOaepEncode(hex(vector.rsa_s!), hex(vector.rsa_oaep_seed), vector.enc.length / 2);
      const raw = { key: recipient.publicKey, padding: constants.RSA_NO_PADDING };
      expect(publicEncrypt(raw, encoded).toString('hex')).toBe(vector.enc);
    });

    test('enc decrypts to s', () => {
      const decrypted = privateDecrypt(
        { key: privateKey, padding: oaep, oaepHash: 'sha256' },
        hex(vector.enc),
      );
      expect(decrypted.toString('hex')).toBe(vector.rsa_s);
    });
  },
);
