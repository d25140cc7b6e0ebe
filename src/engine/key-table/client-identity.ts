// SPDX-License-Identifier: MPL-2.0

import type { Certification } from './certification';

/** Who a certificate says its holder is: what stays the same when it is renewed (docs/protocol.md 8). */
export interface CertifiedNames {
  /** SHA-256 over the issuer's name, DER in canonical form (RFC 5280 section 7.1). */
  readonly issuer: Buffer;
  /** SHA-256 over subject, DER in canonical form, and subjectAltName, DER; undefined where both are empty. */
  readonly names: Buffer | undefined;
}

/** Names of a certificate by which Kea can look for host reservations; each has at most 255 octets in UTF-8. */
export interface HostNames {
  readonly uri: string | undefined;
  readonly dns: string | undefined;
  readonly commonName: string | undefined;
}

/** A client whose key was authenticated: by a certification path, or as a bare public key. */
export interface ClientIdentity {
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly keyId: Buffer;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  readonly kind: 'certificate' | 'public-key';
  /** Only of a certificate. */
  readonly certified: CertifiedNames | undefined;
  /** When the first certificate of its path ends, in milliseconds since 1970; undefined for a bare key. */
  readonly notAfter: number | undefined;
  /** Only of a certificate. */
  readonly certification?: Certification | undefined;
  /** Only of a certificate. */
  readonly hostNames?: HostNames | undefined;
  /** What logs call the client. */
  readonly text: string;
}

/** Whether no certificate of a client's path has ended. @param now milliseconds since 1970 */
export function isCurrent({ notAfter }: ClientIdentity, now: number): boolean {
  return notAfter === undefined || notAfter >= now;
}
