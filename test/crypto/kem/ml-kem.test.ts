// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { mlKemLengths } from '../../../src/crypto/kem/ml-kem';
import { nobleMlKem } from '../../../src/crypto/kem/noble-ml-kem';
import { hasOpensslMlKem, opensslMlKem } from '../../../src/crypto/kem/openssl-ml-kem';
import { codeOf } from '../support/raw-keys';

const q = 3329;

/** An encapsulation key with another coefficient at one of its 768 places. */
function withCoefficient(key: Buffer, place: number, value: number): Buffer {
  const changed = Buffer.from(key);
  const at = Math.floor(place / 2) * 3;
  const two = changed.readUIntLE(at, 3);
  changed.writeUIntLE(place % 2 === 0 ? (two & 0xfff000) | value : (two & 0xfff) | (value << 12), at, 3);
  return changed;
}

describe('FIPS 203 section 7.2 in JavaScript', () => {
  const { publicKey } = nobleMlKem.privateKey(Buffer.alloc(mlKemLengths.seed, 1));

  test.each([0, 1, 2, 383, 766, 767])('coefficient %i is below q', (place) => {
    expect(codeOf(() => nobleMlKem.publicKey(withCoefficient(publicKey, place, q - 1)))).toBe(
      'nothing thrown',
    );
    for (const value of [q, q + 1, 0xfff]) {
      expect(codeOf(() => nobleMlKem.publicKey(withCoefficient(publicKey, place, value)))).toBe(
        'deserialize-failed',
      );
    }
  });

  test('the key has 1184 octets', () => {
    for (const octets of [publicKey.subarray(1), Buffer.concat([publicKey, Buffer.of(0)]), Buffer.alloc(0)]) {
      expect(codeOf(() => nobleMlKem.publicKey(octets))).toBe('deserialize-failed');
    }
  });

  test('rho may be anything', () => {
    const changed = Buffer.from(publicKey).fill(0xff, mlKemLengths.publicKey - 32);
    expect(codeOf(() => nobleMlKem.publicKey(changed))).toBe('nothing thrown');
  });
});

// test/node-versions.sh runs this with OpenSSL 3.5.
(hasOpensslMlKem ? describe : describe.skip)(
  'both implementations give the same octets (needs OpenSSL 3.5: Node.js 24)',
  () => {
    const octets = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

    test('keys, ciphertexts, secrets, and what a spoilt ciphertext gives', () => {
      fc.assert(
        fc.property(
          octets(mlKemLengths.seed),
          octets(mlKemLengths.random),
          fc.nat(mlKemLengths.ciphertext - 1),
          fc.integer({ min: 1, max: 255 }),
          (seed, m, at, change) => {
            const [theirs, ours] = [nobleMlKem.privateKey(seed), opensslMlKem.privateKey(seed)];
            expect(ours.publicKey).toEqual(theirs.publicKey);
            const sealed = nobleMlKem.publicKey(theirs.publicKey).encapsulate(m);
            expect(opensslMlKem.publicKey(theirs.publicKey).encapsulate(m)).toEqual(sealed);
            expect(ours.decapsulate(sealed.ciphertext)).toEqual(sealed.secret);
            expect(theirs.decapsulate(sealed.ciphertext)).toEqual(sealed.secret);
            const spoilt = Buffer.from(sealed.ciphertext);
            spoilt[at]! ^= change;
            const rejected = ours.decapsulate(spoilt);
            expect(rejected).toEqual(theirs.decapsulate(spoilt));
            expect(rejected).not.toEqual(sealed.secret);
          },
        ),
        { numRuns: 200 },
      );
    });

    test('keys that are refused', () => {
      const { publicKey } = opensslMlKem.privateKey(randomBytes(mlKemLengths.seed));
      fc.assert(
        fc.property(fc.nat(767), fc.nat(0xfff), (place, value) => {
          const changed = withCoefficient(publicKey, place, value);
          const expected = value < q ? 'nothing thrown' : 'deserialize-failed';
          expect(codeOf(() => opensslMlKem.publicKey(changed))).toBe(expected);
          expect(codeOf(() => nobleMlKem.publicKey(changed))).toBe(expected);
        }),
        { numRuns: 300 },
      );
    });
  },
);
