// SPDX-License-Identifier: MPL-2.0

import { encodeTimestamp, type RecipientPublicKey } from '../crypto';
import { type DhcpOption, encodeMessage, type Message } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { shownCredential, type ShownCredential } from './credential';
import { ProtocolError } from './errors';
import { encodeEncryptionKey, type EncryptionKey, optionalData, ProtocolOptions } from './options';
import {
  decodeSignatureOption,
  requireSignature,
  signatureOffset,
  type SignatureOption,
  signOctets,
  unsignedSignatureOption,
} from './signature-option';
import { credentialOptions, type Shown } from './signed-message';

/** What an opening query says of its sender (docs/protocol.md 4.2). Buffers are views into the inner message. */
export interface QueryProof {
  /** SHA-256 of the sender's SubjectPublicKeyInfo. */
  readonly keyIdentifier: Buffer;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  /** The key that responses go to. */
  readonly encryptionKey: EncryptionKey;
  readonly signature: SignatureOption;
  readonly credential: ShownCredential | undefined;
}

/** What a proof's signature covers besides the inner message: the context that it is sent in (docs/protocol.md 4.2). */
export interface QueryBinding {
  /** The info that the query's HPKE context was set up with. */
  readonly info: Buffer;
  readonly aad: Buffer;
}

/**
 * @param options of the inner message
 * @throws {@link ProtocolError} `query-unsigned` where one of Key Identifier, Timestamp, Encryption Key and Signature is
 *   missing; `option-repeated`, `option-length` and what is wrong with a credential
 */
export function readQueryProof(codePoints: CodePoints, options: readonly DhcpOption[]): QueryProof {
  const reader = new ProtocolOptions(codePoints, options);
  const signature = optionalData(options, codePoints.optionCodes.signature, 'Signature');
  const credential = shownCredential(codePoints, options);
  const keyIdentifier = reader.keyIdentifier();
  const timestamp = reader.timestamp();
  const encryptionKey = reader.encryptionKey();
  if (
    keyIdentifier === undefined ||
    timestamp === undefined ||
    encryptionKey === undefined ||
    signature === undefined
  ) {
    throw new ProtocolError(
      'query-unsigned',
      'an opening query without Key Identifier, Timestamp, Encryption Key and Signature',
    );
  }
  return { keyIdentifier, timestamp, encryptionKey, signature: decodeSignatureOption(signature), credential };
}

/**
 * The signature covers the context, too, so that a query can't be moved into another one.
 *
 * @param inner the inner message, which the signature is a view into
 * @throws {@link ProtocolError} `signature-fail`, `algorithm-not-supported`
 */
export function requireQuerySignature(
  inner: Buffer,
  signature: SignatureOption,
  binding: QueryBinding,
  key: RecipientPublicKey,
): void {
  const covered = coveredOctets(inner, binding);
  const offset = covered.length - inner.length + signatureOffset(inner, signature);
  covered.fill(0, offset, offset + signature.octets.length);
  requireSignature(key, signature, 'query', covered);
}

function coveredOctets(inner: Buffer, { info, aad }: QueryBinding): Buffer {
  return Buffer.concat([info, aad, inner]);
}

/** How the sender of an opening query proves who it is. */
export interface QuerySigning extends Shown {
  /** The key that responses are to go to. */
  readonly encryptionKey: EncryptionKey;
  /** Whether the credential goes inside, for a server that may not know the key (docs/protocol.md 4.2). */
  readonly includeCredential: boolean;
}

/** `message` with the options of its sender's proof behind its own. */
export function encodeSignedInner(
  codePoints: CodePoints,
  message: Message,
  binding: QueryBinding,
  signing: QuerySigning,
): Buffer {
  const { signer, timestamp, encryptionKey, includeCredential } = signing;
  const { optionCodes } = codePoints;
  const options: DhcpOption[] = [
    ...message.options,
    ...(includeCredential ? credentialOptions(codePoints, signer) : []),
    { code: optionCodes['encryption-key'], data: encodeEncryptionKey(encryptionKey) },
    { code: optionCodes['key-identifier'], data: signer.key.public.keyId },
    { code: optionCodes.timestamp, data: encodeTimestamp(timestamp) },
    unsignedSignatureOption(codePoints, signer.key),
  ];
  const octets = encodeMessage({ ...message, options });
  const signature = signOctets(signer.key, 'query', coveredOctets(octets, binding));
  signature.copy(octets, octets.length - signature.length);
  return octets;
}
