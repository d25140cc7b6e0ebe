// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { createCipheriv, createHmac, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { aeadDecrypt, aeadEncrypt, hmac } from '../../src/bridge';

const nonce = randomBytes(12);
const aad = randomBytes(40);

/** Sealed by Node.js. */
function expected(
  name: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305',
  key: Buffer,
  aad: Buffer,
  text: Buffer,
): Buffer {
  const options = { authTagLength: 16 };
  const cipher =
    name === 'chacha20-poly1305'
      ? createCipheriv(name, key, nonce, options)
      : createCipheriv(name, key, nonce, options);
  cipher.setAAD(aad, { plaintextLength: text.length });
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

describe.each([
  ['aes-128-gcm', 16],
  ['aes-256-gcm', 32],
  ['chacha20-poly1305', 32],
] as const)('%s', (name, keyLength) => {
  const key = randomBytes(keyLength);

  test.each([0, 1, 15, 16, 17, 256, 1500, 65_535])('seals and opens %d octets as Node.js does', (length) => {
    const text = randomBytes(length);
    const sealed = aeadEncrypt(name, key, nonce, aad, text);
    expect(sealed).toEqual(expected(name, key, aad, text));
    expect(aeadDecrypt(name, key, nonce, aad, sealed)).toEqual(text);
    const bare = aeadEncrypt(name, key, nonce, Buffer.alloc(0), text);
    expect(bare).toEqual(expected(name, key, Buffer.alloc(0), text));
    expect(aeadDecrypt(name, key, nonce, Buffer.alloc(0), bare)).toEqual(text);
  });

  test('opens nothing that was changed', () => {
    const sealed = aeadEncrypt(name, key, nonce, aad, randomBytes(33));
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 0x80;
      expect(aeadDecrypt(name, key, nonce, aad, changed)).toBeUndefined();
    }
    const others = [randomBytes(keyLength), randomBytes(12), randomBytes(40)] as const;
    expect(aeadDecrypt(name, others[0], nonce, aad, sealed)).toBeUndefined();
    expect(aeadDecrypt(name, key, others[1], aad, sealed)).toBeUndefined();
    expect(aeadDecrypt(name, key, nonce, others[2], sealed)).toBeUndefined();
    expect(aeadDecrypt(name, key, nonce, aad, sealed.subarray(1))).toBeUndefined();
    // What OpenSSL says about it is no error of Node.js.
    const { privateKey } = generateKeyPairSync('ed25519');
    expect(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).type).toBe('private');
  });

  test('takes keys and nonces of its own lengths only', () => {
    const text = Buffer.alloc(20);
    expect(() => aeadEncrypt(name, key.subarray(1), nonce, aad, text)).toThrow(/^key: /);
    expect(() => aeadEncrypt(name, key, nonce.subarray(1), aad, text)).toThrow(/^nonce: /);
    expect(() => aeadDecrypt(name, Buffer.concat([key, key]), nonce, aad, text)).toThrow(/^key: /);
    expect(() => aeadDecrypt(name, key, Buffer.alloc(16), aad, text)).toThrow(/^nonce: /);
    expect(() => aeadDecrypt(name, key, nonce, aad, Buffer.alloc(15))).toThrow(/^input: /);
  });
});

test('a cipher that is no AEAD is refused', () => {
  for (const name of ['aes-128-cbc', 'aes-128-ctr', 'nothing', '']) {
    const unknown = name as 'aes-128-gcm';
    expect(() => aeadEncrypt(unknown, Buffer.alloc(16), nonce, aad, aad)).toThrow(/^cipher: /);
  }
});

describe.each([
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
] as const)('HMAC with %s', (hash, length) => {
  test.each([0, 1, 32, 64, 128, 200])('is that of Node.js with a key of %d octets', (keyLength) => {
    const key = randomBytes(keyLength);
    for (const data of [Buffer.alloc(0), randomBytes(1), randomBytes(500)]) {
      expect(hmac(hash, length, key, data)).toEqual(createHmac(hash, key).update(data).digest());
    }
  });

  test('has the length of the hash', () => {
    expect(() => hmac(hash, length - 1, aad, aad)).toThrow(/^out: /);
    expect(() => hmac(hash, length + 1, aad, aad)).toThrow(/^out: /);
  });
});

test('a hash function that is none is refused', () => {
  expect(() => hmac('sha-0', 20, aad, aad)).toThrow(/^hash: /);
});
