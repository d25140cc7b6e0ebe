// SPDX-License-Identifier: MPL-2.0

import { aeadOpen, aeadSeal, nonceLength } from './aead';
import { CryptoError } from './errors';
import type { KeySchedule } from './key-schedule';

/** Messages of one context (docs/protocol.md 4.1): their sequence numbers, 32 bits in the envelope, begin with 0. */
const MAX_MESSAGES = 2 ** 32 - 1;

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

  /** Whether it has sealed all that it may. */
  get isSpent(): boolean {
    return this.sequence >= MAX_MESSAGES;
  }

  /**
   * The ciphertext, tag at its end; each call counts the sequence number up.
   * @throws CryptoError `message-limit-reached` for another one when it is spent
   */
  seal(aad: Buffer, plaintext: Buffer): Buffer {
    if (this.isSpent) {
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
  private hasOpenedLast = false;

  constructor(private readonly schedule: KeySchedule) {}

  /** Whether the last message that its sender may seal was opened. */
  get isSpent(): boolean {
    return this.hasOpenedLast;
  }

  /**
   * The plaintext. Replays are the caller's to refuse.
   * @throws CryptoError `open-failed`, or `sequence-invalid` for one that no sender may use
   */
  open(sequence: number, aad: Buffer, ciphertext: Buffer): Buffer {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence >= MAX_MESSAGES) {
      throw new CryptoError('sequence-invalid', `sequence number ${sequence}`);
    }
    const { aead, key } = this.schedule;
    const plaintext = aeadOpen(aead, key, computeNonce(this.schedule, sequence), aad, ciphertext);
    this.hasOpenedLast ||= sequence === MAX_MESSAGES - 1;
    return plaintext;
  }

  export(exporterContext: Buffer, length: number): Buffer {
    return exportSecret(this.schedule, exporterContext, length);
  }

  /** Overwrites the keys; everything else throws `context-wiped` from then on. */
  wipe(): void {
    this.schedule.wipe();
  }
}
