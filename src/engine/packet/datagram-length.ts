// SPDX-License-Identifier: MPL-2.0

import { EngineDrop } from './drop-reasons';

/** Octets of a UDP datagram over IPv6 (RFC 8200 section 4.5, RFC 768), its header apart: no longer one can be sent. */
const MAX_DATAGRAM_LENGTH = 65_527;

/** @throws EngineDrop `answer-too-long` */
export function requireSendable(length: number): void {
  if (length > MAX_DATAGRAM_LENGTH) {
    throw new EngineDrop('answer-too-long', `a message of ${length} octets`);
  }
}
