// SPDX-License-Identifier: MPL-2.0

import { RecipientContext, SenderContext } from './context';
import { dhkemFor } from './dhkem';
import type { EphemeralInput } from './ephemeral-input';
import { CryptoError } from './errors';
import type { Encapsulation } from './kem';
import { type KeySchedule, keySchedule, type PskInputs } from './key-schedule';
import type { RecipientPrivateKey } from './recipient-private-key';
import type { RecipientPublicKey } from './recipient-public-key';
import { rsaDecap, rsaEncap } from './rsa-kem';
import { KemId, type Suite } from './suite';
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
  pkR: RecipientPublicKey,
  info: Buffer,
  ephemeral?: EphemeralInput,
): SenderSetup {
  return setupS(suite, pkR, info, undefined, ephemeral);
}

/** SetupPSKS of RFC 9180 section 5.1.2. @throws CryptoError as `setupBaseS`, and `psk-inputs-invalid` */
export function setupPskS(
  suite: Suite,
  pkR: RecipientPublicKey,
  info: Buffer,
  psk: Buffer,
  pskId: Buffer,
  ephemeral?: EphemeralInput,
): SenderSetup {
  return setupS(suite, pkR, info, { psk, pskId }, ephemeral);
}

/**
 * SetupBaseR of RFC 9180 section 5.1.1.
 * @throws CryptoError `algorithm-not-supported`, `deserialize-failed` (enc is not on the curve, or of another length
 * than the modulus) or `decap-failed`
 */
export function setupBaseR(
  suite: Suite,
  enc: Buffer,
  skR: RecipientPrivateKey,
  info: Buffer,
): RecipientContext {
  return setupR(suite, enc, skR, info);
}

/** SetupPSKR of RFC 9180 section 5.1.2. @throws CryptoError as `setupBaseR`, and `psk-inputs-invalid` */
export function setupPskR(
  suite: Suite,
  enc: Buffer,
  skR: RecipientPrivateKey,
  info: Buffer,
  psk: Buffer,
  pskId: Buffer,
): RecipientContext {
  return setupR(suite, enc, skR, info, { psk, pskId });
}

function setupS(
  suite: Suite,
  pkR: RecipientPublicKey,
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
  skR: RecipientPrivateKey,
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

/** Encap of the KEM, which the type of the recipient's key settles. */
export function encap(kemId: number, pkR: RecipientPublicKey, ephemeral?: EphemeralInput): Encapsulation {
  const { parsed, keyId, ec } = pkR;
  if (parsed.keyType === 'RSA') {
    requireKem(kemId, KemId.Rsa);
    const { publicKey } = pkR;
    return rsaEncap({ publicKey, keyId, modulusLength: parsed.modulusLength }, ephemeral);
  }
  const kem = dhkemFor(parsed.curve);
  requireKem(kemId, kem.kemId);
  if (ec === undefined) {
    throw new CryptoError('key-invalid', 'an EC key without its point');
  }
  return kem.encap({ point: parsed.point, key: ec }, ephemeral);
}

/** Decap of the KEM, which the type of the recipient's key settles. */
export function decap(kemId: number, enc: Buffer, skR: RecipientPrivateKey): Buffer {
  const { parsed, keyId } = skR.public;
  if (parsed.keyType === 'RSA') {
    requireKem(kemId, KemId.Rsa);
    const { publicKey } = skR.public;
    return rsaDecap(enc, skR.privateKey, { publicKey, keyId, modulusLength: parsed.modulusLength });
  }
  const kem = dhkemFor(parsed.curve);
  requireKem(kemId, kem.kemId);
  if (skR.ec === undefined) {
    throw new CryptoError('key-invalid', 'an EC key without its scalar');
  }
  return kem.decap(enc, skR.ec);
}

function requireKem(kemId: number, expected: number): void {
  if (kemId !== expected) {
    throw new CryptoError(
      'algorithm-not-supported',
      `kem_id 0x${kemId.toString(16)} for a key of kem_id 0x${expected.toString(16)}`,
    );
  }
}
