// SPDX-License-Identifier: MPL-2.0

import { type RecipientPrivateKey, sign, signatureAlgorithmFor } from '../crypto';
import type { DhcpOption } from '../dhcpv6';
import type { CodePoints } from './code-points';

/**
 * Who signs a message: a private key, and the certificates that go with it (DER, end entity first).
 * Without certificates the signer shows its bare public key (RFC 7435).
 */
export interface Signer {
  readonly key: RecipientPrivateKey;
  readonly chain: readonly Buffer[];
}

/** Certificate options, or one Public Key option (docs/protocol.md 2). */
export function credentialOptions(codePoints: CodePoints, signer: Signer): DhcpOption[] {
  if (signer.chain.length === 0) {
    return [{ code: codePoints.optionCodes['public-key'], data: signer.key.public.spki }];
  }
  return signer.chain.map((certificate) => ({ code: codePoints.optionCodes.certificate, data: certificate }));
}

/** A Signature option whose signature octets are still zero, as long as the signature will be. */
export function unsignedSignatureOption(codePoints: CodePoints, key: RecipientPrivateKey): DhcpOption {
  const { haId, saId, signatureLength } = signatureAlgorithmFor(key.public);
  const data = Buffer.alloc(2 + signatureLength);
  data[0] = haId;
  data[1] = saId;
  return { code: codePoints.optionCodes.signature, data };
}

/** Signs `covered` with the algorithm that a signer uses for its key (docs/protocol.md 2). */
export function signOctets(key: RecipientPrivateKey, covered: Buffer): Buffer {
  const { haId, saId } = signatureAlgorithmFor(key.public);
  return sign(key, haId, saId, covered);
}
