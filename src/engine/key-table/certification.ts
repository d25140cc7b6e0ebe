// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';

/**
 * What a certificate was vouched for by when its path was verified. A record of a client is good as long as all of that
 * still holds: the client need not show its certificate again, and is no better off for it.
 */
export interface Certification {
  /**
   * Of each certificate of the path a digest of issuer and serial number, by which CRLs name it: the client's own first,
   * then those of the authorities up to the trust anchor, which is left out.
   */
  readonly path: readonly Buffer[];
  /** Digest of the trust anchors that were loaded. */
  readonly anchors: Buffer;
}

/** Octets of each digest: enough where nobody gains by a collision among what authorities have signed. */
export const certificationDigestLength = 16;

/** The same for the same certificates in any order. @param anchors DER */
export function anchorsDigest(anchors: readonly Uint8Array[]): Buffer {
  const each = anchors.map((der) => createHash('sha256').update(der).digest());
  const hash = createHash('sha256');
  for (const digest of each.sort((one, other) => one.compare(other))) {
    hash.update(digest);
  }
  return hash.digest().subarray(0, certificationDigestLength);
}
