// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { hasMlKem, mlKemPrivateKey, mlKemPublicKey } from '../../src/bridge';

const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
const isThere = major > 3 || (major === 3 && minor >= 5);

/** Errors of OpenSSL that stay behind would be taken for errors of Node.js. */
function expectNoErrorLeft(): void {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  expect(createPrivateKey(pem).type).toBe('private');
}

test('ML-KEM is there with OpenSSL 3.5 and later', () => {
  expect(hasMlKem()).toBe(isThere);
  expectNoErrorLeft();
});

const seed = Buffer.alloc(64, 1);
const m = Buffer.alloc(32, 2);

(isThere ? test.skip : test)('without it there are no keys (needs OpenSSL before 3.5)', () => {
  expect(() => mlKemPrivateKey(seed)).toThrow('no key pair');
  expect(() => mlKemPublicKey(Buffer.alloc(1184))).toThrow('not an encapsulation key');
  expectNoErrorLeft();
});

(isThere ? describe : describe.skip)('ML-KEM-768 of OpenSSL (needs OpenSSL 3.5: Node.js 24)', () => {
  test('encapsulates and decapsulates, the same from the same octets', () => {
    const key = mlKemPrivateKey(seed);
    const publicKey = mlKemPublicKey(key.publicKey());
    const both = publicKey.encapsulate(m);
    expect(both).toHaveLength(1088 + 32);
    expect(publicKey.encapsulate(m)).toEqual(both);
    expect(key.decapsulate(both.subarray(0, 1088))).toEqual(both.subarray(1088));
    expect(key.decapsulate(Buffer.alloc(1088))).toHaveLength(32);
    expect(publicKey.encapsulate(Buffer.alloc(32, 3))).not.toEqual(both);
  });

  test('refuses other lengths, and coefficients that are not reduced (FIPS 203 section 7.2)', () => {
    const key = mlKemPrivateKey(seed);
    const publicKey = key.publicKey();
    const spoilt = Buffer.from(publicKey);
    spoilt.writeUInt16LE(0xffff, 0);
    for (const octets of [spoilt, publicKey.subarray(1), Buffer.concat([publicKey, m]), Buffer.alloc(0)]) {
      expect(() => mlKemPublicKey(octets)).toThrow('not an encapsulation key');
    }
    expect(() => mlKemPrivateKey(m)).toThrow(/^seed: /);
    expect(() => mlKemPublicKey(publicKey).encapsulate(seed)).toThrow(/^m: /);
    expect(key.decapsulate(Buffer.alloc(1087))).toBeUndefined();
    expect(key.decapsulate(Buffer.alloc(0))).toBeUndefined();
    expectNoErrorLeft();
  });

  test('does nothing any more once it was released', () => {
    const key = mlKemPrivateKey(seed);
    key.release();
    key.release();
    expect(() => key.publicKey()).toThrow('released');
    expect(() => key.decapsulate(Buffer.alloc(1088))).toThrow('released');
  });
});
