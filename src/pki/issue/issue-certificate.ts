// SPDX-License-Identifier: MPL-2.0

import type { RecipientPublicKey } from '../../crypto';
import { PkiError } from '../errors';
import { KeyPurposeId } from '../extensions';
import { publicKeyFrom } from '../keys';
import { encodePem } from '../pem';
import type { Purpose } from '../role';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
} from '../x509';
import { requireAlternativeNames } from './alternative-names';
import { type Authority, issuersOf, validityBelow } from './authority';
import { generateKey, type IssuedKeyType, privateKeyPem } from './key-pair';
import { keyIdentifiers, signCertificate } from './signing';
import { parseSubject } from './subject';

export interface CertificateRequest {
  readonly authority: Authority;
  readonly purpose: Purpose;
  /** Text as `parseSubject` takes it, or a DER Name; may be empty if there is a dns or uri name. */
  readonly subject: string | Buffer;
  readonly dns?: readonly string[];
  readonly uri?: readonly string[];
  /** A key to be made, or the DER SubjectPublicKeyInfo of one that its owner has. */
  readonly key: IssuedKeyType | Buffer;
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface IssuedCertificate {
  /** DER. */
  readonly certificate: Buffer;
  /** PEM: the certificate and its issuers up to, and without, the root. */
  readonly certificatePem: string;
  /** PKCS#8 in PEM; undefined if the key was its owner's. */
  readonly privateKeyPem: string | undefined;
}

/**
 * Issues a client's or server's certificate with all that docs/protocol.md 2 and 9 ask for.
 * @throws PkiError `invalid-argument`, `algorithm-not-supported`, `key-malformed`, or `expired` (the issuer)
 */
export async function issueCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  const { authority, purpose, dns = [], uri = [] } = request;
  requireAlternativeNames(dns, uri);
  const subject =
    typeof request.subject === 'string' ? parseSubject(request.subject) : new Name(request.subject);
  const isNameless = subject.toJSON().length === 0;
  if (isNameless && dns.length + uri.length === 0) {
    throw new PkiError(
      'invalid-argument',
      'subject',
      'a certificate must have a subject, a DNS name or a URI',
    );
  }
  const { spki, privateKey } =
    typeof request.key === 'string'
      ? await generateKey(request.key)
      : { spki: request.key, privateKey: undefined };
  const key = publicKeyFrom(spki, 'public key');
  const certificate = await signCertificate({
    signingKey: authority.key,
    issuer: new Name(authority.fields.subjectDer),
    subject,
    spki: key.spki,
    validity: validityBelow(authority, request.now, request.days),
    extensions: [
      ...endEntityExtensions(key, purpose),
      ...keyIdentifiers(key.spki, authority),
      // RFC 5280 section 4.2.1.6: critical if the subject is empty.
      ...alternativeNames(dns, uri, isNameless),
    ],
  });
  return {
    certificate,
    certificatePem: [certificate, ...issuersOf(authority)]
      .map((der) => encodePem('CERTIFICATE', der))
      .join(''),
    privateKeyPem: privateKey === undefined ? undefined : privateKeyPem(privateKey),
  };
}

function endEntityExtensions(key: RecipientPublicKey, purpose: Purpose): Extension[] {
  const encrypts = key.keyType === 'RSA' ? KeyUsageFlags.keyEncipherment : KeyUsageFlags.keyAgreement;
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | encrypts, true),
    new ExtendedKeyUsageExtension([KeyPurposeId[`${purpose}Auth`]]),
  ];
}

function alternativeNames(dns: readonly string[], uri: readonly string[], critical: boolean): Extension[] {
  const names = [
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...uri.map((value) => ({ type: 'url' as const, value })),
  ];
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names, critical)];
}
