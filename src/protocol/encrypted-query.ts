// SPDX-License-Identifier: MPL-2.0

import { encodeMessage, encodeOptions, type Message, OptionCode } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { decodeEnvelope, type Envelope, envelopeAad } from './envelope';
import { ProtocolError } from './errors';
import { decodeWhole, ProtocolOptions, requiredData } from './options';
import { encodeCookie } from './signed-message';

/** A message that carries an envelope. All Buffers are views into the message's octets, but for the aad. */
export interface EncryptedMessage {
  readonly message: Message;
  readonly envelope: Envelope;
  /** What is authenticated beside the ciphertext (docs/protocol.md 4). */
  readonly aad: Buffer;
}

/** A decoded Encrypted-Query. */
export interface EncryptedQuery extends EncryptedMessage {
  readonly serverIdentifier: Buffer;
  readonly cookie: Buffer | undefined;
}

function serverIdentifierOption(data: Buffer): Buffer {
  return encodeOptions([{ code: OptionCode.ServerIdentifier, data }]);
}

/**
 * Server Identifier, Encrypted-Message and perhaps a Cookie, nothing else (docs/protocol.md 3); the order is free.
 *
 * @throws {@link ProtocolError} where one is missing, repeated or malformed, or there are others
 */
export function decodeEncryptedQuery(codePoints: CodePoints, octets: Buffer): EncryptedQuery {
  const message = decodeWhole(octets);
  const { options } = message;
  const reader = new ProtocolOptions(codePoints, options);
  const serverIdentifier = reader.requiredServerIdentifier();
  const data = requiredData(options, codePoints.optionCodes['encrypted-message'], 'Encrypted-Message');
  const cookie = reader.cookie();
  if (options.length !== (cookie === undefined ? 2 : 3)) {
    throw new ProtocolError('option-unexpected', 'an Encrypted-Query with more than its options');
  }
  const envelope = decodeEnvelope(data);
  const aad = envelopeAad(octets.subarray(0, 4), serverIdentifierOption(serverIdentifier), envelope.header);
  return { message, serverIdentifier, cookie, envelope, aad };
}

/** What an Encrypted-Query says outside of its envelope. */
export interface QueryHead {
  readonly transactionId: number;
  readonly serverIdentifier: Buffer;
  readonly cookie: Buffer | undefined;
}

/**
 * The whole Encrypted-Query.
 *
 * @param seal makes the data of the Encrypted-Message option, which covers both arguments
 */
export function encodeEncryptedQuery(
  codePoints: CodePoints,
  { transactionId, serverIdentifier, cookie }: QueryHead,
  seal: (firstFour: Buffer, serverIdentifierOption: Buffer) => Buffer,
): Buffer {
  const msgType = codePoints.messageTypes['encrypted-query'];
  const data = seal(firstFourOf(msgType, transactionId), serverIdentifierOption(serverIdentifier));
  return encodeMessage({
    msgType,
    transactionId,
    options: [
      { code: OptionCode.ServerIdentifier, data: serverIdentifier },
      { code: codePoints.optionCodes['encrypted-message'], data },
      ...encodeCookie(codePoints, cookie),
    ],
  });
}

/** msg-type and transaction-id. */
export function firstFourOf(msgType: number, transactionId: number): Buffer {
  const octets = Buffer.allocUnsafe(4);
  octets.writeUInt32BE(transactionId, 0);
  octets[0] = msgType;
  return octets;
}

/**
 * An Encrypted-Response: of a solution B server's to a Solicit see `decodeServerAnswer`, too.
 *
 * @throws {@link ProtocolError} where it is none, or has no Encrypted-Message
 */
export function decodeEncryptedResponse(codePoints: CodePoints, octets: Buffer): EncryptedMessage {
  const message = decodeWhole(octets);
  if (message.msgType !== codePoints.messageTypes['encrypted-response']) {
    throw new ProtocolError('unexpected-message-type', `message type ${String(message.msgType)}`);
  }
  const data = requiredData(
    message.options,
    codePoints.optionCodes['encrypted-message'],
    'Encrypted-Message',
  );
  const envelope = decodeEnvelope(data);
  return { message, envelope, aad: envelopeAad(octets.subarray(0, 4), undefined, envelope.header) };
}

/** The answer to an Encrypted-Query: one Encrypted-Message option, made by `seal` (docs/protocol.md 3). */
export function encodeEncryptedResponse(
  codePoints: CodePoints,
  transactionId: number,
  seal: (firstFour: Buffer) => Buffer,
): Buffer {
  const msgType = codePoints.messageTypes['encrypted-response'];
  const data = seal(firstFourOf(msgType, transactionId));
  return encodeMessage({
    msgType,
    transactionId,
    options: [{ code: codePoints.optionCodes['encrypted-message'], data }],
  });
}
