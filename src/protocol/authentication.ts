// SPDX-License-Identifier: MPL-2.0

import { decodeTimestamp, encodeTimestamp, type RecipientPublicKey } from '../crypto';
import { type DhcpOption, encodeMessage, type Message, OptionCode } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { requiredCredential, type ShownCredential } from './credential';
import { ProtocolError } from './errors';
import { decodeWhole, optionalData, requiredData } from './options';
import {
  decodeSignatureOption,
  requireSignature,
  type SignatureOption,
  withoutSignature,
} from './signature-option';
import { credentialOptions, type Signer, signOctets, unsignedSignatureOption } from './signer';

/**
 * What the signed messages in clear have in common: Encrypted-Request, Encrypted-Reply, the Solicit of
 * solution B and the Encrypted-Response that answers it (docs/protocol.md 3). All Buffers are views into
 * `octets`. Decoding checks the form only; credential, timestamp and signature are the receiver's to check.
 */
export interface AuthenticationMessage {
  readonly octets: Buffer;
  readonly message: Message;
  readonly credential: ShownCredential;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  readonly signature: SignatureOption;
  readonly serverIdentifier: Buffer | undefined;
  readonly clientIdentifier: Buffer | undefined;
}

const timestampLength = 8;

/** @throws ProtocolError `option-length` */
export function decodeTimestampOption(data: Buffer): bigint {
  if (data.length !== timestampLength) {
    throw new ProtocolError('option-length', `Timestamp option of ${String(data.length)} octets`);
  }
  return decodeTimestamp(data);
}

/** @throws ProtocolError if a rule of docs/protocol.md 2 or 3 is broken */
export function decodeAuthentication(codePoints: CodePoints, octets: Buffer): AuthenticationMessage {
  const message = decodeWhole(octets);
  const { options } = message;
  const { optionCodes } = codePoints;
  return {
    octets,
    message,
    credential: requiredCredential(codePoints, options),
    timestamp: decodeTimestampOption(requiredData(options, optionCodes.timestamp, 'Timestamp')),
    signature: decodeSignatureOption(requiredData(options, optionCodes.signature, 'Signature')),
    serverIdentifier: optionalData(options, OptionCode.ServerIdentifier, 'Server Identifier'),
    clientIdentifier: optionalData(options, OptionCode.ClientIdentifier, 'Client Identifier'),
  };
}

/**
 * docs/protocol.md 2: the signature covers the whole message, its own octets taken as zero.
 * @throws ProtocolError `signature-fail`, `algorithm-not-supported`
 */
export function requireMessageSignature(message: AuthenticationMessage, key: RecipientPublicKey): void {
  requireSignature(key, message.signature, withoutSignature(message.octets, message.signature));
}

/**
 * A message of `msgType` with `options`, then the signer's credential, the timestamp and the signature
 * over it all.
 * @throws EncodeError
 */
export function encodeSigned(
  codePoints: CodePoints,
  signer: Signer,
  head: Message,
  timestamp: bigint,
): Buffer {
  const octets = encodeUnsigned(codePoints, signer, head, timestamp);
  const signature = signOctets(signer.key, octets);
  signature.copy(octets, octets.length - signature.length);
  return octets;
}

/** The same with a signature that is all zero, which costs no public-key operation. @throws EncodeError */
export function encodeUnsigned(
  codePoints: CodePoints,
  signer: Signer,
  head: Message,
  timestamp: bigint,
): Buffer {
  const options: DhcpOption[] = [
    ...head.options,
    ...credentialOptions(codePoints, signer),
    { code: codePoints.optionCodes.timestamp, data: encodeTimestamp(timestamp) },
    unsignedSignatureOption(codePoints, signer.key),
  ];
  return encodeMessage({ ...head, options });
}
