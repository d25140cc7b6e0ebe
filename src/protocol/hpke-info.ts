// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';

/** The strings that separate the uses of HPKE (docs/protocol.md 4 and 4.4). */
export const queryInfo = Buffer.from('dhcpv6-encryption-00 query', 'ascii');
export const responseInfo = Buffer.from('dhcpv6-encryption-00 response', 'ascii');
export const responsePskContext = Buffer.from('dhcpv6-encryption-00 response psk', 'ascii');

/** Octets of the psk that binds a response to its query's context (docs/protocol.md 4.4). */
export const responsePskLength = 32;

/** HPKE's modes in the envelope: base towards a server and for solution B's Advertise, psk for responses. */
export const HpkeMode = { Base: 0, Psk: 1 } as const;

export function responsePskId(queryEnc: Buffer): Buffer {
  return createHash('sha256').update(queryEnc).digest();
}
