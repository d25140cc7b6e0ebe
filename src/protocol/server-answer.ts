// SPDX-License-Identifier: MPL-2.0

import {
  type DhcpOption,
  encodeMessage,
  encodeOptions,
  type Message,
  OptionCode,
  type Status,
  StatusCodeOption,
} from '../dhcpv6';
import type { CodePoints } from './code-points';
import type { ShownCertificates } from './credential';
import { ProtocolError } from './errors';
import {
  decodeWhole,
  encodeEncryptionKey,
  encodeKemList,
  type EncryptionKey,
  optionalData,
  ProtocolOptions,
} from './options';
import {
  encodeCookie,
  encodeSigned,
  proofOptions,
  requiredProof,
  type SignedMessage,
  type Signer,
} from './signed-message';

/** What a server says of itself, the same to everybody (docs/protocol.md 3). */
export interface Announcement {
  readonly serverIdentifier: Buffer;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  /** kem_ids of all that the server offers, in its order. */
  readonly kemList: readonly number[];
  /** The lifetime counts from `timestamp`. */
  readonly encryptionKey: EncryptionKey;
}

/** Why a client's message has failed (docs/protocol.md 7). */
export interface Report {
  readonly status: Status;
  /** SHA-256 of the client's message. */
  readonly requestDigest: Buffer;
}

function announcementOptions(
  codePoints: CodePoints,
  signer: Signer,
  announcement: Announcement,
): DhcpOption[] {
  const { optionCodes } = codePoints;
  return [
    ...proofOptions(codePoints, signer, announcement.timestamp),
    { code: optionCodes['kem-list'], data: encodeKemList(announcement.kemList) },
    { code: optionCodes['encryption-key'], data: encodeEncryptionKey(announcement.encryptionKey) },
  ];
}

function reportOptions(codePoints: CodePoints, report: Report | undefined): DhcpOption[] {
  if (report === undefined) {
    return [];
  }
  return [
    { code: OptionCode.StatusCode, data: StatusCodeOption.encode(report.status) },
    { code: codePoints.optionCodes['request-digest'], data: report.requestDigest },
  ];
}

function encodeAnswer(
  codePoints: CodePoints,
  signer: Signer,
  msgType: number,
  transactionId: number,
  announcement: Announcement,
  report: Report | undefined,
): Buffer {
  const message: Message = {
    msgType,
    transactionId,
    options: [
      { code: OptionCode.ServerIdentifier, data: announcement.serverIdentifier },
      ...announcementOptions(codePoints, signer, announcement),
      ...reportOptions(codePoints, report),
    ],
  };
  return encodeSigned(codePoints, signer.key, { role: 'server', message });
}

/**
 * The Encrypted-Reply as it is signed, with a transaction-id of zero: {@link addressedTo} makes each client's of it
 * without a public-key operation (docs/protocol.md 2, 3).
 */
export function encodeEncryptedReply(
  codePoints: CodePoints,
  signer: Signer,
  announcement: Announcement,
  report?: Report,
): Buffer {
  return encodeAnswer(
    codePoints,
    signer,
    codePoints.messageTypes['encrypted-reply'],
    0,
    announcement,
    report,
  );
}

/** An Encrypted-Reply for one client: its transaction-id, and its Cookie behind the Signature. */
export function addressedTo(
  codePoints: CodePoints,
  encryptedReply: Buffer,
  transactionId: number,
  cookie: Buffer | undefined,
): Buffer {
  const octets = Buffer.concat([encryptedReply, encodeOptions(encodeCookie(codePoints, cookie))]);
  octets.writeUIntBE(transactionId, 1, 3);
  return octets;
}

/** The Encrypted-Response without Encrypted-Message that tells a client of solution B why it has failed (7). */
export function encodeReportingResponse(
  codePoints: CodePoints,
  signer: Signer,
  transactionId: number,
  announcement: Announcement,
  report: Report,
  cookie: Buffer | undefined,
): Buffer {
  const msgType = codePoints.messageTypes['encrypted-response'];
  const octets = encodeAnswer(codePoints, signer, msgType, transactionId, announcement, report);
  return addressedTo(codePoints, octets, transactionId, cookie);
}

/** The Encrypted-Response to a Solicit of solution B, whose envelope is `encryptedMessage` (docs/protocol.md 3). */
export function encodeSignedResponse(
  codePoints: CodePoints,
  signer: Signer,
  transactionId: number,
  announcement: Announcement,
  encryptedMessage: Buffer,
  requestDigest: Buffer,
  cookie: Buffer | undefined,
): Buffer {
  const msgType = codePoints.messageTypes['encrypted-response'];
  const { optionCodes } = codePoints;
  const options: DhcpOption[] = [
    { code: OptionCode.ServerIdentifier, data: announcement.serverIdentifier },
    { code: optionCodes['encrypted-message'], data: encryptedMessage },
    ...announcementOptions(codePoints, signer, announcement),
    { code: optionCodes['request-digest'], data: requestDigest },
  ];
  const octets = encodeSigned(codePoints, signer.key, {
    role: 'server',
    message: { msgType, transactionId, options },
  });
  return addressedTo(codePoints, octets, transactionId, cookie);
}

