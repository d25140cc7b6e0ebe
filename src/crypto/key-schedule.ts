// SPDX-License-Identifier: MPL-2.0

import { type Aead, aeadById, nonceLength } from './aead';
import { CryptoError } from './errors';
import { kdfById, LabeledKdf } from './kdf';
import type { Suite } from './suite';
import { wipe } from './wipe';

/** RFC 9180 table 1; the protocol has no use for the two authenticated modes. */
export const Mode = { Base: 0x00, Psk: 0x01 } as const;

/** psk and psk_id; both undefined in mode base. */
export interface PskInputs {
  readonly psk: Buffer;
  readonly pskId: Buffer;
}

/** What both ends of a context share (RFC 9180 section 5.1). */
export interface KeySchedule {
  readonly kdf: LabeledKdf;
  readonly aead: Aead;
  readonly key: Buffer;
  readonly baseNonce: Buffer;
  readonly exporterSecret: Buffer;
}

const noOctets = Buffer.alloc(0);

/** RFC 9180 section 5.1.2 demands 32 octets of entropy of a psk: a shorter one can't have them. */
const MIN_PSK_LENGTH = 32;

/** KeySchedule of RFC 9180 section 5.1. @throws CryptoError `psk-inputs-invalid`, or `algorithm-not-supported` */
export function keySchedule(
  suite: Suite,
  sharedSecret: Buffer,
  info: Buffer,
  pskInputs?: PskInputs,
): KeySchedule {
  const aead = aeadById(suite.aeadId);
  const kdf = labeledKdf(suite);
  requirePskInputs(pskInputs);
  const { psk, pskId } = pskInputs ?? { psk: noOctets, pskId: noOctets };
  const keyScheduleContext = Buffer.concat([
    Buffer.of(pskInputs === undefined ? Mode.Base : Mode.Psk),
    kdf.labeledExtract(noOctets, 'psk_id_hash', pskId),
    kdf.labeledExtract(noOctets, 'info_hash', info),
  ]);
  const secret = kdf.labeledExtract(sharedSecret, 'secret', psk);
  const schedule = {
    kdf,
    aead,
    key: kdf.labeledExpand(secret, 'key', keyScheduleContext, aead.Nk),
    baseNonce: kdf.labeledExpand(secret, 'base_nonce', keyScheduleContext, nonceLength),
    exporterSecret: kdf.labeledExpand(secret, 'exp', keyScheduleContext, kdf.kdf.Nh),
  };
  wipe(secret);
  return schedule;
}

/** VerifyPSKInputs; that psk and psk_id come together is what PskInputs says. */
function requirePskInputs(pskInputs: PskInputs | undefined): void {
  if (pskInputs === undefined) {
    return;
  }
  if (pskInputs.pskId.length === 0) {
    throw new CryptoError('psk-inputs-invalid', 'mode psk needs a psk_id');
  }
  if (pskInputs.psk.length < MIN_PSK_LENGTH) {
    throw new CryptoError(
      'psk-inputs-invalid',
      `a psk of ${pskInputs.psk.length} octets, ${MIN_PSK_LENGTH} needed`,
    );
  }
}

/** By suite_id: there are no more than the combinations of what the registries of this protocol list. */
const labeledKdfs = new Map<string, LabeledKdf>();

/**
 * Every context keeps its own to export with, so contexts of one suite share it.
 * @throws CryptoError `algorithm-not-supported`
 */
function labeledKdf(suite: Suite): LabeledKdf {
  const suiteId = hpkeSuiteId(suite);
  const name = suiteId.toString('latin1');
  const known = labeledKdfs.get(name);
  if (known !== undefined) {
    return known;
  }
  const kdf = new LabeledKdf(kdfById(suite.kdfId), suiteId);
  labeledKdfs.set(name, kdf);
  return kdf;
}

function hpkeSuiteId(suite: Suite): Buffer {
  const ids = Buffer.alloc(6);
  ids.writeUInt16BE(suite.kemId, 0);
  ids.writeUInt16BE(suite.kdfId, 2);
  ids.writeUInt16BE(suite.aeadId, 4);
  return Buffer.concat([Buffer.from('HPKE', 'ascii'), ids]);
}
