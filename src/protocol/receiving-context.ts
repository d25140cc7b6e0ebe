// SPDX-License-Identifier: MPL-2.0

import { AeadId, CryptoError, type RecipientContext, ReplayWindow, senderSuite, type Suite } from '../crypto';
import type { Envelope } from './envelope';
import { ProtocolError } from './errors';

/** docs/protocol.md 4: a receiver accepts AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305 with each KEM. */
const acceptedAeads: ReadonlySet<number> = new Set(Object.values(AeadId));

/**
 * The suite of an envelope that is encrypted to a key of `kemId`: the KEM's own KDF, any accepted AEAD.
 *
 * @throws {@link ProtocolError} `envelope-suite`
 */
export function receivedSuite({ kemId, kdfId, aeadId }: Suite, expectedKem: number): Suite {
  if (kemId !== expectedKem || kdfId !== senderSuite(expectedKem).kdfId || !acceptedAeads.has(aeadId)) {
    const ids = [kemId, kdfId, aeadId].map((id) => `0x${id.toString(16)}`);
    throw new ProtocolError(
      'envelope-suite',
      `suite ${ids.join(', ')} for a key of 0x${expectedKem.toString(16)}`,
    );
  }
  return { kemId, kdfId, aeadId };
}

/**
 * Turns what the primitives refuse (an enc, a tag that does not verify) into a refusal of the message.
 *
 * @throws {@link ProtocolError} `envelope-open-fail`
 */
export function openingEnvelope<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof CryptoError) {
      throw new ProtocolError('envelope-open-fail', error.message, { cause: error });
    }
    throw error;
  }
}

/** The receiver's side of one HPKE context, with the sequence numbers that it has seen (docs/protocol.md 4.1). */
export class ReceivingContext {
  private readonly window = new ReplayWindow();

  constructor(
    readonly mode: number,
    private readonly suite: Suite,
    private readonly context: RecipientContext,
  ) {}

  /** Whether its sender's last message was opened (docs/protocol.md 4.1). */
  get isSpent(): boolean {
    return this.context.isSpent;
  }

  /**
   * The plaintext. The window moves only when the tag has verified.
   *
   * @throws {@link ProtocolError} `context-mismatch`, `replayed`, `envelope-open-fail`
   */
  open(envelope: Envelope, aad: Buffer): Buffer {
    const { kemId, kdfId, aeadId } = this.suite;
    if (
      envelope.mode !== this.mode ||
      envelope.kemId !== kemId ||
      envelope.kdfId !== kdfId ||
      envelope.aeadId !== aeadId
    ) {
      throw new ProtocolError('context-mismatch', 'a known context under another suite or mode');
    }
    if (!this.window.check(envelope.sequence)) {
      throw new ProtocolError(
        'replayed',
        `sequence number ${String(envelope.sequence)} seen before or too old`,
      );
    }
    const plaintext = openingEnvelope(() => this.context.open(envelope.sequence, aad, envelope.ciphertext));
    this.window.mark(envelope.sequence);
    return plaintext;
  }

  export(exporterContext: Buffer, length: number): Buffer {
    return this.context.export(exporterContext, length);
  }

  /** Overwrites the context's keys: it opens nothing any more. */
  erase(): void {
    this.context.wipe();
  }
}
