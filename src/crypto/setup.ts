// SPDX-License-Identifier: MPL-2.0

import { RecipientContext, SenderContext } from './context';
import { CryptoError } from './errors';
import type { EphemeralInput } from './kem/ephemeral-input';
import type { DecapsulationKey, Encapsulation, EncapsulationKey } from './kem/kem';
import { type KeySchedule, keySchedule, type PskInputs } from './key-schedule';
import type { Suite } from './suite';
import { wipe } from './wipe';

/** A sender's new context, and what the recipient needs to open the same. */
export interface SenderSetup {
  readonly enc: Buffer;
  readonly context: SenderContext;
}

/**
 * SetupBaseS of RFC 9180 section 5.1.1.
 * @throws CryptoError `algorithm-not-supported` if the suite does not fit the key
 */
export function setupBaseS(
  suite: Suite,
  pkR: EncapsulationKey,
  info: Buffer,
  ephemeral?: EphemeralInput,
): SenderSetup {
  return setupS(suite, pkR, info, undefined, ephemeral);
}

/** SetupPSKS of RFC 9180 section 5.1.2. @throws CryptoError as `setupBaseS`, and `psk-inputs-invalid` */
export function setupPskS(
  suite: Suite,
  pkR: EncapsulationKey,
  info: Buffer,
  psk: Buffer,
  pskId: Buffer,
  ephemeral?: EphemeralInput,
): SenderSetup {
  return setupS(suite, pkR, info, { psk, pskId }, ephemeral);
}

/** SetupBaseR of RFC 9180 section 5.1.1. @throws CryptoError `algorithm-not-supported`, and what `decap` of the key throws */
export function setupBaseR(suite: Suite, enc: Buffer, skR: DecapsulationKey, info: Buffer): RecipientContext {
  return setupR(suite, enc, skR, info);
}

/** SetupPSKR of RFC 9180 section 5.1.2. @throws CryptoError as `setupBaseR`, and `psk-inputs-invalid` */
export function setupPskR(
  suite: Suite,
  enc: Buffer,
  skR: DecapsulationKey,
  info: Buffer,
  psk: Buffer,
  pskId: Buffer,
): RecipientContext {
  return setupR(suite, enc, skR, info, { psk, pskId });
}

function setupS(
  suite: Suite,
  pkR: EncapsulationKey,
  info: Buffer,
  pskInputs: PskInputs | undefined,
  ephemeral: EphemeralInput | undefined,
): SenderSetup {
  const { sharedSecret, enc } = encap(suite.kemId, pkR, ephemeral);
  return { enc, context: new SenderContext(consume(sharedSecret, suite, info, pskInputs)) };
}

function setupR(
  suite: Suite,
  enc: Buffer,
  skR: DecapsulationKey,
  info: Buffer,
  pskInputs?: PskInputs,
): RecipientContext {
  return new RecipientContext(consume(decap(suite.kemId, enc, skR), suite, info, pskInputs));
}

/** KeySchedule, after which nobody needs the shared secret any more. */
function consume(sharedSecret: Buffer, suite: Suite, info: Buffer, pskInputs?: PskInputs): KeySchedule {
  try {
    return keySchedule(suite, sharedSecret, info, pskInputs);
  } finally {
    wipe(sharedSecret);
  }
}

/** Encap of the KEM that the key is of. @throws CryptoError `algorithm-not-supported` where kem_id is another's */
export function encap(kemId: number, pkR: EncapsulationKey, ephemeral?: EphemeralInput): Encapsulation {
  requireKem(kemId, pkR.kemId);
  return pkR.encap(ephemeral);
}

/** Decap of the KEM that the key is of. @throws CryptoError `algorithm-not-supported` where kem_id is another's */
export function decap(kemId: number, enc: Buffer, skR: DecapsulationKey): Buffer {
  requireKem(kemId, skR.kemId);
  return skR.decap(enc);
}

function requireKem(kemId: number, expected: number): void {
  if (kemId !== expected) {
    throw new CryptoError(
      'algorithm-not-supported',
      `kem_id 0x${kemId.toString(16)} for a key of kem_id 0x${expected.toString(16)}`,
    );
  }
}
