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

/**
 * What both ends of a context share (RFC 9180 section 5.1). Key, base_nonce and exporter_secret are one piece of memory: a
 * Buffer is some 200 octets beside its own, and a server keeps the schedules of all open contexts.
 */
export class KeySchedule {
  private isWiped = false;

  constructor(
    readonly kdf: LabeledKdf,
    readonly aead: Aead,
    /** key || base_nonce || exporter_secret; kept, and wiped by {@link wipe}. */
    private readonly secrets: Buffer,
  ) {}

  /** A view. @throws CryptoError `context-wiped` */
  get key(): Buffer {
    return this.required().subarray(0, this.aead.Nk);
  }

  /** A copy. @throws CryptoError `context-wiped` */
  get baseNonce(): Buffer {
    const nonce = Buffer.allocUnsafe(nonceLength);
    this.required().copy(nonce, 0, this.aead.Nk, this.aead.Nk + nonceLength);
    return nonce;
  }

  /** A view. @throws CryptoError `context-wiped` */
  get exporterSecret(): Buffer {
    return this.required().subarray(this.aead.Nk + nonceLength);
  }

  /** A key of zeros would work as well as another one, so a schedule that is wiped is of no more use. */
  wipe(): void {
    this.isWiped = true;
    wipe(this.secrets);
  }

  private required(): Buffer {
    if (this.isWiped) {
      throw new CryptoError('context-wiped', 'the keys of the context are gone');
    }
    return this.secrets;
  }
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
  const parts = [
    kdf.labeledExpand(secret, 'key', keyScheduleContext, aead.Nk),
    kdf.labeledExpand(secret, 'base_nonce', keyScheduleContext, nonceLength),
    kdf.labeledExpand(secret, 'exp', keyScheduleContext, kdf.kdf.Nh),
  ];
  // Buffer.concat would take it from a slab that others keep alive, and that it keeps.
  const secrets = Buffer.allocUnsafeSlow(aead.Nk + nonceLength + kdf.kdf.Nh);
  let at = 0;
  for (const part of parts) {
    at += part.copy(secrets, at);
  }
  wipe(secret, ...parts);
  return new KeySchedule(kdf, aead, secrets);
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
