// SPDX-License-Identifier: MPL-2.0

import { type RecipientPublicKey, wipe } from '../crypto';
import { type CrlDescription, describeCrl } from './crl';
import { type CertificateDescription, describeCertificate } from './describe';
import { PkiError } from './errors';
import { parseCertificateRequest, type RequestedCertificate } from './issue/certificate-request-file';
import { privateKeyFrom, publicKeyFrom } from './keys';
import { looksLikePem, parsePem, type PemBlock } from './pem';
import { decodePrivateKey } from './private-key-file';
import { readWholeFile } from './read-file';

export type DescribedItem =
  | { readonly kind: 'certificate'; readonly certificate: CertificateDescription }
  | { readonly kind: 'crl'; readonly crl: CrlDescription }
  | { readonly kind: 'request'; readonly request: RequestedCertificate }
  /** Of a private key, its public half. */
  | { readonly kind: 'public-key' | 'private-key'; readonly key: RecipientPublicKey };

type Describe = (der: Buffer, source: string) => DescribedItem | Promise<DescribedItem>;

const describeByLabel: Readonly<Record<string, Describe>> = {
  CERTIFICATE: (der, source) => ({ kind: 'certificate', certificate: describeCertificate(der, source) }),
  'X509 CRL': (der, source) => ({ kind: 'crl', crl: describeCrl(der, source) }),
  'PUBLIC KEY': (der, source) => ({ kind: 'public-key', key: publicKeyFrom(der, source) }),
  'CERTIFICATE REQUEST': describeRequest,
  'NEW CERTIFICATE REQUEST': describeRequest,
};

async function describeRequest(der: Buffer, source: string): Promise<DescribedItem> {
  return { kind: 'request', request: await parseCertificateRequest(der, source) };
}

/**
 * Says what a file holds, whatever of this room's kinds it is: PEM blocks in their order, or one value in DER.
 * @throws PkiError that names the file, and the line or octet
 */
export async function describeFile(path: string): Promise<DescribedItem[]> {
  const octets = readWholeFile(path);
  if (!looksLikePem(octets)) {
    return [await describeDer(octets, path)];
  }
  const blocks = parsePem(octets, path);
  try {
    const items: DescribedItem[] = [];
    for (const block of blocks) {
      if (block.label !== 'EC PARAMETERS') {
        items.push(await describeBlock(block, path));
      }
    }
    return items;
  } finally {
    // There may be a private key among them.
    wipe(octets);
  }
}

function describeBlock(block: PemBlock, path: string): DescribedItem | Promise<DescribedItem> {
  const source = `${path}, line ${block.line}`;
  if (block.label.endsWith('PRIVATE KEY')) {
    const key = privateKeyFrom(decodePrivateKey(block, source), source);
    wipe(block.der);
    return { kind: 'private-key', key: key.public };
  }
  const describe = describeByLabel[block.label];
  if (describe === undefined) {
    throw new PkiError('pem-malformed', source, `a ${block.label}, of which there is nothing to say`);
  }
  return describe(block.der, source);
}

/** What of its kinds it is shows only in trying. */
async function describeDer(octets: Buffer, path: string): Promise<DescribedItem> {
  for (const label of ['CERTIFICATE', 'X509 CRL', 'CERTIFICATE REQUEST', 'PUBLIC KEY']) {
    try {
      const item = await describeByLabel[label]?.(octets, path);
      if (item !== undefined) {
        return item;
      }
    } catch (error) {
      if (!(error instanceof PkiError)) {
        throw error;
      }
    }
  }
  throw new PkiError(
    'certificate-malformed',
    path,
    'neither PEM nor, in DER, a certificate, a revocation list, a request or a public key',
  );
}
