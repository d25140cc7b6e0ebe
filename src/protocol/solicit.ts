// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, MessageType } from '../dhcpv6';
import { encodeSigned } from './authentication';
import type { CodePoints } from './code-points';
import type { Signer } from './signer';

/**
 * The Solicit of solution B: `options` (which must not identify the client, docs/protocol.md 3), credential,
 * Timestamp and Signature.
 * @throws EncodeError
 */
export function encodeSolicit(
  codePoints: CodePoints,
  signer: Signer,
  transactionId: number,
  options: readonly DhcpOption[],
  timestamp: bigint,
): Buffer {
  return encodeSigned(
    codePoints,
    signer,
    { msgType: MessageType.Solicit, transactionId, options },
    timestamp,
  );
}
