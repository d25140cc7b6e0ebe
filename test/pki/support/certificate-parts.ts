// SPDX-License-Identifier: MPL-2.0

import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { bitString, explicit, integer, name, octetString, Oid, sequence, utcTime } from './der';

/** The fields of a certificate (RFC 5280 section 4.1), each DER; undefined leaves one out. */
export interface CertificateParts {
  readonly version: Buffer | undefined;
  readonly serialNumber: Buffer;
  readonly signature: Buffer;
  readonly issuer: Buffer;
  readonly validity: Buffer;
  readonly subject: Buffer;
  readonly subjectPublicKeyInfo: Buffer;
  /** After subjectPublicKeyInfo: unique identifiers and extensions. */
  readonly rest: readonly Buffer[];
  readonly signatureAlgorithm: Buffer;
  readonly signatureValue: Buffer;
}

export const p256Spki = publicKeyOf('prime256v1');

function publicKeyOf(namedCurve: string): Buffer {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve });
  return createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
    type: 'spki',
    format: 'der',
  });
}

export function extension(id: Buffer, value: Buffer, critical: readonly Buffer[] = []): Buffer {
  return sequence(id, ...critical, octetString(value));
}

export function extensions(...list: readonly Buffer[]): Buffer {
  return explicit(3, sequence(...list));
}

export const validity = (notBefore: Buffer, notAfter: Buffer) => sequence(notBefore, notAfter);

/** A certificate that is well-formed but for what `changes` says; its signature is nobody's. */
export function certificate(changes: Partial<CertificateParts> = {}): Buffer {
  const algorithm = sequence(Oid.ecdsaWithSha256);
  const parts: CertificateParts = {
    version: explicit(0, integer(2)),
    serialNumber: integer(0x12, 0x34),
    signature: algorithm,
    issuer: name('issuer'),
    validity: validity(utcTime('250101000000Z'), utcTime('450101000000Z')),
    subject: name('subject'),
    subjectPublicKeyInfo: p256Spki,
    rest: [],
    signatureAlgorithm: algorithm,
    signatureValue: bitString(0, ...createHash('sha256').update('nobody').digest()),
    ...changes,
  };
  const tbsCertificate = sequence(
    ...(parts.version === undefined ? [] : [parts.version]),
    parts.serialNumber,
    parts.signature,
    parts.issuer,
    parts.validity,
    parts.subject,
    parts.subjectPublicKeyInfo,
    ...parts.rest,
  );
  return sequence(tbsCertificate, parts.signatureAlgorithm, parts.signatureValue);
}

/** With these extensions and otherwise like `certificate`. */
export function certificateWith(...list: readonly Buffer[]): Buffer {
  return certificate({ rest: [extensions(...list)] });
}
