// SPDX-License-Identifier: MPL-2.0

import { PathStore, type PathStoreMaterial, Tag } from '../bridge';
import { parseCertificate } from './certificate';
import { describeCrl } from './crl';
import { PkiError, type PkiErrorCode } from './errors';
import { looksLikePem, parsePem } from './pem';
import { basicConstraints, keyUsage } from './extensions';
import { errorText } from '../support';
import { readWholeFile } from './read-file';

/** A value out of a file, and where it stood there. */
export interface Located {
  readonly der: Buffer;
  /** The file and, if it is PEM, the line. */
  readonly source: string;
}

/**
 * The certificates of a file: one in DER, or any number in PEM, in their order. Each is strict DER.
 * @param input a path, or the octets themselves
 * @param source names the octets in errors if they come from no file
 * @throws PkiError that names the file, and the line or octet
 */
export function readPemCertificates(input: string | Buffer, source = 'certificates'): Buffer[] {
  return readLocatedCertificates(input, source).map(({ der }) => der);
}

export function readLocatedCertificates(input: string | Buffer, source = 'certificates'): Located[] {
  const name = typeof input === 'string' ? input : source;
  const octets = typeof input === 'string' ? readWholeFile(input) : input;
  const certificates = readBlocks(octets, name, 'CERTIFICATE', 'certificate-malformed');
  for (const { der, source: position } of certificates) {
    parseCertificate(der, position);
    requireUsable({ anchors: [], intermediates: [der] }, 'certificate-malformed', position);
  }
  return certificates;
}

/** What is DER of the right form can still be none to the store that is to use it. @throws PkiError */
function requireUsable(material: PathStoreMaterial, code: PkiErrorCode, source: string): void {
  try {
    new PathStore(material).release();
  } catch (error) {
    throw new PkiError(code, source, errorText(error).replace(/^\w+\[0\]: /, ''), { cause: error });
  }
}

/**
 * The certificates of a file that are to be trusted as issuers.
 * @throws PkiError as `readPemCertificates`, and `not-an-authority`
 */
export function readTrustAnchors(input: string | Buffer, source?: string): Buffer[] {
  return readLocatedTrustAnchors(input, source).map(({ der }) => der);
}

export function readLocatedTrustAnchors(input: string | Buffer, source?: string): Located[] {
  const anchors = readLocatedCertificates(input, source);
  for (const { der, source: position } of anchors) {
    requireAuthority(der, position);
  }
  return anchors;
}

/**
 * Version 1 certificates, which some old roots are, say nothing about it.
 * @throws PkiError `not-an-authority`
 */
export function requireAuthority(der: Buffer, source: string): void {
  const fields = parseCertificate(der, source);
  if (fields.extensions.size === 0) {
    return;
  }
  if (basicConstraints(fields, source)?.cA !== true) {
    throw new PkiError('not-an-authority', source, 'not the certificate of a certification authority');
  }
  if (keyUsage(fields, source)?.has('keyCertSign') === false) {
    throw new PkiError('not-an-authority', source, 'its keyUsage does not allow it to sign certificates');
  }
}

/**
 * The certificate revocation lists of a file: one in DER, or any number in PEM.
 * @throws PkiError that names the file, and the line or octet
 */
export function readCrls(input: string | Buffer, source?: string): Buffer[] {
  return readLocatedCrls(input, source).map(({ der }) => der);
}

export function readLocatedCrls(input: string | Buffer, source = 'CRLs'): Located[] {
  const name = typeof input === 'string' ? input : source;
  const octets = typeof input === 'string' ? readWholeFile(input) : input;
  const crls = readBlocks(octets, name, 'X509 CRL', 'crl-malformed');
  for (const { der, source: position } of crls) {
    describeCrl(der, position);
    requireUsable({ anchors: [], crls: [der] }, 'crl-malformed', position);
  }
  return crls;
}

/** What a file holds, for those who have to say what belongs there instead. */
const kinds: Readonly<Record<string, string>> = {
  CERTIFICATE: 'certificates',
  'X509 CRL': 'certificate revocation lists',
};

function readBlocks(octets: Buffer, source: string, label: string, code: PkiErrorCode): Located[] {
  if (!looksLikePem(octets)) {
    const kind = kinds[label] ?? label;
    if (octets[0] !== Tag.Sequence) {
      throw new PkiError(code, source, `neither PEM nor DER: no ${kind} in it`);
    }
    return [{ der: octets, source }];
  }
  return parsePem(octets, source).map((block) => {
    if (block.label !== label) {
      throw new PkiError('pem-malformed', source, `line ${block.line}: ${misplaced(block.label, label)}`);
    }
    if (block.headers.length > 0) {
      throw new PkiError('pem-malformed', source, `line ${block.line}: headers in a ${label}`);
    }
    return { der: block.der, source: `${source}, line ${block.line}` };
  });
}

function misplaced(found: string, wanted: string): string {
  const kind = kinds[wanted] ?? wanted;
  return found.endsWith('PRIVATE KEY')
    ? `a private key in a file of ${kind}: keep it in a file of its own that nobody else can read`
    : `a ${found} where only ${kind} (BEGIN ${wanted}) belong`;
}
