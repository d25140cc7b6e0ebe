// SPDX-License-Identifier: MPL-2.0

import {
  type CipherChaCha20Poly1305,
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  type DecipherChaCha20Poly1305,
  type DecipherGCM,
} from 'node:crypto';
import { CryptoError } from './errors';
import { AeadId } from './suite';

/** Octets of the tag at the end of a ciphertext (Nt), the same for all three. */
export const tagLength = 16;

/** Octets of a nonce (Nn), the same for all three. */
export const nonceLength = 12;

/** An AEAD of RFC 9180 section 7.3. */
export interface Aead {
  /** Octets of the key. */
  readonly Nk: number;
  cipher(key: Buffer, nonce: Buffer): CipherGCM | CipherChaCha20Poly1305;
  decipher(key: Buffer, nonce: Buffer): DecipherGCM | DecipherChaCha20Poly1305;
}

const options = { authTagLength: tagLength };

function aesGcm(name: 'aes-128-gcm' | 'aes-256-gcm', Nk: number): Aead {
  return {
    Nk,
    cipher: (key, nonce) => createCipheriv(name, key, nonce, options),
    decipher: (key, nonce) => createDecipheriv(name, key, nonce, options),
  };
}

const chaCha20Poly1305: Aead = {
  Nk: 32,
  cipher: (key, nonce) => createCipheriv('chacha20-poly1305', key, nonce, options),
  decipher: (key, nonce) => createDecipheriv('chacha20-poly1305', key, nonce, options),
};

const aeads: ReadonlyMap<number, Aead> = new Map([
  [AeadId.Aes128Gcm, aesGcm('aes-128-gcm', 16)],
  [AeadId.Aes256Gcm, aesGcm('aes-256-gcm', 32)],
  [AeadId.ChaCha20Poly1305, chaCha20Poly1305],
]);

/** Throws `algorithm-not-supported` for an unknown aead_id. */
export function aeadById(aeadId: number): Aead {
  const aead = aeads.get(aeadId);
  if (aead === undefined) {
    throw new CryptoError('algorithm-not-supported', `aead_id 0x${aeadId.toString(16).padStart(4, '0')}`);
  }
  return aead;
}

/** The ciphertext with its tag at the end. */
export function aeadSeal(aead: Aead, key: Buffer, nonce: Buffer, aad: Buffer, plaintext: Buffer): Buffer {
  const cipher = aead.cipher(key, nonce);
  cipher.setAAD(aad, { plaintextLength: plaintext.length });
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([ciphertext, cipher.getAuthTag()]);
}

/** Throws `open-failed`; no octet of an unauthenticated plaintext leaves here. */
export function aeadOpen(aead: Aead, key: Buffer, nonce: Buffer, aad: Buffer, ciphertext: Buffer): Buffer {
  const end = ciphertext.length - tagLength;
  if (end < 0) {
    throw new CryptoError(
      'open-failed',
      `a ciphertext of ${ciphertext.length} octets has no room for its tag`,
    );
  }
  const decipher = aead.decipher(key, nonce);
  decipher.setAAD(aad, { plaintextLength: end });
  decipher.setAuthTag(ciphertext.subarray(end));
  const plaintext = decipher.update(ciphertext.subarray(0, end));
  try {
    decipher.final();
  } catch (error) {
    throw new CryptoError('open-failed', 'the AEAD tag does not verify', { cause: error });
  }
  return plaintext;
}
