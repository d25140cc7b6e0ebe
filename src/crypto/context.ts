// SPDX-License-Identifier: MPL-2.0

import { aeadOpen, aeadSeal, nonceLength } from './aead';
import { CryptoError } from './errors';
import type { KeySchedule } from './key-schedule';

/** The envelope carries sequence numbers in 32 bits (docs/protocol.md 4). */
const MAX_SEQUENCE = 0xffffffff;

/** ComputeNonce of RFC 9180 section 5.2: base_nonce with the sequence number in its last octets. */
function computeNonce(schedule: KeySchedule, sequence: number): Buffer {
  const nonce = schedule.baseNonce;
  const at = nonceLength - 4;
  nonce.writeUInt32BE((nonce.readUInt32BE(at) ^ sequence) >>> 0, at);
  return nonce;
}

/** Context.Export of RFC 9180 section 5.3. @throws CryptoError `export-length-invalid` */
function exportSecret(schedule: KeySchedule, exporterContext: Buffer, length: number): Buffer {
  return schedule.kdf.labeledExpand(schedule.exporterSecret, 'sec', exporterContext, length);
}

/** ContextS of RFC 9180 section 5.2. */
export class SenderContext {
  private sequence = 0;
  constructor(private readonly schedule: KeySchedule) {}

  /** The sequence number that the next `seal` uses; the envelope's header needs it beforehand. */
  get nextSequence(): number {
    return this.sequence;
  }

  /**
   * The ciphertext, tag at its end; each call counts the sequence number up.
   * @throws CryptoError `message-limit-reached` once all 2^32 are used, so that no nonce is used twice
   */
  seal(aad: Buffer, plaintext: Buffer): Buffer {
    if (this.sequence > MAX_SEQUENCE) {
      throw new CryptoError('message-limit-reached', 'the context has used its last sequence number');
    }
    const { aead, key } = this.schedule;
    const nonce = computeNonce(this.schedule, this.sequence);
    this.sequence += 1;
    return aeadSeal(aead, key, nonce, aad, plaintext);
  }

  export(exporterContext: Buffer, length: number): Buffer {
    return exportSecret(this.schedule, exporterContext, length);
  }

  /** Overwrites the keys; everything else throws `context-wiped` from then on. */
  wipe(): void {
    this.schedule.wipe();
  }
}

/** ContextR of RFC 9180 section 5.2, but with sequence numbers from the envelope: datagrams get lost and overtake. */
export class RecipientContext {
  constructor(private readonly schedule: KeySchedule) {}

  /**
   * The plaintext. Replays are the caller's to refuse.
   * @throws CryptoError `open-failed`, or `sequence-invalid` beyond 32 bits
   */
  open(sequence: number, aad: Buffer, ciphertext: Buffer): Buffer {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence > MAX_SEQUENCE) {
      throw new CryptoError('sequence-invalid', `sequence number ${sequence}`);
    }
    const { aead, key } = this.schedule;
    return aeadOpen(aead, key, computeNonce(this.schedule, sequence), aad, ciphertext);
  }

  export(exporterContext: Buffer, length: number): Buffer {
    return exportSecret(this.schedule, exporterContext, length);
  }

  /** Overwrites the keys; everything else throws `context-wiped` from then on. */
  wipe(): void {
    this.schedule.wipe();
  }
}
