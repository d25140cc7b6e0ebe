// SPDX-License-Identifier: MPL-2.0

import { KemId } from '../crypto';
import { type DhcpOption, encodeMessage, type Message, MessageType, OptionCode } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { ProtocolError } from './errors';
import {
  decodeWhole,
  encodeEncryptionKey,
  encodeKemList,
  type EncryptionKey,
  ProtocolOptions,
} from './options';
import {
  encodeCookie,
  encodeSigned,
  type MessageProof,
  paddingOptions,
  proofOptions,
  requiredProof,
  type Shown,
  type SignedMessage,
} from './signed-message';

/** Octets that a client pads what it asks with to, so that the answer is no more than three times as long (3). */
const PADDED_LENGTH = 640;
const PADDED_LENGTH_XWING = 1056;

function padTo(kemList: readonly number[]): number {
  return kemList[0] === KemId.XWing ? PADDED_LENGTH_XWING : PADDED_LENGTH;
}

/** What a client asks a server for its key with. */
export interface KeyRequest {
  readonly transactionId: number;
  /** kem_ids, most wanted first. */
  readonly kemList: readonly number[];
  readonly cookie?: Buffer | undefined;
}

/** The Encrypted-Request of solution A (docs/protocol.md 3), with `shown` the draft's. */
export function encodeEncryptedRequest(codePoints: CodePoints, request: KeyRequest, shown?: Shown): Buffer {
  const { transactionId, kemList, cookie } = request;
  const msgType = codePoints.messageTypes['encrypted-request'];
  const list = { code: codePoints.optionCodes['kem-list'], data: encodeKemList(kemList) };
  if (shown !== undefined) {
    const options = [...proofOptions(codePoints, shown.signer, shown.timestamp), list];
    return encodeSigned(codePoints, shown.signer.key, {
      role: 'client',
      message: { msgType, transactionId, options },
      cookie,
      padTo: padTo(kemList),
    });
  }
  const options = [list, ...encodeCookie(codePoints, cookie)];
  return encodeMessage({
    msgType,
    transactionId,
    options: [...options, ...paddingOptions(codePoints, options, padTo(kemList))],
  });
}

/** The Solicit of solution B (docs/protocol.md 3). */
export interface SolicitRequest extends KeyRequest {
  /** Of the client, of the first KEM of its list. */
  readonly encryptionKey: EncryptionKey;
  /** The Solicit's own; nothing in them may identify the client. */
  readonly options: readonly DhcpOption[];
}

export function encodeSolicit(codePoints: CodePoints, request: SolicitRequest, shown: Shown): Buffer {
  const { transactionId, kemList, cookie, encryptionKey } = request;
  const { optionCodes } = codePoints;
  const options: DhcpOption[] = [
    ...request.options,
    ...proofOptions(codePoints, shown.signer, shown.timestamp),
    { code: optionCodes['kem-list'], data: encodeKemList(kemList) },
    { code: optionCodes['encryption-key'], data: encodeEncryptionKey(encryptionKey) },
  ];
  return encodeSigned(codePoints, shown.signer.key, {
    role: 'client',
    message: { msgType: MessageType.Solicit, transactionId, options },
    cookie,
    padTo: PADDED_LENGTH,
  });
}

/** A decoded Encrypted-Request or solution B Solicit. All Buffers are views into `octets`. */
export interface ClientRequest {
  readonly octets: Buffer;
  readonly message: Message;
  readonly kemList: readonly number[];
  readonly cookie: Buffer | undefined;
  /** Undefined in a plain Encrypted-Request. */
  readonly proof: MessageProof | undefined;
}

/**
 * @throws {@link ProtocolError} where an option is missing, repeated or malformed, there is a Client Identifier, or one
 *   of credential, Timestamp and Signature without the others (docs/protocol.md 3)
 */
export function decodeEncryptedRequest(codePoints: CodePoints, octets: Buffer): ClientRequest {
  const message = decodeWhole(octets);
  return { ...decodeRequest(codePoints, octets, message), proof: shownProof(codePoints, message) };
}

/** A decoded Solicit of solution B. */
export interface SolicitB extends SignedMessage, ClientRequest {
  readonly encryptionKey: EncryptionKey;
  readonly proof: MessageProof;
}

/**
 * @throws {@link ProtocolError} where an option is missing, repeated or malformed, or there is a Client Identifier
 *   (docs/protocol.md 3)
 */
export function decodeSolicit(codePoints: CodePoints, octets: Buffer): SolicitB {
  const message = decodeWhole(octets);
  const request = decodeRequest(codePoints, octets, message);
  const encryptionKey = new ProtocolOptions(codePoints, message.options).requiredEncryptionKey();
  const proof = requiredProof(codePoints, message);
  return { ...request, ...proof, encryptionKey, proof };
}

function decodeRequest(
  codePoints: CodePoints,
  octets: Buffer,
  message: Message,
): Omit<ClientRequest, 'proof'> {
  if (message.options.some(({ code }) => code === OptionCode.ClientIdentifier)) {
    throw new ProtocolError('client-identifier-present', 'a Client Identifier in clear');
  }
  const options = new ProtocolOptions(codePoints, message.options);
  return { octets, message, kemList: options.requiredKemList(), cookie: options.cookie() };
}

/** docs/protocol.md 3: who shows one of credential, Timestamp and Signature shows all three. */
function shownProof(codePoints: CodePoints, message: Message): MessageProof | undefined {
  const { certificate, 'public-key': publicKey, timestamp, signature } = codePoints.optionCodes;
  const shown = new Set([certificate, publicKey, timestamp, signature]);
  return message.options.some(({ code }) => shown.has(code)) ? requiredProof(codePoints, message) : undefined;
}