/** A Retry (docs/protocol.md 3): `msgType` is Encrypted-Reply's to an Encrypted-Request, else Encrypted-Response's. */
export function encodeRetry(
  codePoints: CodePoints,
  msgType: 'encrypted-reply' | 'encrypted-response',
  transactionId: number,
  serverIdentifier: Buffer,
  cookie: Buffer,
): Buffer {
  return encodeMessage({
    msgType: codePoints.messageTypes[msgType],
    transactionId,
    options: [
      { code: OptionCode.ServerIdentifier, data: serverIdentifier },
      ...encodeCookie(codePoints, cookie),
    ],
  });
}

/** A signed message from a server, as decoded: its credential, time and signature are still to be checked. */
export interface SignedAnswer extends SignedMessage, Announcement {
  readonly kind: 'announcement' | 'report' | 'response';
  readonly credential: ShownCertificates;
  readonly cookie: Buffer | undefined;
  readonly requestDigest: Buffer | undefined;
  readonly status: Status | undefined;
  /** Of a solution B server's answer to a Solicit. */
  readonly encryptedMessage: Buffer | undefined;
}

/** The server wants its cookie back before it does anything for the sender. */
export interface Retry {
  readonly kind: 'retry';
  readonly message: Message;
  readonly serverIdentifier: Buffer;
  readonly cookie: Buffer;
}

/** Undefined where the message is anything but a Retry. */
function readRetry(codePoints: CodePoints, message: Message): Retry | undefined {
  const cookieCode = codePoints.optionCodes.cookie;
  const { options } = message;
  if (!options.every(({ code }) => code === OptionCode.ServerIdentifier || code === cookieCode)) {
    return undefined;
  }
  const reader = new ProtocolOptions(codePoints, options);
  const cookie = reader.cookie();
  if (cookie === undefined) {
    return undefined;
  }
  return { kind: 'retry', message, serverIdentifier: reader.requiredServerIdentifier(), cookie };
}

/**
 * What a server says in clear: an Encrypted-Reply, or an Encrypted-Response that is a Retry, a report or the answer to
 * a Solicit of solution B.
 *
 * @throws {@link ProtocolError} where an option is missing, repeated or malformed
 */
export function decodeServerAnswer(
  codePoints: CodePoints,
  msgType: 'encrypted-reply' | 'encrypted-response',
  octets: Buffer,
): SignedAnswer | Retry {
  const message = decodeWhole(octets);
  if (message.msgType !== codePoints.messageTypes[msgType]) {
    throw new ProtocolError('unexpected-message-type', `message type ${String(message.msgType)}`);
  }
  const retry = readRetry(codePoints, message);
  if (retry !== undefined) {
    return retry;
  }
  const { options } = message;
  const reader = new ProtocolOptions(codePoints, options);
  const proof = requiredProof(codePoints, message);
  if (proof.credential.kind !== 'certificate') {
    throw new ProtocolError('credential-missing', 'a server without a certificate');
  }
  const status = optionalData(options, OptionCode.StatusCode, 'Status Code');
  const requestDigest = reader.requestDigest();
  const encryptedMessage = optionalData(
    options,
    codePoints.optionCodes['encrypted-message'],
    'Encrypted-Message',
  );
  const kind = kindOf(msgType, status !== undefined, encryptedMessage !== undefined);
  if (kind !== 'announcement' && requestDigest === undefined) {
    throw new ProtocolError('option-missing', 'no Request Digest option');
  }
  return {
    kind,
    octets,
    message,
    ...proof,
    credential: proof.credential,
    serverIdentifier: reader.requiredServerIdentifier(),
    kemList: reader.requiredKemList(),
    encryptionKey: reader.requiredEncryptionKey(),
    cookie: reader.cookie(),
    requestDigest,
    status: status === undefined ? undefined : decodeStatus(status),
    encryptedMessage,
  };
}

function kindOf(
  msgType: 'encrypted-reply' | 'encrypted-response',
  hasStatus: boolean,
  hasEnvelope: boolean,
): SignedAnswer['kind'] {
  if (hasStatus) {
    if (hasEnvelope) {
      throw new ProtocolError('option-unexpected', 'both a Status Code and an Encrypted-Message');
    }
    return 'report';
  }
  if (msgType === 'encrypted-reply') {
    return 'announcement';
  }
  if (!hasEnvelope) {
    throw new ProtocolError('option-missing', 'no Encrypted-Message option');
  }
  return 'response';
}

function decodeStatus(data: Buffer): Status {
  if (data.length < 2) {
    throw new ProtocolError('option-length', `Status Code option of ${String(data.length)} octets`);
  }
  return { code: data.readUInt16BE(0), message: data.toString('utf8', 2) };
}
