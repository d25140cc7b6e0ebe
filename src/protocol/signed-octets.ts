// SPDX-License-Identifier: MPL-2.0

import { encodeMessage, type Message } from '../dhcpv6';

/** The code points that tell what a signature covers. */
export interface SignedCodePoints {
  readonly encryptedReply: number;
  readonly signature: number;
  readonly cookie: number;
}

/** Octets of a Signature option before the signature: HA-id and SA-id. */
const idsLength = 2;

/**
 * What the signature of a message covers behind the context string and its 0x00 (docs/protocol.md 2): the message without
 * Cookie options, the octets of the signature zero, and in an Encrypted-Reply the transaction-id, too.
 */
export function signedOctets(message: Message, codePoints: SignedCodePoints): Buffer {
  const options = message.options
    .filter(({ code }) => code !== codePoints.cookie)
    .map((option) =>
      option.code === codePoints.signature
        ? {
            code: option.code,
            data: Buffer.from(option.data).fill(0, Math.min(idsLength, option.data.length)),
          }
        : option,
    );
  const transactionId = message.msgType === codePoints.encryptedReply ? 0 : message.transactionId;
  return encodeMessage({ ...message, transactionId, options });
}
