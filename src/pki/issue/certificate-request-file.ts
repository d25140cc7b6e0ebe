// SPDX-License-Identifier: MPL-2.0

import { webcrypto } from 'node:crypto';
import type { RecipientPublicKey } from '../../crypto';
import { asPkiError } from '../certificate';
import { checkDer } from '../der';
import { PkiError } from '../errors';
import { type SubjectAltNames, subjectAltNames } from '../extensions';
import { publicKeyFrom } from '../keys';
import { looksLikePem, parsePem } from '../pem';
import { readWholeFile } from '../read-file';
import { Pkcs10CertificateRequest } from '../x509';

/** What somebody who has a key asks to have certified. */
export interface RequestedCertificate {
  /** DER Name. */
  readonly subjectDer: Buffer;
  readonly subjectAltNames: SubjectAltNames;
  readonly key: RecipientPublicKey;
}

/**
 * Reads a PKCS#10 request (RFC 2986), PEM or DER, and verifies that the sender holds the key.
 * @throws PkiError `csr-malformed`, `signature-invalid` or `algorithm-not-supported`, which names the file
 */
export async function readCertificateRequest(path: string): Promise<RequestedCertificate> {
  const der = readSingle(path, ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'], 'csr-malformed');
  asPkiError('csr-malformed', path, 'not a certificate request in DER', () => checkDer(der));
  let request: Pkcs10CertificateRequest;
  try {
    request = new Pkcs10CertificateRequest(der);
  } catch (error) {
    throw new PkiError('csr-malformed', path, 'not a certificate request', { cause: error });
  }
  const key = publicKeyFrom(Buffer.from(request.publicKey.rawData), path);
  if (!(await isSignedByItself(request))) {
    throw new PkiError('signature-invalid', path, 'the request is not signed with its own key');
  }
  const extensions = new Map(
    request.extensions.map(({ type, critical, value }) => [type, { critical, value: Buffer.from(value) }]),
  );
  return {
    subjectDer: Buffer.from(request.subjectName.toArrayBuffer()),
    subjectAltNames: subjectAltNames({ extensions }, path),
    key,
  };
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
