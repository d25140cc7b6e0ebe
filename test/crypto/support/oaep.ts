// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';

const hashLength = 32;

function sha256(octets: Buffer): Buffer {
  return createHash('sha256').update(octets).digest();
}

/** MGF1 of RFC 8017 appendix B.2.1 with SHA-256. */
function mgf1(seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; counter * hashLength < length; counter += 1) {
    const octets = Buffer.alloc(4);
    octets.writeUInt32BE(counter);
    blocks.push(sha256(Buffer.concat([seed, octets])));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((octet, index) => octet ^ b[index]!));
}

/** EME-OAEP encoding of RFC 8017 section 7.1.1 with SHA-256 and an empty label, for `length` octets of modulus. */
export function emeOaepEncode(message: Buffer, seed: Buffer, length: number): Buffer {
  const padding = Buffer.alloc(length - message.length - 2 * hashLength - 2);
  const dataBlock = Buffer.concat([sha256(Buffer.alloc(0)), padding, Buffer.of(1), message]);
  const maskedDataBlock = xor(dataBlock, mgf1(seed, dataBlock.length));
  const maskedSeed = xor(seed, mgf1(maskedDataBlock, hashLength));
  return Buffer.concat([Buffer.of(0), maskedSeed, maskedDataBlock]);
}
