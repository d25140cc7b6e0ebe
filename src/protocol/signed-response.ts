// SPDX-License-Identifier: MPL-2.0

import { type RecipientPrivateKey, setupBaseR } from '../crypto';
import { type AuthenticationMessage, decodeAuthentication } from './authentication';
import type { CodePoints } from './code-points';
import { decodeEncryptedResponse } from './encrypted-response';
import { ProtocolError } from './errors';
import { HpkeMode, responseInfo } from './hpke-info';
import { type InnerMessage, readInnerResponse } from './inner-message';
import { openingEnvelope, ReceivingContext } from './receiving';
import { receiverSuite } from './receiver-suite';
import { optionalServerIdentifier } from './server-identifier';

/**
 * The signed Encrypted-Response that answers a Solicit of solution B; its signature is still to be checked.
 * @throws ProtocolError if a rule of docs/protocol.md 2 or 3 is broken
 */
export function decodeSignedResponse(codePoints: CodePoints, octets: Buffer): AuthenticationMessage {
  const decoded = decodeAuthentication(codePoints, octets);
  if (decoded.message.msgType !== codePoints.messageTypes['encrypted-response']) {
    throw new ProtocolError('unexpected-message-type', `message type ${String(decoded.message.msgType)}`);
  }
  optionalServerIdentifier(decoded.message.options, 'Server Identifier');
  return decoded;
}

/**
 * Opens it (mode base, docs/protocol.md 4.4); call only once the outer signature has verified.
 * @throws ProtocolError if a rule of docs/protocol.md 4 is broken
 */
export function openSignedResponse(
  codePoints: CodePoints,
  octets: Buffer,
  own: RecipientPrivateKey,
  transactionId: number,
): InnerMessage {
  const { message, serverIdentifier, envelope, aad } = decodeEncryptedResponse(codePoints, octets);
  if (message.transactionId !== transactionId) {
    throw new ProtocolError('unexpected-message-type', 'the answer to another transaction');
  }
  if (envelope.mode !== HpkeMode.Base) {
    throw new ProtocolError('envelope-mode', `a response in HPKE mode ${String(envelope.mode)}`);
  }
  if (!envelope.recipientTag.every((octet) => octet === 0)) {
    throw new ProtocolError('recipient-unknown', 'a response with a recipient tag');
  }
  const suite = receiverSuite(envelope, own.public.keyType);
  const context = new ReceivingContext(
    HpkeMode.Base,
    suite,
    openingEnvelope(() => setupBaseR(suite, envelope.enc, own, responseInfo)),
  );
  return readInnerResponse(context.open(envelope, aad), { transactionId, serverIdentifier });
}
