// SPDX-License-Identifier: MPL-2.0

import { encodeTimestamp, type RecipientPublicKey } from '../crypto';
import { type DhcpOption, encodeMessage, type Message } from '../dhcpv6';
import { decodeTimestampOption } from './authentication';
import type { CodePoints } from './code-points';
import { shownCredential, type ShownCredential } from './credential';
import { ProtocolError } from './errors';
import type { InnerMessage } from './inner-message';
import { optionalData } from './options';
import {
  decodeSignatureOption,
  requireSignature,
  type SignatureOption,
  withoutSignature,
} from './signature-option';
import { credentialOptions, type Signer, signOctets, unsignedSignatureOption } from './signer';

const signedQueryPrefix = Buffer.from('dhcpv6-encryption-00 signed query\0', 'ascii');
const keyIdentifierLength = 32;

/** What an opening query says of its sender (docs/protocol.md 4.3). */
export interface QueryProof {
  /** SHA-256 of the sender's SubjectPublicKeyInfo. */
  readonly keyIdentifier: Buffer;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  readonly signature: SignatureOption;
  readonly credential: ShownCredential | undefined;
}

/**
 * Undefined if the query has none of Key Identifier, Timestamp and Signature.
 * @throws ProtocolError if it has only some of them
 */
export function readQueryProof(codePoints: CodePoints, inner: InnerMessage): QueryProof | undefined {
  const { options } = inner.message;
  const { optionCodes } = codePoints;
  const keyIdentifier = optionalData(options, optionCodes['key-identifier'], 'Key Identifier');
  const timestamp = optionalData(options, optionCodes.timestamp, 'Timestamp');
  const signature = optionalData(options, optionCodes.signature, 'Signature');
  const credential = shownCredential(codePoints, options);
  if (
    keyIdentifier === undefined &&
    timestamp === undefined &&
    signature === undefined &&
    credential === undefined
  ) {
    return undefined;
  }
  if (keyIdentifier === undefined || timestamp === undefined || signature === undefined) {
    throw new ProtocolError(
      'query-unsigned',
      'an opening query without Key Identifier, Timestamp and Signature',
    );
  }
  if (keyIdentifier.length !== keyIdentifierLength) {
    throw new ProtocolError(
      'option-length',
      `Key Identifier option of ${String(keyIdentifier.length)} octets`,
    );
  }
  return {
    keyIdentifier,
    timestamp: decodeTimestampOption(timestamp),
    signature: decodeSignatureOption(signature),
    credential,
  };
}

/** The same of a query that need not prove anything: undefined if it could not open a context either. */
export function readWholeQueryProof(codePoints: CodePoints, inner: InnerMessage): QueryProof | undefined {
  try {
    return readQueryProof(codePoints, inner);
  } catch (error) {
    if (error instanceof ProtocolError) {
      return undefined;
    }
    throw error;
  }
}

/**
 * The signature of an opening query covers its context too, so it cannot be moved into another one.
 * @throws ProtocolError `signature-fail`, `algorithm-not-supported`
 */
export function requireQuerySignature(
  inner: InnerMessage,
  signature: SignatureOption,
  aad: Buffer,
  key: RecipientPublicKey,
): void {
  const covered = Buffer.concat([signedQueryPrefix, aad, withoutSignature(inner.octets, signature)]);
  requireSignature(key, signature, covered);
}

/** How the sender of an opening query proves who it is. */
export interface QuerySigning {
  readonly signer: Signer;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  /** Whether the credential goes inside, for a server that may not know the key (docs/protocol.md 4.3). */
  readonly includeCredential: boolean;
}

/**
 * `message` with Key Identifier, Timestamp and Signature (and the credential) added. `aad`: of the envelope.
 * @throws EncodeError
 */
export function encodeSignedInner(
  codePoints: CodePoints,
  message: Message,
  aad: Buffer,
  signing: QuerySigning,
): Buffer {
  const { signer, timestamp, includeCredential } = signing;
  const { optionCodes } = codePoints;
  const options: DhcpOption[] = [
    ...message.options,
    ...(includeCredential ? credentialOptions(codePoints, signer) : []),
    { code: optionCodes['key-identifier'], data: signer.key.public.keyId },
    { code: optionCodes.timestamp, data: encodeTimestamp(timestamp) },
    unsignedSignatureOption(codePoints, signer.key),
  ];
  const octets = encodeMessage({ ...message, options });
  const signature = signOctets(signer.key, Buffer.concat([signedQueryPrefix, aad, octets]));
  signature.copy(octets, octets.length - signature.length);
  return octets;
}
