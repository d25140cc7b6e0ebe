// SPDX-License-Identifier: MPL-2.0

import { aeadDecrypt, aeadEncrypt, type AeadName } from '../bridge';
import { CryptoError } from './errors';
import { AeadId } from './suite';

/** Octets of the tag at the end of a ciphertext (Nt), the same for all three. */
export const tagLength = 16;

/** Octets of a nonce (Nn), the same for all three. */
export const nonceLength = 12;

/** An AEAD of RFC 9180 section 7.3. */
export interface Aead {
  readonly name: AeadName;
  /** Octets of the key. */
  readonly Nk: number;
}

const aeads: ReadonlyMap<number, Aead> = new Map<number, Aead>([
  [AeadId.Aes128Gcm, { name: 'aes-128-gcm', Nk: 16 }],
  [AeadId.Aes256Gcm, { name: 'aes-256-gcm', Nk: 32 }],
  [AeadId.ChaCha20Poly1305, { name: 'chacha20-poly1305', Nk: 32 }],
]);

/** @throws CryptoError `algorithm-not-supported` for an unknown aead_id */
export function aeadById(aeadId: number): Aead {
  const aead = aeads.get(aeadId);
  if (aead === undefined) {
    throw new CryptoError('algorithm-not-supported', `aead_id 0x${aeadId.toString(16).padStart(4, '0')}`);
  }
  return aead;
}

/** The ciphertext with its tag at the end. */
export function aeadSeal(aead: Aead, key: Buffer, nonce: Buffer, aad: Buffer, plaintext: Buffer): Buffer {
  return aeadEncrypt(aead.name, key, nonce, aad, plaintext);
}

/** No octet of an unauthenticated plaintext leaves here. @throws CryptoError `open-failed` */
export function aeadOpen(aead: Aead, key: Buffer, nonce: Buffer, aad: Buffer, ciphertext: Buffer): Buffer {
  if (ciphertext.length < tagLength) {
    throw new CryptoError(
      'open-failed',
      `a ciphertext of ${ciphertext.length} octets has no room for its tag`,
    );
  }
  const plaintext = aeadDecrypt(aead.name, key, nonce, aad, ciphertext);
  if (plaintext === undefined) {
    throw new CryptoError('open-failed', 'the AEAD tag does not verify');
  }
  return plaintext;
}
