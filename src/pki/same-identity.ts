// SPDX-License-Identifier: MPL-2.0

import type { EndEntity } from './end-entity';

/** What of a certificate says whose it is. An EndEntity has all three. */
export type CertifiedIdentity = Pick<EndEntity, 'issuerDer' | 'subjectDer' | 'subjectAltNameDer'>;

/** An empty Name, and an empty list of names. */
const emptySequence = Buffer.of(0x30, 0x00);
const none = Buffer.alloc(0);

/** Whether subject and subjectAltName are both empty, so that the certificate names nobody. */
export function isNameless({ subjectDer, subjectAltNameDer }: CertifiedIdentity): boolean {
  return subjectDer.equals(emptySequence) && subjectAltNameDer === undefined;
}

/**
 * Whether one certificate can be the other's renewal: the same issuer, the same subject and subjectAltName, not
 * both empty (docs/protocol.md 8). Names are compared octet by octet: what RFC 5280 section 7.1 would take for
 * equal in another encoding is taken for another name, which is the safe side.
 */
export function sameIdentity(a: CertifiedIdentity, b: CertifiedIdentity): boolean {
  return (
    !isNameless(a) &&
    a.issuerDer.equals(b.issuerDer) &&
    a.subjectDer.equals(b.subjectDer) &&
    (a.subjectAltNameDer ?? none).equals(b.subjectAltNameDer ?? none)
  );
}
