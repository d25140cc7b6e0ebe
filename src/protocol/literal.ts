// SPDX-License-Identifier: MPL-2.0

import { type RecipientPublicKey, sign, SignatureAlgorithm, signatureAlgorithmFor } from '../crypto';
import {
  DecodeError,
  decodeMessage,
  type DhcpOption,
  encodeMessage,
  OptionCode,
  type Status,
  StatusCodeOption,
} from '../dhcpv6';
import type { CodePoints } from './code-points';
import { shownCredential } from './credential';
import { ProtocolError } from './errors';
import type { QueryProof } from './opening-query';
import { decodeWhole, optionalData, ProtocolOptions } from './options';
import {
  decodeSignatureOption,
  requireSignature,
  signatureOffset,
  unsignedSignatureOption,
} from './signature-option';
import { proofOptions, requiredProof, type SignedMessage, type Signer } from './signed-message';

/** Those without a context string. */
const literalAlgorithms: ReadonlySet<number> = new Set(Object.values(SignatureAlgorithm));

/**
 * Whether a message is signed as sedhcpv6 has it (docs/protocol.md 9): no KEM List, and SA-id 1, 2 or 3. Nothing else of
 * it is checked.
 */
export function isLiteralMessage({ optionCodes }: CodePoints, octets: Buffer): boolean {
  try {
    const { options } = decodeMessage(octets);
    const saId = options.find(({ code }) => code === optionCodes.signature)?.data[1];
    const isSigned = saId !== undefined && literalAlgorithms.has(saId);
    return isSigned && !options.some(({ code }) => code === optionCodes['kem-list']);
  } catch (error) {
    if (error instanceof DecodeError) {
      return false;
    }
    throw error;
  }
}

/**
 * An Encrypted-Request or a Solicit for which {@link isLiteralMessage} holds.
 *
 * @throws {@link ProtocolError} where credential, Timestamp or Signature is missing, repeated or malformed, or there is a
 *   Client Identifier (docs/protocol.md 3)
 */
export function decodeLiteralMessage(codePoints: CodePoints, octets: Buffer): SignedMessage {
  const message = decodeWhole(octets);
  if (message.options.some(({ code }) => code === OptionCode.ClientIdentifier)) {
    throw new ProtocolError('client-identifier-present', 'a Client Identifier in clear');
  }
  return { octets, message, ...requiredProof(codePoints, message) };
}

/**
 * The signature covers the message as it is, its own octets zero (docs/protocol.md 2).
 *
 * @throws {@link ProtocolError} `signature-fail`, `algorithm-not-supported`
 */
export function requireLiteralSignature(
  { octets, signature }: Pick<SignedMessage, 'octets' | 'signature'>,
  key: RecipientPublicKey,
): void {
  const covered = Buffer.from(octets);
  const offset = signatureOffset(octets, signature);
  covered.fill(0, offset, offset + signature.octets.length);
  requireSignature(key, signature, undefined, covered);
}

/** What a server says to a literal peer in clear: credential, Timestamp and Signature, and what goes with them. */
export interface LiteralAnswer {
  readonly msgType: 'encrypted-reply' | 'encrypted-response';
  readonly transactionId: number;
  readonly serverIdentifier: Buffer;
  /** NTP timestamp, 64 bits. */
  readonly timestamp: bigint;
  /** The data of an Encrypted-Message option, in the answer to a Solicit. */
  readonly encryptedMessage?: Buffer;
  /** Why the client's message has failed. */
  readonly status?: Status;
}

/** An answer without the options 707 to 710, signed without a context string (docs/protocol.md 9). */
export function encodeLiteralAnswer(codePoints: CodePoints, signer: Signer, answer: LiteralAnswer): Buffer {
  const { encryptedMessage, status, transactionId } = answer;
  const { optionCodes } = codePoints;
  const algorithm = signatureAlgorithmFor(signer.key.public);
  const options: DhcpOption[] = [{ code: OptionCode.ServerIdentifier, data: answer.serverIdentifier }];
  if (encryptedMessage !== undefined) {
    options.push({ code: optionCodes['encrypted-message'], data: encryptedMessage });
  }
  options.push(...proofOptions(codePoints, signer, answer.timestamp));
  if (status !== undefined) {
    options.push({ code: OptionCode.StatusCode, data: StatusCodeOption.encode(status) });
  }
  options.push(unsignedSignatureOption(codePoints, signer.key, algorithm));
  const octets = encodeMessage({ msgType: codePoints.messageTypes[answer.msgType], transactionId, options });
  const value = sign(signer.key, algorithm.haId, algorithm.saId, octets);
  value.copy(octets, octets.length - value.length);
  return octets;
}

/** A proof without an Encryption Key: responses go to the key of the credential. */
export type LiteralQueryProof = Omit<QueryProof, 'encryptionKey'>;

/** Whether an opening query's inner message has any option of a proof (docs/protocol.md 4.2). */
export function hasQueryProof({ optionCodes }: CodePoints, options: readonly DhcpOption[]): boolean {
  const codes = [
    optionCodes['public-key'],
    optionCodes.certificate,
    optionCodes.signature,
    optionCodes.timestamp,
    optionCodes['key-identifier'],
    optionCodes['encryption-key'],
  ];
  return options.some(({ code }) => codes.includes(code));
}

/**
 * The proof in an opening query to the key of the server's certificate.
 *
 * @throws {@link ProtocolError} `query-unsigned` where Key Identifier, Timestamp or Signature is missing; `option-repeated`,
 *   `option-length` and what is wrong with a credential
 */
export function readLiteralQueryProof(
  codePoints: CodePoints,
  options: readonly DhcpOption[],
): LiteralQueryProof {
  const reader = new ProtocolOptions(codePoints, options);
  const signature = optionalData(options, codePoints.optionCodes.signature, 'Signature');
  const credential = shownCredential(codePoints, options);
  const keyIdentifier = reader.keyIdentifier();
  const timestamp = reader.timestamp();
  if (keyIdentifier === undefined || timestamp === undefined || signature === undefined) {
    throw new ProtocolError(
      'query-unsigned',
      'an opening query without Key Identifier, Timestamp and Signature',
    );
  }
  return { keyIdentifier, timestamp, signature: decodeSignatureOption(signature), credential };
}
