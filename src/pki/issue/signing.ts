// SPDX-License-Identifier: MPL-2.0

import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { DerReader, Tag } from '../../bridge';
import type { RecipientPrivateKey } from '../../crypto';
import { parseCertificate } from '../certificate';
import { PkiError } from '../errors';
import { ExtensionId } from '../extensions';
import {
  AuthorityKeyIdentifierExtension,
  type Extension,
  type Name,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '../x509';
import type { Authority } from './authority';

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const day = 86_400_000;
const MAX_DAYS = 36_500;

/** Peers' clocks may differ by this much (docs/protocol.md 6): a new certificate is valid for them at once. */
const clockTolerance = 300_000;

/** @throws PkiError `invalid-argument` */
export function validityFrom(now: number, days: number): Validity {
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) {
    throw new PkiError('invalid-argument', 'days', `${days} is not a number of days from 1 to ${MAX_DAYS}`);
  }
  const second = Math.floor(now / 1000) * 1000;
  return { notBefore: new Date(second - clockTolerance), notAfter: new Date(second + days * day) };
}

export interface SigningRequest {
  readonly signingKey: RecipientPrivateKey;
  readonly issuer: Name;
  readonly subject: Name;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  readonly validity: Validity;
  readonly extensions: Extension[];
}

/** Signs a certificate and gives it back in DER, read again as peers will read it. */
export async function signCertificate(request: SigningRequest): Promise<Buffer> {
  const { signingKey, issuer, subject, spki, validity, extensions } = request;
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: randomSerial().toString('hex'),
      issuer,
      subject,
      publicKey: spki,
      ...validity,
      extensions,
      ...(await signerOf(signingKey)),
    },
    webcrypto,
  );
  const der = Buffer.from(certificate.rawData);
  parseCertificate(der, 'issued certificate');
  return der;
}

export interface WebCryptoSigner {
  readonly signingKey: webcrypto.CryptoKey;
  readonly signingAlgorithm: { readonly name: string; readonly hash: string };
}

/** The key and how it signs: SHA-384 with P-384, SHA-256 otherwise. */
export async function signerOf(key: RecipientPrivateKey): Promise<WebCryptoSigner> {
  const { keyType } = key.public;
  const pkcs8 = key.privateKey.export({ type: 'pkcs8', format: 'der' });
  const hash = keyType === 'P-384' ? 'SHA-384' : 'SHA-256';
  const name = keyType === 'RSA' ? 'RSASSA-PKCS1-v1_5' : 'ECDSA';
  const algorithm = keyType === 'RSA' ? { name, hash } : { name, namedCurve: keyType };
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  pkcs8.fill(0);
  return { signingKey, signingAlgorithm: { name, hash } };
}

/** 16 octets, positive and never zero at the front (RFC 5280 section 4.1.2.2 allows 20). */
function randomSerial(): Buffer {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  return serial;
}

/** Subject's and, if there is an issuer, authority's key identifier (RFC 5280 sections 4.2.1.1 and 4.2.1.2). */
export function keyIdentifiers(spki: Buffer, issuer: Authority | undefined): Extension[] {
  const subjectKeyIdentifier = new SubjectKeyIdentifierExtension(keyIdentifierOf(spki).toString('hex'));
  return issuer === undefined
    ? [subjectKeyIdentifier]
    : [subjectKeyIdentifier, authorityKeyIdentifier(issuer)];
}

/** The identifier that the issuer's certificate has, since it may be of another making than ours. */
export function authorityKeyIdentifier({ fields }: Authority): AuthorityKeyIdentifierExtension {
  const own = fields.extensions.get(ExtensionId.SubjectKeyIdentifier)?.value;
  const identifier =
    own === undefined
      ? keyIdentifierOf(fields.spki)
      : DerReader.wrap(own).element('subjectKeyIdentifier', Tag.OctetString).contents;
  return new AuthorityKeyIdentifierExtension(identifier.toString('hex'));
}

/** Method (1) of RFC 5280 section 4.2.1.2: SHA-1 of the subjectPublicKey. */
function keyIdentifierOf(spki: Buffer): Buffer {
  const reader = DerReader.open(spki, Tag.Sequence, 'subjectPublicKeyInfo');
  reader.element('algorithm', Tag.Sequence);
  return createHash('sha1').update(reader.bitStringOctets('subjectPublicKey')).digest();
}
