// SPDX-License-Identifier: MPL-2.0

import { CryptoError } from './errors';

const lengthOctets = 2;
const block = 128;
const MAX_INNER_LENGTH = 0xffff;

/** The plaintext of an envelope: length, inner message, zero octets up to a multiple of 128 (docs/protocol.md 4). */
export function padPlaintext(inner: Buffer): Buffer {
  if (inner.length > MAX_INNER_LENGTH) {
    throw new CryptoError('plaintext-too-long', `an inner message of ${inner.length} octets`);
  }
  const end = lengthOctets + inner.length;
  const plaintext = Buffer.allocUnsafe(Math.ceil(end / block) * block);
  plaintext.writeUInt16BE(inner.length, 0);
  inner.copy(plaintext, lengthOctets);
  plaintext.fill(0, end);
  return plaintext;
}

/**
 * The inner message, a view into the plaintext, after any amount of padding. What follows it must not carry anything.
 * @throws CryptoError `plaintext-malformed` if its length overruns or the padding is not zero
 */
export function unpadPlaintext(plaintext: Buffer): Buffer {
  if (plaintext.length < lengthOctets) {
    throw new CryptoError('plaintext-malformed', `a plaintext of ${plaintext.length} octets`);
  }
  const end = lengthOctets + plaintext.readUInt16BE(0);
  if (end > plaintext.length) {
    throw new CryptoError(
      'plaintext-malformed',
      `the inner message ends at ${end} of ${plaintext.length} octets`,
    );
  }
  if (!plaintext.subarray(end).every((octet) => octet === 0)) {
    throw new CryptoError('plaintext-malformed', 'padding that is not zero');
  }
  return plaintext.subarray(lengthOctets, end);
}
