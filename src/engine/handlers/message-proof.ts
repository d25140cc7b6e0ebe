// SPDX-License-Identifier: MPL-2.0

import { type CodePoints, type MessageProof, requireMessageSignature } from '../../protocol';
import type { Message } from '../../dhcpv6';
import type { SignedMessage } from '../clients/authenticator';

/** What a client has signed in clear, for the {@link Authenticator}. */
export function messageProof(
  codePoints: CodePoints,
  { octets, message }: { readonly octets: Buffer; readonly message: Message },
  proof: MessageProof,
): SignedMessage {
  return {
    timestamp: proof.timestamp,
    requireSignature: (key) => {
      requireMessageSignature(codePoints, 'client', { octets, message, ...proof }, key);
    },
  };
}
