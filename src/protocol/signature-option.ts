// SPDX-License-Identifier: MPL-2.0

import {
  contextSignatureAlgorithmFor,
  CryptoError,
  type RecipientPrivateKey,
  type RecipientPublicKey,
  type SignatureChoice,
  type SignatureContext,
  signInContext,
  verify,
  verifyInContext,
} from '../crypto';
import type { DhcpOption } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { ProtocolError } from './errors';

/** HA-id and SA-id. */
const HEADER_LENGTH = 2;

/** A decoded Signature option (docs/protocol.md 2). */
export interface SignatureOption {
  readonly haId: number;
  readonly saId: number;
  /** A view into the message that carries the option. */
  readonly octets: Buffer;
}

/** @throws {@link ProtocolError} `option-length` */
export function decodeSignatureOption(data: Buffer): SignatureOption {
  if (data.length <= HEADER_LENGTH) {
    throw new ProtocolError('option-length', `Signature option of ${String(data.length)} octets`);
  }
  return { haId: data.readUInt8(0), saId: data.readUInt8(1), octets: data.subarray(HEADER_LENGTH) };
}

/**
 * A Signature option whose signature octets are still zero, as long as the signature will be.
 *
 * @param choice default: the algorithm that a signer uses for its key in a context (docs/protocol.md 2)
 */
export function unsignedSignatureOption(
  codePoints: CodePoints,
  key: RecipientPrivateKey,
  choice: SignatureChoice = contextSignatureAlgorithmFor(key.public),
): DhcpOption {
  const { haId, saId, signatureLength } = choice;
  const data = Buffer.alloc(HEADER_LENGTH + signatureLength);
  data[0] = haId;
  data[1] = saId;
  return { code: codePoints.optionCodes.signature, data };
}

/** Signs `covered` in a context with the algorithm that a signer uses for its key (docs/protocol.md 2). */
export function signOctets(key: RecipientPrivateKey, context: SignatureContext, covered: Buffer): Buffer {
  const { haId, saId } = contextSignatureAlgorithmFor(key.public);
  return signInContext(key, haId, saId, context, covered);
}

/**
 * @param context undefined for a signature of docs/protocol.md 9
 * @throws {@link ProtocolError} `signature-fail`; `algorithm-not-supported` where the ids do not fit the key
 */
export function requireSignature(
  key: RecipientPublicKey,
  { haId, saId, octets }: SignatureOption,
  context: SignatureContext | undefined,
  covered: Buffer,
): void {
  let valid: boolean;
  try {
    valid =
      context === undefined
        ? verify(key, haId, saId, covered, octets)
        : verifyInContext(key, haId, saId, context, covered, octets);
  } catch (error) {
    if (error instanceof CryptoError) {
      throw new ProtocolError('algorithm-not-supported', error.message, { cause: error });
    }
    throw error;
  }
  if (!valid) {
    throw new ProtocolError('signature-fail', 'the signature does not verify');
  }
}

/** Where the Signature option's signature octets begin, in the message that they are a view into. */
export function signatureOffset(octets: Buffer, signature: SignatureOption): number {
  return signature.octets.byteOffset - octets.byteOffset;
}
