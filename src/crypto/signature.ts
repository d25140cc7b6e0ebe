// SPDX-License-Identifier: MPL-2.0

import { constants, sign as signOctets, type SigningOptions, verify as verifyOctets } from 'node:crypto';
import { CryptoError } from './errors';
import type { RecipientPrivateKey } from './recipient-private-key';
import type { RecipientPublicKey } from './recipient-public-key';

/** HA-id of the Signature option (docs/protocol.md 2). */
export const HashAlgorithm = { Sha256: 1, Sha512: 2, Sha384: 3 } as const;

/** SA-id of the Signature option (docs/protocol.md 2). */
export const SignatureAlgorithm = { RsaPkcs1: 1, Ecdsa: 2, RsaPss: 3 } as const;

/** How a signer signs with its key. */
export interface SignatureChoice {
  readonly haId: number;
  readonly saId: number;
  /** Octets of the signature. */
  readonly signatureLength: number;
}

interface Scheme {
  readonly hash: string;
  readonly options: SigningOptions;
}

const hashes: ReadonlyMap<number, string> = new Map<number, string>([
  [HashAlgorithm.Sha256, 'sha256'],
  [HashAlgorithm.Sha384, 'sha384'],
  [HashAlgorithm.Sha512, 'sha512'],
]);

const rsaSchemes: ReadonlyMap<number, SigningOptions> = new Map<number, SigningOptions>([
  [SignatureAlgorithm.RsaPkcs1, { padding: constants.RSA_PKCS1_PADDING }],
  // MGF1 takes the signature's hash unless told otherwise.
  [
    SignatureAlgorithm.RsaPss,
    { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  ],
]);

const ecSchemes: ReadonlyMap<number, SigningOptions> = new Map<number, SigningOptions>([
  [SignatureAlgorithm.Ecdsa, { dsaEncoding: 'ieee-p1363' }],
]);

/** What a signer uses: SHA-384 with P-384, SHA-256 otherwise; PKCS#1 v1.5 with RSA (docs/protocol.md 2). */
export function signatureAlgorithmFor(key: RecipientPublicKey): SignatureChoice {
  const haId = key.keyType === 'P-384' ? HashAlgorithm.Sha384 : HashAlgorithm.Sha256;
  const saId = key.keyType === 'RSA' ? SignatureAlgorithm.RsaPkcs1 : SignatureAlgorithm.Ecdsa;
  return { haId, saId, signatureLength: signatureLengthOf(key) };
}

/** @throws CryptoError `algorithm-not-supported` if the ids are unknown or do not fit the key */
export function sign(privateKey: RecipientPrivateKey, haId: number, saId: number, data: Buffer): Buffer {
  const { hash, options } = schemeFor(privateKey.public, haId, saId);
  return signOctets(hash, data, { key: privateKey.privateKey, ...options });
}

/**
 * Whether the signature is the key's over `data`; a signature of another length than the key's is not.
 * @throws CryptoError `algorithm-not-supported` if the ids are unknown or do not fit the key
 */
export function verify(
  publicKey: RecipientPublicKey,
  haId: number,
  saId: number,
  data: Buffer,
  signature: Buffer,
): boolean {
  const { hash, options } = schemeFor(publicKey, haId, saId);
  if (signature.length !== signatureLengthOf(publicKey)) {
    return false;
  }
  return publicKey.ec === undefined
    ? verifyOctets(hash, data, { key: publicKey.publicKey, ...options }, signature)
    : publicKey.ec.verify(hash, data, signature);
}

function signatureLengthOf(key: RecipientPublicKey): number {
  return key.parsed.keyType === 'RSA' ? key.parsed.modulusLength : 2 * key.parsed.curve.Nsk;
}

function schemeFor(key: RecipientPublicKey, haId: number, saId: number): Scheme {
  const hash = hashes.get(haId);
  const options = (key.keyType === 'RSA' ? rsaSchemes : ecSchemes).get(saId);
  if (hash === undefined || options === undefined) {
    throw new CryptoError(
      'algorithm-not-supported',
      `HA-id ${haId}, SA-id ${saId} with a key of type ${key.keyType}`,
    );
  }
  return { hash, options };
}
