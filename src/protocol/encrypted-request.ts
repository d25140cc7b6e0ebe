// SPDX-License-Identifier: MPL-2.0

import { type AuthenticationMessage, decodeAuthentication, encodeSigned } from './authentication';
import type { CodePoints } from './code-points';
import { ProtocolError } from './errors';
import type { Signer } from './signer';

/** The client's first message in solution A: credential, Timestamp, Signature and no more. @throws EncodeError */
export function encodeEncryptedRequest(
  codePoints: CodePoints,
  signer: Signer,
  transactionId: number,
  timestamp: bigint,
): Buffer {
  const head = { msgType: codePoints.messageTypes['encrypted-request'], transactionId, options: [] };
  return encodeSigned(codePoints, signer, head, timestamp);
}

/**
 * Decodes the Encrypted-Request or the solution B Solicit. Neither may carry a Client Identifier
 * (docs/protocol.md 3).
 * @throws ProtocolError `client-identifier-present`, and as `decodeAuthentication`
 */
export function decodeClientAuthentication(codePoints: CodePoints, octets: Buffer): AuthenticationMessage {
  const decoded = decodeAuthentication(codePoints, octets);
  if (decoded.clientIdentifier !== undefined) {
    throw new ProtocolError('client-identifier-present', 'a Client Identifier beside the credential');
  }
  return decoded;
}
