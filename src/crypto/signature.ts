// SPDX-License-Identifier: MPL-2.0

import { constants, sign as signOctets, type SigningOptions, verify as verifyOctets } from 'node:crypto';
import { DerError, DerReader, Tag } from '../bridge';
import { CryptoError } from './errors';
import type { RecipientPrivateKey } from './recipient-private-key';
import type { RecipientPublicKey } from './recipient-public-key';

/** HA-id of the Signature option (docs/protocol.md 2). */
export const HashAlgorithm = { Sha256: 1, Sha512: 2, Sha384: 3 } as const;

/** SA-id of the Signature option (docs/protocol.md 2). */
export const SignatureAlgorithm = { RsaPkcs1: 1, Ecdsa: 2, RsaPss: 3 } as const;

/** SA-ids of the same algorithms over a context string, 0x00 and the data (docs/protocol.md 2). */
export const ContextSignatureAlgorithm = { RsaPkcs1: 0x81, Ecdsa: 0x82, RsaPss: 0x83 } as const;

/** Context strings by who signs what: a client or server its message (docs/protocol.md 2), a client a query (4.2). */
const contexts = {
  client: Buffer.from('dhcpv6-encryption-01 client\0', 'ascii'),
  server: Buffer.from('dhcpv6-encryption-01 server\0', 'ascii'),
  query: Buffer.from('dhcpv6-encryption-01 signed query\0', 'ascii'),
} as const;

export type SignatureContext = keyof typeof contexts;

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

/** What an SA-id means. */
interface Algorithm {
  readonly isRsa: boolean;
  readonly options: SigningOptions;
}

const hashes: ReadonlyMap<number, string> = new Map<number, string>([
  [HashAlgorithm.Sha256, 'sha256'],
  [HashAlgorithm.Sha384, 'sha384'],
  [HashAlgorithm.Sha512, 'sha512'],
]);

const rsaPkcs1: Algorithm = { isRsa: true, options: { padding: constants.RSA_PKCS1_PADDING } };
const ecdsa: Algorithm = { isRsa: false, options: { dsaEncoding: 'ieee-p1363' } };
const rsaPss: Algorithm = {
  isRsa: true,
  // MGF1 takes the signature's hash unless told otherwise.
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
};

/** Algorithms by SA-id, each with every hash. */
type Algorithms = ReadonlyMap<number, Algorithm>;

const plainAlgorithms: Algorithms = new Map<number, Algorithm>([
  [SignatureAlgorithm.RsaPkcs1, rsaPkcs1],
  [SignatureAlgorithm.Ecdsa, ecdsa],
  [SignatureAlgorithm.RsaPss, rsaPss],
]);

const contextAlgorithms: Algorithms = new Map<number, Algorithm>([
  [ContextSignatureAlgorithm.RsaPkcs1, rsaPkcs1],
  [ContextSignatureAlgorithm.Ecdsa, ecdsa],
  [ContextSignatureAlgorithm.RsaPss, rsaPss],
]);

/** What a signer uses: SHA-384 with P-384, SHA-256 otherwise; PKCS#1 v1.5 with RSA (docs/protocol.md 2). */
export function signatureAlgorithmFor(key: RecipientPublicKey): SignatureChoice {
  return choiceFor(key, SignatureAlgorithm);
}

/** The same with a context string. */
export function contextSignatureAlgorithmFor(key: RecipientPublicKey): SignatureChoice {
  return choiceFor(key, ContextSignatureAlgorithm);
}

/** @throws CryptoError `algorithm-not-supported` if the ids are unknown, want a context string, or do not fit the key */
export function sign(privateKey: RecipientPrivateKey, haId: number, saId: number, data: Buffer): Buffer {
  return signAs(privateKey, schemeFor(plainAlgorithms, privateKey.public, haId, saId), data);
}

/**
 * The signature over the context string, 0x00 and `data`.
 * @throws CryptoError `algorithm-not-supported` where the ids are unknown, want no context string, or do not fit the key
 */
export function signInContext(
  privateKey: RecipientPrivateKey,
  haId: number,
  saId: number,
  context: SignatureContext,
  data: Buffer,
): Buffer {
  const scheme = schemeFor(contextAlgorithms, privateKey.public, haId, saId);
  return signAs(privateKey, scheme, Buffer.concat([contexts[context], data]));
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
  return verifyAs(publicKey, schemeFor(plainAlgorithms, publicKey, haId, saId), data, signature);
}

/**
 * Whether the signature is the key's over the context string, 0x00 and `data`.
 * @throws CryptoError `algorithm-not-supported` where the ids are unknown, want no context string, or do not fit the key
 */
export function verifyInContext(
  publicKey: RecipientPublicKey,
  haId: number,
  saId: number,
  context: SignatureContext,
  data: Buffer,
  signature: Buffer,
): boolean {
  const scheme = schemeFor(contextAlgorithms, publicKey, haId, saId);
  return verifyAs(publicKey, scheme, Buffer.concat([contexts[context], data]), signature);
}

function choiceFor(
  key: RecipientPublicKey,
  ids: typeof SignatureAlgorithm | typeof ContextSignatureAlgorithm,
): SignatureChoice {
  return {
    haId: key.keyType === 'P-384' ? HashAlgorithm.Sha384 : HashAlgorithm.Sha256,
    saId: key.keyType === 'RSA' ? ids.RsaPkcs1 : ids.Ecdsa,
    signatureLength: signatureLengthOf(key),
  };
}

function signAs(privateKey: RecipientPrivateKey, { hash, options }: Scheme, data: Buffer): Buffer {
  const { signer, public: publicKey } = privateKey;
  if (signer === undefined) {
    return signOctets(hash, data, { key: privateKey.privateKey, ...options });
  }
  // The padding is fixed by the key (signatureAlgorithmFor), and so is known to whoever has set the program up.
  const given = signer.sign(hash, data);
  const signature = [given, p1363(given, publicKey)].find(
    (octets) => octets !== undefined && verifyAs(publicKey, { hash, options }, data, octets),
  );
  if (signature === undefined) {
    throw signer.refused(`${given.length} octets that do not verify`);
  }
  return signature;
}

/** An ECDSA signature in DER, as programs write it, in fixed length; undefined for what is none. */
function p1363(octets: Buffer, key: RecipientPublicKey): Buffer | undefined {
  if (key.parsed.keyType === 'RSA') {
    return undefined;
  }
  const { Nsk } = key.parsed.curve;
  try {
    const body = DerReader.open(octets, Tag.Sequence, 'ECDSA-Sig-Value');
    const numbers = ['r', 's'].map((name) => {
      const { contents } = body.element(name, Tag.Integer);
      const digits = contents[0] === 0 ? contents.subarray(1) : contents;
      return Buffer.concat([Buffer.alloc(Math.max(Nsk - digits.length, 0)), digits]);
    });
    return Buffer.concat(numbers);
  } catch (error) {
    if (error instanceof DerError) {
      return undefined;
    }
    throw error;
  }
}

function verifyAs(
  publicKey: RecipientPublicKey,
  { hash, options }: Scheme,
  data: Buffer,
  signature: Buffer,
): boolean {
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

function schemeFor(algorithms: Algorithms, key: RecipientPublicKey, haId: number, saId: number): Scheme {
  const hash = hashes.get(haId);
  const algorithm = algorithms.get(saId);
  if (hash === undefined || algorithm?.isRsa !== (key.keyType === 'RSA')) {
    throw new CryptoError(
      'algorithm-not-supported',
      `HA-id ${haId}, SA-id ${saId} with a key of type ${key.keyType}`,
    );
  }
  return { hash, options: algorithm.options };
}
