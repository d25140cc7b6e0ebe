// SPDX-License-Identifier: MPL-2.0

import { CryptoError, type Envelope, type RecipientContext, ReplayWindow, type Suite } from '../crypto';
import { ProtocolError } from './errors';

/**
 * Turns what the primitives refuse (a bad enc, a tag that does not verify) into a refusal of the message.
 * @throws ProtocolError `envelope-open-fail`
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

/**
 * The receiver's side of one HPKE context, found again by its enc: the suite it was opened with and the
 * window of sequence numbers already seen (docs/protocol.md 4.1).
 */
export class ReceivingContext {
  private readonly window = new ReplayWindow();

  constructor(
    private readonly mode: number,
    private readonly suite: Suite,
    private readonly context: RecipientContext,
  ) {}

  /**
   * The plaintext. The window moves only when the tag has verified.
   * @throws ProtocolError `context-mismatch`, `replayed`, `envelope-open-fail`
   */
  open(envelope: Envelope, aad: Buffer): Buffer {
    if (
      envelope.mode !== this.mode ||
      envelope.kemId !== this.suite.kemId ||
      envelope.kdfId !== this.suite.kdfId ||
      envelope.aeadId !== this.suite.aeadId
    ) {
      throw new ProtocolError('context-mismatch', 'a known enc under another suite or mode');
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
  wipe(): void {
    this.context.wipe();
  }
}
