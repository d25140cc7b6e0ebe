// SPDX-License-Identifier: MPL-2.0

import { DerReader, Tag } from '../bridge';
import { asPkiError, readName, readTime, serialText } from './certificate';
import { distinguishedNameText } from './distinguished-name';

/** A certificate revocation list (RFC 5280 section 5.1). */
export interface CrlDescription {
  readonly issuer: string;
  /** DER Name. */
  readonly issuerDer: Buffer;
  readonly thisUpdate: Date;
  /** undefined if the list does not say when the next one comes. */
  readonly nextUpdate: Date | undefined;
  /** Serial numbers in hexadecimal. */
  readonly revoked: readonly string[];
}

/**
 * Reads exactly one CRL in strict DER, nothing after it. Says nothing about trust.
 * @param source names it in errors
 * @throws PkiError `crl-malformed`, which names the octet
 */
export function describeCrl(der: Buffer, source: string): CrlDescription {
  return asPkiError('crl-malformed', source, 'not a CRL in DER', () => {
    const list = DerReader.open(der, Tag.Sequence, 'the CRL');
    const tbsCertList = list.constructed(Tag.Sequence, 'tbsCertList');
    list.element('signatureAlgorithm', Tag.Sequence);
    list.element('signatureValue', Tag.BitString);
    list.end('a CRL');
    tbsCertList.optional(Tag.Integer, 'version');
    tbsCertList.element('signature', Tag.Sequence);
    const issuerDer = readName(tbsCertList, 'issuer');
    const thisUpdate = readTime(tbsCertList, 'thisUpdate');
    const hasNextUpdate = tbsCertList.nextTag === Tag.UtcTime || tbsCertList.nextTag === Tag.GeneralizedTime;
    const nextUpdate = hasNextUpdate ? readTime(tbsCertList, 'nextUpdate') : undefined;
    const revokedCertificates = tbsCertList.optional(Tag.Sequence, 'revokedCertificates');
    const revoked =
      revokedCertificates === undefined ? [] : readRevoked(DerReader.inside(revokedCertificates));
    tbsCertList.optional(0xa0, 'crlExtensions');
    tbsCertList.end('tbsCertList');
    const issuer = distinguishedNameText(issuerDer);
    return { issuer, issuerDer, thisUpdate, nextUpdate, revoked };
  });
}

function readRevoked(entries: DerReader): string[] {
  const serials: string[] = [];
  // None is one too few for RFC 5280 section 5.1.2.6, and revokes nothing all the same.
  while (entries.nextTag !== undefined) {
    const entry = entries.constructed(Tag.Sequence, 'a revoked certificate');
    serials.push(serialText(entry.element('userCertificate', Tag.Integer).contents));
    readTime(entry, 'revocationDate');
    entry.optional(Tag.Sequence, 'crlEntryExtensions');
    entry.end('a revoked certificate');
  }
  return serials;
}
