// SPDX-License-Identifier: MPL-2.0

import { native } from './native';

/** OpenSSL's names of AEADs with nonces of 12 octets and tags of 16. */
export type AeadName = 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';

/** Octets of a tag. */
const tagLength = 16;

/** The ciphertext, its tag at the end. @throws TypeError for a key or nonce of another length than the cipher's */
export function aeadEncrypt(
  cipher: AeadName,
  key: Buffer,
  nonce: Buffer,
  aad: Buffer,
  plaintext: Buffer,
): Buffer {
  const out = Buffer.allocUnsafe(plaintext.length + tagLength);
  native.sealAead(cipher, key, nonce, aad, plaintext, out);
  return out;
}

/**
 * The plaintext; undefined if the tag does not verify. @throws TypeError for a key or nonce of another length than
 * the cipher's, and for a ciphertext without room for the tag
 */
export function aeadDecrypt(
  cipher: AeadName,
  key: Buffer,
  nonce: Buffer,
  aad: Buffer,
  ciphertext: Buffer,
): Buffer | undefined {
  const out = Buffer.allocUnsafe(Math.max(0, ciphertext.length - tagLength));
  return native.openAead(cipher, key, nonce, aad, ciphertext, out) ? out : undefined;
}

/** HMAC (RFC 2104). @param length octets of the hash's output */
export function hmac(hash: string, length: number, key: Buffer, data: Buffer): Buffer {
  const out = Buffer.alloc(length);
  native.hmac(hash, key, data, out);
  return out;
}
