// SPDX-License-Identifier: MPL-2.0

import { X509Certificate, type KeyObject } from 'node:crypto';
import { RecipientPrivateKey } from '../../crypto';
import { type CertificateFields, parseCertificate } from '../certificate';
import { readLocatedCertificates, requireAuthority } from '../certificate-files';
import { PkiError } from '../errors';
import { basicConstraints, keyUsage } from '../extensions';
import { privateKeyFrom } from '../keys';
import { encodePem } from '../pem';
import { readPrivateKey } from '../private-key-file';
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, Name } from '../x509';
import { generateKey, type IssuedKeyType, privateKeyPem } from './key-pair';
import { keyIdentifiers, signCertificate, type Validity, validityFrom } from './signing';
import { parseSubject } from './subject';
import { sameName } from '../same-name';

/** A certification authority: its certificate, those above it, and its key. */
export interface Authority {
  readonly fields: CertificateFields;
  /** DER: its certificate, then those above it up to, and without, the root; of a root its certificate alone. */
  readonly chain: readonly Buffer[];
  readonly key: RecipientPrivateKey;
  /** Whether it is a root, so that peers have its certificate and no chain carries it. */
  readonly isRoot: boolean;
  /** The chain in PEM. */
  readonly certificatePem: string;
  /** PKCS#8 in PEM. */
  readonly privateKeyPem: string;
}

export interface AuthorityRequest {
  /** Text as `parseSubject` takes it. */
  readonly subject: string;
  readonly keyType: IssuedKeyType;
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Makes a root: a key, and a certificate that it signs itself.
 * @throws PkiError `invalid-argument`
 */
export async function createAuthority(request: AuthorityRequest): Promise<Authority> {
  const { privateKey, spki } = await generateKey(request.keyType);
  const key = RecipientPrivateKey.fromKeyObject(privateKey);
  const subject = requireNamed(request.subject);
  const certificate = await signCertificate({
    signingKey: key,
    issuer: subject,
    subject,
    spki,
    validity: validityFrom(request.now, request.days),
    extensions: [...authorityExtensions(undefined), ...keyIdentifiers(spki, undefined)],
  });
  return assemble([certificate], key, privateKey);
}

export interface IntermediateRequest extends AuthorityRequest {
  readonly issuer: Authority;
  /** How many authorities may stand below this one: 0 lets it issue end entities only. */
  readonly pathLength: number;
}

/**
 * Makes an authority below another one.
 * @throws PkiError `invalid-argument`, or `not-an-authority` if the issuer may have none below it
 */
export async function createIntermediate(request: IntermediateRequest): Promise<Authority> {
  const { issuer, pathLength } = request;
  const limit = basicConstraints(issuer.fields, 'issuer')?.pathLenConstraint;
  if (limit !== undefined && limit <= pathLength) {
    throw new PkiError(
      'not-an-authority',
      'issuer',
      `its pathLenConstraint ${limit} leaves no room for an authority with ${pathLength}`,
    );
  }
  const { privateKey, spki } = await generateKey(request.keyType);
  const key = RecipientPrivateKey.fromKeyObject(privateKey);
  const certificate = await signCertificate({
    signingKey: issuer.key,
    issuer: new Name(issuer.fields.subjectDer),
    subject: requireNamed(request.subject),
    spki,
    validity: validityBelow(issuer, request.now, request.days),
    extensions: [...authorityExtensions(pathLength), ...keyIdentifiers(spki, issuer)],
  });
  return assemble([certificate, ...issuersOf(issuer)], key, privateKey);
}

/**
 * Loads an authority's files.
 * @throws PkiError that names the file at fault
 */
export function loadAuthority(certificatePath: string, keyPath: string): Authority {
  const chain = readLocatedCertificates(certificatePath);
  const [first] = chain;
  if (first === undefined) {
    throw new PkiError('file-empty', certificatePath, 'no certificate in it');
  }
  requireAuthority(first.der, first.source);
  const privateKey = readPrivateKey(keyPath);
  const key = privateKeyFrom(privateKey, keyPath);
  if (!parseCertificate(first.der, first.source).spki.equals(key.public.spki)) {
    throw new PkiError(
      'key-mismatch',
      keyPath,
      `not the private key of the certificate in ${certificatePath}`,
    );
  }
  return assemble(
    chain.map(({ der }) => der),
    key,
    privateKey,
  );
}

function assemble(chain: readonly Buffer[], key: RecipientPrivateKey, privateKey: KeyObject): Authority {
  const [certificate = Buffer.alloc(0)] = chain;
  const fields = parseCertificate(certificate, 'issuer');
  return {
    fields,
    chain,
    key,
    isRoot: sameName(fields.issuerDer, fields.subjectDer),
    certificatePem: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    privateKeyPem: privateKeyPem(privateKey),
  };
}

/** What a certificate of this issuer needs behind it: the chain up to the root, which peers have. */
export function issuersOf(authority: Authority): readonly Buffer[] {
  return authority.isRoot ? [] : authority.chain;
}

/** Whether the authority has signed what carries its name. */
export function hasIssued(authority: Authority, der: Buffer, source: string): boolean {
  const { issuerDer } = parseCertificate(der, source);
  return (
    sameName(issuerDer, authority.fields.subjectDer) &&
    new X509Certificate(der).verify(authority.key.public.publicKey)
  );
}

/** @throws PkiError `not-an-authority` if its keyUsage rules out signing CRLs (RFC 5280 section 6.3.3 (f)) */
export function requireCrlSigner(authority: Authority): void {
  if (keyUsage(authority.fields, 'issuer')?.has('cRLSign') === false) {
    throw new PkiError('not-an-authority', 'issuer', 'its keyUsage does not allow it to sign CRLs');
  }
}

/** No certificate outlives its issuer's: it would be worth nothing from then on. */
export function validityBelow(issuer: Authority, now: number, days: number): Validity {
  const { notBefore, notAfter } = validityFrom(now, days);
  const end = issuer.fields.notAfter;
  if (end.getTime() <= now) {
    throw new PkiError('expired', 'issuer', `its certificate expired at ${end.toISOString()}`);
  }
  return { notBefore, notAfter: notAfter < end ? notAfter : end };
}

/** RFC 5280 sections 4.2.1.9 and 4.2.1.3 */
function authorityExtensions(
  pathLength: number | undefined,
): [BasicConstraintsExtension, KeyUsagesExtension] {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ];
}

/** RFC 5280 section 4.1.2.6: an authority has a name. */
function requireNamed(text: string): Name {
  if (text.trim() === '') {
    throw new PkiError(
      'invalid-argument',
      'subject',
      'an authority must have a name, such as CN=DHCPv6 authority',
    );
  }
  return parseSubject(text);
}
