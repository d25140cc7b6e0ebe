// SPDX-License-Identifier: MPL-2.0

import { LabeledKdf, type Kdf } from './kdf';
import { wipe } from './wipe';

/** What Encap gives (RFC 9180 section 4). */
export interface Encapsulation {
  readonly sharedSecret: Buffer;
  readonly enc: Buffer;
}

/** The LabeledExtract and LabeledExpand of a KEM: suite_id = "KEM" || kem_id (RFC 9180 section 4.1). */
export function kemKdf(kemId: number, kdf: Kdf): LabeledKdf {
  return new LabeledKdf(
    kdf,
    Buffer.concat([Buffer.from('KEM', 'ascii'), Buffer.of(kemId >> 8, kemId & 0xff)]),
  );
}

/**
 * ExtractAndExpand of RFC 9180 section 4.1; Nsecret is the hash's length with each KEM here.
 * @param dh is wiped
 */
export function extractAndExpand(kdf: LabeledKdf, dh: Buffer, kemContext: Buffer): Buffer {
  const eaePrk = kdf.labeledExtract(Buffer.alloc(0), 'eae_prk', dh);
  const sharedSecret = kdf.labeledExpand(eaePrk, 'shared_secret', kemContext, kdf.kdf.Nh);
  wipe(dh, eaePrk);
  return sharedSecret;
}
