// SPDX-License-Identifier: MPL-2.0

import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  bitString,
  explicit,
  implicit,
  integer,
  namedBits,
  nothing,
  octetString,
  oid,
  sequence,
  set,
  utcTime,
  utf8,
  yes,
} from './der';

export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  /** The value inside the OCTET STRING. */
  readonly value: Buffer;
}

export const ids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  anyExtendedKeyUsage: '2.5.29.37.0',
} as const;

/** Bits of keyUsage. */
export const usage = { digitalSignature: 0, keyEncipherment: 2, keyAgreement: 4, keyCertSign: 5, crlSign: 6 };

export function extension(id: string, critical: boolean, value: Buffer): Extension {
  return { id, critical, value };
}

export const algorithms = {
  rsaWithSha256: sequence(oid('1.2.840.113549.1.1.11'), nothing),
  ecdsaWithSha1: sequence(oid('1.2.840.10045.4.1')),
  ecdsaWithSha224: sequence(oid('1.2.840.10045.4.3.1')),
  ecdsaWithSha256: sequence(oid('1.2.840.10045.4.3.2')),
  ecdsaWithSha256AndNull: sequence(oid('1.2.840.10045.4.3.2'), nothing),
  ecdsaWithSha384: sequence(oid('1.2.840.10045.4.3.3')),
} as const;

/** A common name; none for the empty name. */
export function name(commonName: string): Buffer {
  return commonName === '' ? sequence() : sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));
}

export function newKey(curve = 'P-256'): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: curve }).privateKey;
}

export function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** An RSA key of a modulus that nobody knows the factors of. */
export function rsaSpki(bits: number, exponent = 65537n, parameters: Buffer = nothing): Buffer {
  const modulus = (1n << BigInt(bits - 1)) + 12345n;
  const key = sequence(integer(modulus), integer(exponent));
  return sequence(sequence(oid('1.2.840.113549.1.1.1'), parameters), bitString(key));
}

export function keyIdentifier(spki: Buffer): Buffer {
  return createHash('sha1').update(spki).digest();
}

export interface CertificateFields {
  readonly version: Buffer;
  readonly serial: Buffer;
  readonly algorithm: Buffer;
  /** The algorithm outside of what is signed. */
  readonly outerAlgorithm: Buffer;
  readonly hash: string;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly notBefore: Buffer;
  readonly notAfter: Buffer;
  readonly spki: Buffer;
  readonly extensions: readonly Extension[];
  /** All extensions, encoded. */
  readonly extensionList: readonly Buffer[];
  readonly signature: Buffer;
}

export function encodeExtension({ id, critical, value }: Extension): Buffer {
  return sequence(oid(id), ...(critical ? [yes] : []), octetString(value));
}

/** A certificate signed by `signer`, with any field in any form. */
export function certificate(
  fields: Partial<CertificateFields> & { spki: Buffer },
  signer: KeyObject,
): Buffer {
  const algorithm = fields.algorithm ?? algorithms.ecdsaWithSha256;
  const extensions = fields.extensionList ?? (fields.extensions ?? []).map(encodeExtension);
  const body = sequence(
    ...(fields.version === undefined ? [explicit(0, integer(2))] : [fields.version]),
    fields.serial ?? integer(4711),
    algorithm,
    fields.issuer ?? name('issuer'),
    sequence(fields.notBefore ?? utcTime(validity.notBefore), fields.notAfter ?? utcTime(validity.notAfter)),
    fields.subject ?? name('subject'),
    fields.spki,
    ...(extensions.length === 0 ? [] : [explicit(3, sequence(...extensions))]),
  );
  const signature = fields.signature ?? sign(fields.hash ?? 'sha256', body, signer);
  return sequence(body, fields.outerAlgorithm ?? algorithm, bitString(signature));
}

export const validity = { notBefore: 1_700_000_000, now: 1_750_000_000, notAfter: 1_800_000_000 };

export function authorityKeyIdentifier(spki: Buffer): Extension {
  return extension(ids.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier(spki))));
}

export function subjectKeyIdentifier(spki: Buffer): Extension {
  return extension(ids.subjectKeyIdentifier, false, octetString(keyIdentifier(spki)));
}

export function basicConstraints(...members: readonly Buffer[]): Extension {
  return extension(ids.basicConstraints, true, sequence(...members));
}

export function keyUsage(...bits: readonly number[]): Extension {
  return extension(ids.keyUsage, true, namedBits(...bits));
}

export function extKeyUsage(...purposes: readonly string[]): Extension {
  return extension(ids.extKeyUsage, false, sequence(...purposes.map(oid)));
}

export interface RevokedEntry {
  readonly serial: Buffer;
  readonly extensions?: readonly Extension[];
}

export interface CrlFields {
  readonly version: readonly Buffer[];
  readonly algorithm: Buffer;
  readonly hash: string;
  readonly issuer: Buffer;
  readonly thisUpdate: Buffer;
  readonly nextUpdate: readonly Buffer[];
  readonly revoked: readonly RevokedEntry[];
  readonly extensions: readonly Extension[];
  readonly signature: Buffer;
}

/** A CRL signed by `signer`; extensions have to be given whole. */
export function crl(fields: Partial<CrlFields> & { issuer: Buffer }, signer: KeyObject): Buffer {
  const algorithm = fields.algorithm ?? algorithms.ecdsaWithSha256;
  const revoked = (fields.revoked ?? []).map(({ serial, extensions = [] }) =>
    sequence(
      serial,
      utcTime(validity.notBefore),
      ...(extensions.length === 0 ? [] : [sequence(...extensions.map(encodeExtension))]),
    ),
  );
  const extensions = fields.extensions ?? [];
  const body = sequence(
    ...(fields.version ?? [integer(1)]),
    algorithm,
    fields.issuer,
    fields.thisUpdate ?? utcTime(validity.notBefore),
    ...(fields.nextUpdate ?? [utcTime(validity.notAfter)]),
    ...(revoked.length === 0 ? [] : [sequence(Buffer.concat(revoked))]),
    ...(extensions.length === 0 ? [] : [explicit(0, sequence(...extensions.map(encodeExtension)))]),
  );
  return sequence(
    body,
    algorithm,
    bitString(fields.signature ?? sign(fields.hash ?? 'sha256', body, signer)),
  );
}

export function crlNumber(value: number): Extension {
  return extension(ids.crlNumber, false, integer(value));
}
