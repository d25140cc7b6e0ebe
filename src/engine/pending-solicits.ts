// SPDX-License-Identifier: MPL-2.0

import type { RecipientPublicKey } from '../crypto';
import type { Permit } from './admission';

/** A solution B Solicit that Kea is about to answer. */
export interface PendingSolicit {
  readonly clientKey: RecipientPublicKey;
  readonly transactionId: number;
  /** The Client Identifier that was put in for Kea and comes out again (docs/protocol.md 5). */
  readonly insertedIdentifier: Buffer;
  /** The answer costs a signature and an encapsulation. */
  readonly permit: Permit;
}

/** The Solicits on their way through Kea, by handle; bounded, because Kea leaves some unanswered. */
export class PendingSolicits {
  private readonly entries = new Map<number, PendingSolicit>();

  constructor(private readonly maximum: number) {}

  add(handle: number, solicit: PendingSolicit): void {
    if (this.entries.size >= this.maximum) {
      const [oldest] = this.entries.keys();
      if (oldest !== undefined) {
        this.entries.delete(oldest);
      }
    }
    this.entries.set(handle, solicit);
  }

  take(handle: number): PendingSolicit | undefined {
    const solicit = this.entries.get(handle);
    this.entries.delete(handle);
    return solicit;
  }
}
