// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { RECIPIENT_TAG_LENGTH } from './envelope';

/** The strings that separate the uses of HPKE (docs/protocol.md 4, 4.3), with the 0x00 behind those that more follows. */
const keyLabel = Buffer.from('dhcpv6-encryption-01 key\0', 'ascii');
const queryLabel = Buffer.from('dhcpv6-encryption-01 query\0', 'ascii');
const responseLabel = Buffer.from('dhcpv6-encryption-01 response\0', 'ascii');
export const responsePskContext = Buffer.from('dhcpv6-encryption-01 response psk', 'ascii');

/** Octets of the psk that binds a response to its query's context (docs/protocol.md 4.3). */
export const RESPONSE_PSK_LENGTH = 32;

/**
 * 8 octets by which a server finds the key that a query is encrypted to (docs/protocol.md 4).
 * @param publicKey an encryption key as RFC 9180 section 7.1.1 serializes it, or the DER SubjectPublicKeyInfo of a
 *   credential's key (docs/protocol.md 9)
 */
export function recipientTag(kemId: number, publicKey: Buffer): Buffer {
  return createHash('sha256')
    .update(keyLabel)
    .update(Buffer.of(kemId >> 8, kemId & 0xff))
    .update(publicKey)
    .digest()
    .subarray(0, RECIPIENT_TAG_LENGTH);
}

/** @param serverKeyId SHA-256 of the SubjectPublicKeyInfo of the certificate under which the key was told */
export function queryInfo(serverKeyId: Buffer): Buffer {
  return Buffer.concat([queryLabel, serverKeyId]);
}

/** @param clientKeyId SHA-256 of the SubjectPublicKeyInfo of the key that signed the opening query, or the Solicit */
export function responseInfo(clientKeyId: Buffer, serverKeyId: Buffer): Buffer {
  return Buffer.concat([responseLabel, clientKeyId, serverKeyId]);
}
