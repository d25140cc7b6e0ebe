// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';

const duidUuid = Buffer.of(0x00, 0x04);
const duidPrefix = Buffer.from('dhcpv6-encryption-00 duid\0', 'ascii');
const uuidLength = 16;

/** SHA-256 of a DER SubjectPublicKeyInfo: 32 octets (docs/protocol.md 2, Key Identifier). */
export function keyIdentifier(spki: Buffer): Buffer {
  return createHash('sha256').update(spki).digest();
}

/** The DUID-UUID (RFC 6355) that solution B gives to the holder of a key: 18 octets (docs/protocol.md 5.2). */
export function deriveDuid(spki: Buffer): Buffer {
  const uuid = createHash('sha256').update(duidPrefix).update(spki).digest().subarray(0, uuidLength);
  // RFC 9562 section 5.8: version 8, variant 10.
  uuid.writeUInt8((uuid.readUInt8(6) & 0x0f) | 0x80, 6);
  uuid.writeUInt8((uuid.readUInt8(8) & 0x3f) | 0x80, 8);
  return Buffer.concat([duidUuid, uuid]);
}
