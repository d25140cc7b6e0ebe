// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';

/**
 * What a certificate was vouched for by when its path was verified. A record of a client is good as long as that still
 * holds: the client need not show its certificate again, and is no better off for it.
 */
export interface Certification {
  /** Digest of issuer and serial number: how CRLs name a certificate. */
  readonly certificate: Buffer;
  /** Digest of the trust anchors that were in force. */
  readonly anchors: Buffer;
}

/** Octets of each digest: enough where nobody gains by a collision among what authorities have signed. */
export const certificationDigestLength = 16;

function digest(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest().subarray(0, certificationDigestLength);
}

/**
 * @param issuer the issuer's name as text
 * @param serial the serial number in hexadecimal
 */
export function certificateDigest(issuer: string, serial: string): Buffer {
  return digest(`${serial} ${issuer}`);
}

/** The same for the same certificates in any order. @param anchors DER */
export function anchorsDigest(anchors: readonly Uint8Array[]): Buffer {
  const each = anchors.map((der) => createHash('sha256').update(der).digest());
  return digest(...each.sort((one, other) => one.compare(other)));
}
