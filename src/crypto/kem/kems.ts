// SPDX-License-Identifier: MPL-2.0

import { CryptoError } from '../errors';
import { dhkemP256, dhkemP384, dhkemX25519 } from './dhkem';
import type { Kem } from './kem';
import { nobleMlKem } from './noble-ml-kem';
import { hasOpensslMlKem, opensslMlKem } from './openssl-ml-kem';
import { KemId, type Suite, suiteFor } from '../suite';
import { XWing } from './x-wing';

/** OpenSSL's ML-KEM, where it has one, takes a small part of the time. */
const xWing = new XWing(hasOpensslMlKem ? opensslMlKem : nobleMlKem);

/** The KEMs of encryption keys (docs/protocol.md 4). */
export const kems: readonly Kem[] = [dhkemX25519, dhkemP256, dhkemP384, xWing];

const byId: ReadonlyMap<number, Kem> = new Map(kems.map((kem) => [kem.kemId, kem]));

/**
 * What a sender uses towards a key of a KEM, RSA's included (docs/protocol.md 4, 9).
 * @throws CryptoError `algorithm-not-supported` for an unknown kem_id
 */
export function senderSuite(kemId: number): Suite {
  if (kemId === KemId.Rsa) {
    return suiteFor('RSA');
  }
  const { kdfId, aeadId } = kemById(kemId);
  return { kemId, kdfId, aeadId };
}

/** @throws CryptoError `algorithm-not-supported` for an unknown kem_id */
export function kemById(kemId: number): Kem {
  const kem = byId.get(kemId);
  if (kem === undefined) {
    throw new CryptoError('algorithm-not-supported', `kem_id 0x${kemId.toString(16).padStart(4, '0')}`);
  }
  return kem;
}
