// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, type Message, OptionCode } from '../dhcpv6';
import {
  type AuthenticationMessage,
  decodeAuthentication,
  encodeSigned,
  encodeUnsigned,
} from './authentication';
import type { CodePoints } from './code-points';
import { ProtocolError } from './errors';
import { optionalData } from './options';
import { optionalServerIdentifier } from './server-identifier';
import type { Signer } from './signer';

/** A failure that the server reports (docs/protocol.md 7). */
export interface ReportedStatus {
  readonly code: number;
  readonly message: string;
}

/** An Encrypted-Reply; with `status` it is a refusal and no authentication. */
export interface EncryptedReply extends AuthenticationMessage {
  readonly serverIdentifier: Buffer;
  readonly status: ReportedStatus | undefined;
}

function encodeStatus(status: ReportedStatus): DhcpOption {
  const text = Buffer.from(status.message, 'utf8');
  const data = Buffer.alloc(2 + text.length);
  data.writeUInt16BE(status.code, 0);
  text.copy(data, 2);
  return { code: OptionCode.StatusCode, data };
}

function decodeStatus(data: Buffer): ReportedStatus {
  if (data.length < 2) {
    throw new ProtocolError('option-length', `Status Code option of ${String(data.length)} octets`);
  }
  return { code: data.readUInt16BE(0), message: data.toString('utf8', 2) };
}

/**
 * The server's answer to an Encrypted-Request (docs/protocol.md 3), or the report of a failure (7).
 * @throws EncodeError
 */
export function encodeEncryptedReply(
  codePoints: CodePoints,
  signer: Signer,
  transactionId: number,
  serverIdentifier: Buffer,
  timestamp: bigint,
  status?: ReportedStatus,
): Buffer {
  return encodeSigned(
    codePoints,
    signer,
    head(codePoints, transactionId, serverIdentifier, status),
    timestamp,
  );
}

/** How many octets {@link encodeEncryptedReply} makes; it costs no public-key operation. @throws EncodeError */
export function encryptedReplyLength(
  codePoints: CodePoints,
  signer: Signer,
  serverIdentifier: Buffer,
  status?: ReportedStatus,
): number {
  return encodeUnsigned(codePoints, signer, head(codePoints, 0, serverIdentifier, status), 0n).length;
}

function head(
  codePoints: CodePoints,
  transactionId: number,
  serverIdentifier: Buffer,
  status: ReportedStatus | undefined,
): Message {
  const options: DhcpOption[] = [{ code: OptionCode.ServerIdentifier, data: serverIdentifier }];
  if (status !== undefined) {
    options.push(encodeStatus(status));
  }
  return { msgType: codePoints.messageTypes['encrypted-reply'], transactionId, options };
}

/** @throws ProtocolError if a rule of docs/protocol.md 2 or 3 is broken */
export function decodeEncryptedReply(codePoints: CodePoints, octets: Buffer): EncryptedReply {
  const decoded = decodeAuthentication(codePoints, octets);
  const { message } = decoded;
  if (message.msgType !== codePoints.messageTypes['encrypted-reply']) {
    throw new ProtocolError('unexpected-message-type', `message type ${String(message.msgType)}`);
  }
  const serverIdentifier = optionalServerIdentifier(message.options, 'Server Identifier');
  if (serverIdentifier === undefined) {
    throw new ProtocolError('option-missing', 'no Server Identifier option');
  }
  const status = optionalData(message.options, OptionCode.StatusCode, 'Status Code');
  return { ...decoded, serverIdentifier, status: status === undefined ? undefined : decodeStatus(status) };
}
