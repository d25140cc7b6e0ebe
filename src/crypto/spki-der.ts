// SPDX-License-Identifier: MPL-2.0

import { DerError, DerReader, Tag } from '../bridge';
import { curves, type Curve } from './curve';
import { CryptoError } from './errors';

/** What a SubjectPublicKeyInfo holds. Buffers are views into the input. */
export type ParsedSpki =
  | {
      readonly keyType: 'RSA';
      /** Octets of the modulus, and so of a signature and of an encapsulation. */
      readonly modulusLength: number;
      /** The RSAPublicKey of RFC 8017 appendix A.1.1, DER. */
      readonly rsaPublicKey: Buffer;
    }
  | { readonly keyType: 'P-256' | 'P-384'; readonly curve: Curve; readonly point: Buffer };

const rsaEncryption = Buffer.from('2a864886f70d010101', 'hex'); // 1.2.840.113549.1.1.1
const idEcPublicKey = Buffer.from('2a8648ce3d0201', 'hex'); // 1.2.840.10045.2.1

const MIN_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 4096;

/** A longer exponent costs every verifier dearly and gains its owner nothing. */
const MAX_EXPONENT_OCTETS = 8;

/**
 * Parses a DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7, RFC 3279 section 2.3.1, RFC 5480 section 2)
 * as docs/protocol.md 2 wants it: strict DER, nothing after it, EC points uncompressed on named curves.
 * @throws CryptoError `key-malformed`, `key-invalid` (an RSA exponent or modulus that cannot be one), or
 * `algorithm-not-supported` (other algorithms, curves and sizes)
 */
export function parseSpki(spki: Buffer): ParsedSpki {
  return asCryptoError('SubjectPublicKeyInfo', () => readSpki(spki));
}

/** Runs a reader of DER and turns its refusal into a CryptoError. */
function asCryptoError<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) {
      throw new CryptoError('key-malformed', `${what}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function readSpki(spki: Buffer): ParsedSpki {
  const body = DerReader.open(spki, Tag.Sequence, 'SubjectPublicKeyInfo');
  const algorithm = body.constructed(Tag.Sequence, 'algorithm');
  const oid = algorithm.element('algorithm identifier', Tag.Oid).contents;
  if (oid.equals(rsaEncryption)) {
    algorithm.element('parameters', Tag.Null);
    algorithm.end('algorithm');
    const rsaPublicKey = body.bitStringOctets('subjectPublicKey');
    body.end('SubjectPublicKeyInfo');
    const modulusLength = asCryptoError('RSAPublicKey', () => readRsaPublicKey(rsaPublicKey));
    return { keyType: 'RSA', rsaPublicKey, modulusLength };
  }
  if (!oid.equals(idEcPublicKey)) {
    throw new CryptoError('algorithm-not-supported', `public key algorithm ${oid.toString('hex')}`);
  }
  const curve = readNamedCurve(algorithm);
  const point = body.bitStringOctets('subjectPublicKey');
  body.end('SubjectPublicKeyInfo');
  if (point.length !== curve.Npk || point[0] !== 0x04) {
    throw new CryptoError('key-malformed', `not an uncompressed point of ${curve.keyType}`);
  }
  return { keyType: curve.keyType, curve, point };
}

function readNamedCurve(algorithm: DerReader): Curve {
  if (algorithm.nextTag === Tag.Sequence) {
    throw new CryptoError('algorithm-not-supported', 'an EC key whose curve is not named');
  }
  const oid = algorithm.element('namedCurve', Tag.Oid).contents;
  algorithm.end('algorithm');
  const curve = curves.find((candidate) => candidate.oid.equals(oid));
  if (curve === undefined) {
    throw new CryptoError('algorithm-not-supported', `curve ${oid.toString('hex')}`);
  }
  return curve;
}

/** Returns the octets of the modulus. */
function readRsaPublicKey(octets: Buffer): number {
  const body = DerReader.open(octets, Tag.Sequence, 'RSAPublicKey');
  const modulus = body.unsignedInteger('modulus');
  const exponent = body.unsignedInteger('publicExponent');
  body.end('RSAPublicKey');
  const bits = modulus.length * 8 - (Math.clz32(modulus[0] ?? 0) - 24);
  if (bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS) {
    throw new CryptoError(
      'algorithm-not-supported',
      `RSA of ${bits} bits, supported are ${MIN_MODULUS_BITS} to ${MAX_MODULUS_BITS}`,
    );
  }
  if (!isOdd(modulus)) {
    throw new CryptoError('key-invalid', 'an even RSA modulus');
  }
  const isOne = exponent.length === 1 && exponent[0] === 1;
  if (!isOdd(exponent) || isOne || exponent.length > MAX_EXPONENT_OCTETS) {
    throw new CryptoError('key-invalid', 'the RSA public exponent is even, 1 or beyond 64 bits');
  }
  return modulus.length;
}

function isOdd(integer: Buffer): boolean {
  return ((integer.at(-1) ?? 0) & 1) === 1;
}
