// SPDX-License-Identifier: MPL-2.0

import type { EndEntity } from './end-entity';
import { sameName } from './same-name';

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
 * both empty (docs/protocol.md 8). Issuer and subject are compared as RFC 5280 section 7.1 says, as paths and CRLs are;
 * the subjectAltName, whose kinds of names have rules of their own each, octet by octet, which is the safe side.
 */
export function sameIdentity(a: CertifiedIdentity, b: CertifiedIdentity): boolean {
  return (
    !isNameless(a) &&
    sameName(a.issuerDer, b.issuerDer) &&
    sameName(a.subjectDer, b.subjectDer) &&
    (a.subjectAltNameDer ?? none).equals(b.subjectAltNameDer ?? none)
  );
}
