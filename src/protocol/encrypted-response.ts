// SPDX-License-Identifier: MPL-2.0

import { type Envelope, envelopeAad } from '../crypto';
import { type DhcpOption, encodeMessage, encodeOptions, type Message, OptionCode } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { encodeSigned } from './authentication';
import { decodeEnvelope } from './encrypted-query';
import { ProtocolError } from './errors';
import { decodeWhole, requiredData } from './options';
import { prepareEnvelope, type SealingContext, sealEnvelope } from './sealing';
import { optionalServerIdentifier } from './server-identifier';
import type { Signer } from './signer';

/** A decoded Encrypted-Response. All Buffers are views into the message's octets. */
export interface EncryptedResponse {
  readonly message: Message;
  /** The outer one: this project's servers send none, others may. */
  readonly serverIdentifier: Buffer | undefined;
  readonly envelope: Envelope;
  /** What is authenticated beside the ciphertext, the outer Server Identifier option included (docs/protocol.md 4). */
  readonly aad: Buffer;
}

/** @throws ProtocolError if a rule of docs/protocol.md 3 or 4 is broken */
export function decodeEncryptedResponse(codePoints: CodePoints, octets: Buffer): EncryptedResponse {
  const message = decodeWhole(octets);
  if (message.msgType !== codePoints.messageTypes['encrypted-response']) {
    throw new ProtocolError('unexpected-message-type', `message type ${String(message.msgType)}`);
  }
  const data = requiredData(
    message.options,
    codePoints.optionCodes['encrypted-message'],
    'Encrypted-Message',
  );
  const serverIdentifier = optionalServerIdentifier(message.options, 'Server Identifier');
  const option =
    serverIdentifier === undefined
      ? undefined
      : encodeOptions([{ code: OptionCode.ServerIdentifier, data: serverIdentifier }]);
  const envelope = decodeEnvelope(data);
  const aad = envelopeAad(octets.subarray(0, 4), option, envelope.header);
  return { message, serverIdentifier, envelope, aad };
}

function firstFourOf(msgType: number, transactionId: number): Buffer {
  const octets = Buffer.allocUnsafe(4);
  octets.writeUInt32BE(transactionId, 0);
  octets[0] = msgType;
  return octets;
}

function sealedOption(
  codePoints: CodePoints,
  sealing: SealingContext,
  transactionId: number,
  inner: Buffer,
): DhcpOption {
  const firstFour = firstFourOf(codePoints.messageTypes['encrypted-response'], transactionId);
  const prepared = prepareEnvelope(sealing, firstFour, undefined);
  return { code: codePoints.optionCodes['encrypted-message'], data: sealEnvelope(sealing, prepared, inner) };
}

/** The answer to an Encrypted-Query: one Encrypted-Message option (docs/protocol.md 3). @throws EncodeError */
export function encodeEncryptedResponse(
  codePoints: CodePoints,
  sealing: SealingContext,
  transactionId: number,
  inner: Buffer,
): Buffer {
  return encodeMessage({
    msgType: codePoints.messageTypes['encrypted-response'],
    transactionId,
    options: [sealedOption(codePoints, sealing, transactionId, inner)],
  });
}

/**
 * The answer to a Solicit of solution B: the envelope, and the server's credential, Timestamp and Signature.
 * @throws EncodeError
 */
export function encodeSignedResponse(
  codePoints: CodePoints,
  sealing: SealingContext,
  signer: Signer,
  transactionId: number,
  inner: Buffer,
  timestamp: bigint,
): Buffer {
  const head = {
    msgType: codePoints.messageTypes['encrypted-response'],
    transactionId,
    options: [sealedOption(codePoints, sealing, transactionId, inner)],
  };
  return encodeSigned(codePoints, signer, head, timestamp);
}
