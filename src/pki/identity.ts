// SPDX-License-Identifier: MPL-2.0

import { X509Certificate } from 'node:crypto';
import {
  CryptoError,
  type KeyType,
  type RecipientPrivateKey,
  sign,
  signatureAlgorithmFor,
  verify,
} from '../crypto';
import { parseCertificate } from './certificate';
import { type Located, readLocatedCertificates } from './certificate-files';
import { EndEntity } from './end-entity';
import { PkiError } from './errors';
import { privateKeyFrom, privateKeyOf } from './keys';
import { readPrivateKey } from './private-key-file';
import { type Purpose, roleProblem } from './role';
import { sameName } from './same-name';

/** docs/protocol.md 2: at most 8 Certificate options. */
const MAX_CHAIN_LENGTH = 8;

/** An own certificate with the chain behind it, and its private key. */
export interface Identity {
  /** DER, the end entity's first. */
  readonly chain: readonly Buffer[];
  readonly endEntity: EndEntity;
  readonly privateKey: RecipientPrivateKey;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly keyId: Buffer;
  readonly keyType: KeyType;
}

export interface IdentityRequest {
  /** Path of a PEM file: the end entity's certificate, then each one's issuer. */
  readonly certificate: string;
  /** Path of a PEM file; empty where a program signs. */
  readonly privateKey: string;
  /** The program that signs with the private key, and its arguments. */
  readonly privateKeyCommand?: readonly string[] | undefined;
  readonly purpose: Purpose;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The key must be allowed to decrypt, too (docs/protocol.md 9). */
  readonly decrypts?: boolean;
  /** For a key that is kept for decryption only after its certificate was replaced. */
  readonly allowExpired?: boolean;
}

/**
 * Loads a certificate chain and its key and checks all that can be told without the peer's trust anchors: the
 * key is the certificate's, the certificate is made for the role and valid now, each certificate of the chain is
 * issued by the next.
 * @throws PkiError whose `source` is the file (and line) at fault
 */
export function loadIdentity(request: IdentityRequest): Identity {
  const { certificate, privateKey: keyPath, purpose, now } = request;
  const chain = readLocatedCertificates(certificate);
  const [first] = chain;
  if (first === undefined) {
    throw new PkiError('file-empty', certificate, 'no certificate in it');
  }
  if (chain.length > MAX_CHAIN_LENGTH) {
    throw new PkiError(
      'chain-too-long',
      certificate,
      `${chain.length} certificates, a message carries at most ${MAX_CHAIN_LENGTH}`,
    );
  }
  const endEntity = EndEntity.parse(first.der, first.source);
  const { privateKeyCommand: command } = request;
  const privateKey =
    command === undefined
      ? privateKeyFrom(readPrivateKey(keyPath), keyPath)
      : privateKeyOf(endEntity.key.publicKey, command);
  requireKeyOf(endEntity, privateKey, chain, request);
  const problem = roleProblem(endEntity, purpose, request.decrypts);
  if (problem !== undefined) {
    throw new PkiError(problem.rule, first.source, problem.message);
  }
  for (const { der, source } of chain) {
    requireValidNow(der, source, now, request.allowExpired === true);
  }
  requireOrder(chain);
  return {
    chain: chain.map(({ der }) => der),
    endEntity,
    privateKey,
    spki: endEntity.spki,
    keyId: endEntity.keyId,
    keyType: endEntity.keyType,
  };
}

function requireKeyOf(
  endEntity: EndEntity,
  privateKey: RecipientPrivateKey,
  chain: readonly Located[],
  { certificate, privateKey: keyPath }: IdentityRequest,
): void {
  const { spki } = privateKey.public;
  if (!spki.equals(endEntity.spki)) {
    const position = chain.findIndex(({ der, source }) => parseCertificate(der, source).spki.equals(spki));
    throw new PkiError(
      'key-mismatch',
      keyPath,
      position < 0
        ? `not the private key of the certificate in ${certificate}`
        : `the private key of certificate ${position + 1} in ${certificate}: the end entity's certificate must come first`,
    );
  }
  // A damaged file can hold the right public half beside a wrong private one.
  const data = Buffer.from('key check');
  const { haId, saId } = signatureAlgorithmFor(privateKey.public);
  let works: boolean;
  try {
    works = verify(endEntity.key, haId, saId, data, sign(privateKey, haId, saId, data));
  } catch (error) {
    if (error instanceof CryptoError && error.code === 'signing-failed') {
      throw new PkiError('key-mismatch', 'private-key-command', error.message, { cause: error });
    }
    throw new PkiError('key-malformed', keyPath, 'the private key does not work', { cause: error });
  }
  if (!works) {
    throw new PkiError('key-malformed', keyPath, 'the private half does not belong to the public half');
  }
}

function requireValidNow(der: Buffer, source: string, now: number, allowExpired: boolean): void {
  const { notBefore, notAfter } = parseCertificate(der, source);
  if (now < notBefore.getTime()) {
    throw new PkiError(
      'not-yet-valid',
      source,
      `the certificate is valid from ${timeText(notBefore)} on, and ${clockText(now)}`,
    );
  }
  // RFC 5280 section 4.1.2.5: the second of notAfter is part of the validity.
  if (!allowExpired && now >= notAfter.getTime() + 1000) {
    throw new PkiError(
      'expired',
      source,
      `the certificate expired at ${timeText(notAfter)}, and ${clockText(now)}`,
    );
  }
}

/** A clock that is wrong looks like a certificate that is. */
function clockText(now: number): string {
  return `this system's clock says ${timeText(new Date(now))}: set it if it is wrong`;
}

function timeText(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}

function requireOrder(chain: readonly Located[]): void {
  for (const [index, { der, source }] of chain.entries()) {
    const next = chain[index + 1];
    if (next !== undefined && !isIssuedBy(der, next.der)) {
      throw new PkiError(
        'chain-order',
        next.source,
        `certificate ${index + 2} did not issue certificate ${index + 1} (${source}): the end entity's certificate comes first, then each one's issuer`,
      );
    }
  }
}

function isIssuedBy(der: Buffer, issuerDer: Buffer): boolean {
  const isNamed = sameName(parseCertificate(der, '').issuerDer, parseCertificate(issuerDer, '').subjectDer);
  try {
    return isNamed && new X509Certificate(der).verify(new X509Certificate(issuerDer).publicKey);
  } catch {
    // A key that OpenSSL cannot use has signed nothing.
    return false;
  }
}
