// SPDX-License-Identifier: MPL-2.0

import { CryptoError, type RecipientPublicKey, verify } from '../crypto';
import { ProtocolError } from './errors';

/** A decoded Signature option (docs/protocol.md 2). */
export interface SignatureOption {
  readonly haId: number;
  readonly saId: number;
  /** A view into the message that carries the option. */
  readonly octets: Buffer;
}

/** @throws ProtocolError `option-length` */
export function decodeSignatureOption(data: Buffer): SignatureOption {
  if (data.length < 3) {
    throw new ProtocolError('option-length', `Signature option of ${String(data.length)} octets`);
  }
  return { haId: data.readUInt8(0), saId: data.readUInt8(1), octets: data.subarray(2) };
}

/** A copy of `octets`, which hold the signature, with the signature's own octets zero. */
export function withoutSignature(octets: Buffer, signature: SignatureOption): Buffer {
  const copy = Buffer.from(octets);
  const offset = signature.octets.byteOffset - octets.byteOffset;
  copy.fill(0, offset, offset + signature.octets.length);
  return copy;
}

/** @throws ProtocolError `signature-fail`, or `algorithm-not-supported` if the ids do not fit the key */
export function requireSignature(key: RecipientPublicKey, signature: SignatureOption, covered: Buffer): void {
  let valid: boolean;
  try {
    valid = verify(key, signature.haId, signature.saId, covered, signature.octets);
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
