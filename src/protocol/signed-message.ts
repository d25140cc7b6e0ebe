// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { encodeTimestamp, type RecipientPrivateKey, type RecipientPublicKey } from '../crypto';
import { type DhcpOption, encodeMessage, encodeOptions, type Message } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { shownCredential, type ShownCredential } from './credential';
import { ProtocolError } from './errors';
import { ProtocolOptions, requiredData } from './options';
import {
  decodeSignatureOption,
  requireSignature,
  signatureOffset,
  type SignatureOption,
  signOctets,
  unsignedSignatureOption,
} from './signature-option';

/** Octets before the first option: msg-type and transaction-id. */
const MESSAGE_HEADER_LENGTH = 4;
const OPTION_HEADER_LENGTH = 4;

/**
 * Who signs a message: a private key, and the certificates that go with it (DER, end entity first).
 * Without certificates the signer shows its bare public key (RFC 7435).
 */
export interface Signer {
  readonly key: RecipientPrivateKey;
  readonly chain: readonly Buffer[];
}

/** A sender that shows its credential. */
export interface Shown {
  readonly signer: Signer;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
}

/** Credential, Timestamp and Signature of a message in clear, as decoded: the receiver has yet to check them. */
export interface MessageProof {
  readonly credential: ShownCredential;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  readonly signature: SignatureOption;
}

/** A signed message (docs/protocol.md 3): all Buffers are views into `octets`. */
export interface SignedMessage extends MessageProof {
  readonly octets: Buffer;
  readonly message: Message;
}

/** Certificate options, or one Public Key option (docs/protocol.md 2). */
export function credentialOptions(codePoints: CodePoints, signer: Signer): DhcpOption[] {
  if (signer.chain.length === 0) {
    return [{ code: codePoints.optionCodes['public-key'], data: signer.key.public.spki }];
  }
  return signer.chain.map((certificate) => ({ code: codePoints.optionCodes.certificate, data: certificate }));
}

/** The credential (certificates alone for a server) and the Timestamp, in this order. */
export function proofOptions(codePoints: CodePoints, signer: Signer, timestamp: bigint): DhcpOption[] {
  return [
    ...credentialOptions(codePoints, signer),
    { code: codePoints.optionCodes.timestamp, data: encodeTimestamp(timestamp) },
  ];
}

/**
 * The credential, Timestamp and Signature of a message that must have all of them.
 *
 * @throws {@link ProtocolError} `credential-missing`, `option-missing`, and what is wrong with one of them
 */
export function requiredProof(codePoints: CodePoints, message: Message): MessageProof {
  const { options } = message;
  const credential = shownCredential(codePoints, options);
  if (credential === undefined) {
    throw new ProtocolError('credential-missing', 'neither a Certificate nor a Public Key option');
  }
  return {
    credential,
    timestamp: new ProtocolOptions(codePoints, options).requiredTimestamp(),
    signature: decodeSignatureOption(requiredData(options, codePoints.optionCodes.signature, 'Signature')),
  };
}

/**
 * What a message's signature covers behind the context string (docs/protocol.md 2): the message without its Cookie options,
 * its signature octets zero, and in an Encrypted-Reply its transaction-id, too.
 */
function signedOctets(codePoints: CodePoints, { octets, message, signature }: SignedMessage): Buffer {
  const parts: Buffer[] = [];
  let offset = signatureOffset(octets, signature);
  let from = 0;
  for (const { code, data } of message.options) {
    if (code === codePoints.optionCodes.cookie) {
      const at = data.byteOffset - octets.byteOffset - OPTION_HEADER_LENGTH;
      const length = OPTION_HEADER_LENGTH + data.length;
      parts.push(octets.subarray(from, at));
      from = at + length;
      if (at < signature.octets.byteOffset - octets.byteOffset) {
        offset -= length;
      }
    }
  }
  parts.push(octets.subarray(from));
  const covered = Buffer.concat(parts);
  covered.fill(0, offset, offset + signature.octets.length);
  if (message.msgType === codePoints.messageTypes['encrypted-reply']) {
    covered.fill(0, 1, MESSAGE_HEADER_LENGTH);
  }
  return covered;
}

/** @throws {@link ProtocolError} `signature-fail`, `algorithm-not-supported` */
export function requireMessageSignature(
  codePoints: CodePoints,
  role: 'client' | 'server',
  message: SignedMessage,
  key: RecipientPublicKey,
): void {
  requireSignature(key, message.signature, role, signedOctets(codePoints, message));
}

/** A message that is to be signed: its options, in their order, without the Signature. */
export interface UnsignedMessage {
  readonly role: 'client' | 'server';
  readonly message: Message;
  /** A Cookie that goes in front of the Signature, where it is not covered. */
  readonly cookie?: Buffer | undefined;
  /** Octets that the message has at least, as far as a Padding option fits (docs/protocol.md 3). */
  readonly padTo?: number;
}

/** The message with Cookie, Padding and its Signature behind its options. */
export function encodeSigned(
  codePoints: CodePoints,
  key: RecipientPrivateKey,
  { role, message, cookie, padTo }: UnsignedMessage,
): Buffer {
  const signature = unsignedSignatureOption(codePoints, key);
  const cookieOptions = encodeCookie(codePoints, cookie);
  const whole = [...message.options, ...cookieOptions, signature];
  const padding = paddingOptions(codePoints, whole, padTo);
  const covered = encodeMessage({
    msgType: message.msgType,
    transactionId: message.msgType === codePoints.messageTypes['encrypted-reply'] ? 0 : message.transactionId,
    options: [...message.options, ...padding, signature],
  });
  const value = signOctets(key, role, covered);
  const octets = encodeMessage({
    ...message,
    options: [...message.options, ...cookieOptions, ...padding, signature],
  });
  value.copy(octets, octets.length - value.length);
  return octets;
}

export function encodeCookie(codePoints: CodePoints, cookie: Buffer | undefined): DhcpOption[] {
  return cookie === undefined ? [] : [{ code: codePoints.optionCodes.cookie, data: cookie }];
}

/** A Padding option that brings a message with `options` to `padTo` octets, where one fits. */
export function paddingOptions(
  codePoints: CodePoints,
  options: readonly DhcpOption[],
  padTo: number | undefined,
): DhcpOption[] {
  const length = MESSAGE_HEADER_LENGTH + encodeOptions(options).length;
  const room = (padTo ?? 0) - length - OPTION_HEADER_LENGTH;
  return room < 0 ? [] : [{ code: codePoints.optionCodes.padding, data: Buffer.alloc(room) }];
}

/** SHA-256 of a client's message, as a Request Digest has it (docs/protocol.md 2). */
export function requestDigest(octets: Buffer): Buffer {
  return createHash('sha256').update(octets).digest();
}
