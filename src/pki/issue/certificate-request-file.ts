// SPDX-License-Identifier: MPL-2.0

import { webcrypto } from 'node:crypto';
import { checkDer } from '../../bridge';
import type { RecipientPublicKey } from '../../crypto';
import { asPkiError, type CertificateExtension } from '../certificate';
import { distinguishedNameText } from '../distinguished-name';
import { PkiError } from '../errors';
import { type SubjectAltNames, subjectAltNames } from '../extensions';
import { publicKeyFrom } from '../keys';
import { looksLikePem, parsePem } from '../pem';
import { readWholeFile } from '../read-file';
import { Pkcs10CertificateRequest } from '../x509';

/** What somebody who has a key asks to have certified. */
export interface RequestedCertificate {
  /** As text. */
  readonly subject: string;
  /** DER Name. */
  readonly subjectDer: Buffer;
  readonly subjectAltNames: SubjectAltNames;
  readonly key: RecipientPublicKey;
}

/**
 * Reads the file of a PKCS#10 request (RFC 2986), PEM or DER, and verifies that the sender holds the key.
 * @throws PkiError `csr-malformed`, `signature-invalid` or `algorithm-not-supported`, which names the file
 */
export async function readCertificateRequest(path: string): Promise<RequestedCertificate> {
  const der = readSingle(path, ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'], 'csr-malformed');
  return parseCertificateRequest(der, path);
}

/** A PKCS#10 request in DER; `source` names it in errors. */
export async function parseCertificateRequest(der: Buffer, source: string): Promise<RequestedCertificate> {
  asPkiError('csr-malformed', source, 'not a certificate request in DER', () => {
    checkDer(der);
  });
  const fields = readFields(der, source);
  const key = publicKeyFrom(fields.spki, source);
  if (!(await isSignedByItself(fields.request))) {
    throw new PkiError('signature-invalid', source, 'the request is not signed with its own key');
  }
  return {
    subject: distinguishedNameText(fields.subjectDer),
    subjectDer: fields.subjectDer,
    subjectAltNames: subjectAltNames(fields, source),
    key,
  };
}

interface RequestFields {
  readonly request: Pkcs10CertificateRequest;
  readonly subjectDer: Buffer;
  readonly spki: Buffer;
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
}

function readFields(der: Buffer, source: string): RequestFields {
  try {
    const request = new Pkcs10CertificateRequest(der);
    return {
      request,
      subjectDer: Buffer.from(request.subjectName.toArrayBuffer()),
      spki: Buffer.from(request.publicKey.rawData),
      extensions: new Map(
        request.extensions.map(({ type, critical, value }) => [
          type,
          { critical, value: Buffer.from(value) },
        ]),
      ),
    };
  } catch (error) {
    throw new PkiError('csr-malformed', source, 'not a certificate request', { cause: error });
  }
}

/**
 * Reads a public key (SubjectPublicKeyInfo), PEM or DER.
 * @throws PkiError `key-malformed` or `algorithm-not-supported`, which names the file
 */
export function readPublicKeyFile(path: string): RecipientPublicKey {
  return publicKeyFrom(readSingle(path, ['PUBLIC KEY'], 'key-malformed'), path);
}

async function isSignedByItself(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify(webcrypto);
  } catch {
    // An algorithm that does not fit the key proves nothing.
    return false;
  }
}

function readSingle(
  path: string,
  labels: readonly string[],
  code: 'csr-malformed' | 'key-malformed',
): Buffer {
  const octets = readWholeFile(path);
  if (!looksLikePem(octets)) {
    return octets;
  }
  const [block, ...more] = parsePem(octets, path);
  if (block === undefined || !labels.includes(block.label) || more.length > 0) {
    throw new PkiError(code, path, `exactly one ${labels[0] ?? ''} belongs here`);
  }
  return block.der;
}
