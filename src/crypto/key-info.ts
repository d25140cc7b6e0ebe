// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';

const keyPrefix = Buffer.from('dhcpv6-encryption-01 key\0', 'ascii');
const queryPrefix = Buffer.from('dhcpv6-encryption-01 query\0', 'ascii');
const responsePrefix = Buffer.from('dhcpv6-encryption-01 response\0', 'ascii');

const recipientTagLength = 8;

/** The recipient tag of envelopes towards a client (docs/protocol.md 4). */
export const clientRecipientTag = Buffer.alloc(recipientTagLength);

/**
 * The recipient tag of envelopes towards a server: 8 octets (docs/protocol.md 4).
 * @param publicKey an encryption key as RFC 9180 section 7.1.1 serializes it, or the DER SubjectPublicKeyInfo of a
 *   credential's key (docs/protocol.md 9)
 */
export function recipientKeyTag(kemId: number, publicKey: Buffer): Buffer {
  const id = Buffer.of(kemId >> 8, kemId & 0xff);
  return createHash('sha256')
    .update(keyPrefix)
    .update(id)
    .update(publicKey)
    .digest()
    .subarray(0, recipientTagLength);
}

/**
 * info of envelopes towards a server (docs/protocol.md 4).
 * @param serverKeyId Key Identifier of the certificate under which the encryption key was told
 */
export function infoTowardsServer(serverKeyId: Buffer): Buffer {
  return Buffer.concat([queryPrefix, serverKeyId]);
}

/**
 * info of envelopes towards a client (docs/protocol.md 4).
 * @param clientKeyId Key Identifier of the key that signed the opening query or the Solicit
 * @param serverKeyId Key Identifier of the server's certificate
 */
export function infoTowardsClient(clientKeyId: Buffer, serverKeyId: Buffer): Buffer {
  return Buffer.concat([responsePrefix, clientKeyId, serverKeyId]);
}

/** exporter_context of the psk of a response, which is exported from the query's context (docs/protocol.md 4.3). */
export const responsePskExporterContext = Buffer.from('dhcpv6-encryption-01 response psk', 'ascii');
