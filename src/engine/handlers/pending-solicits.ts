// SPDX-License-Identifier: MPL-2.0

import type { SealingContext } from '../../protocol';
import { BoundedMap } from '../../support';
import type { Permit } from '../admission/admission';

/** A solution B Solicit that Kea is about to answer. */
export interface PendingSolicit {
  /** Of the answer alone, to the client's key. */
  readonly sealing: SealingContext;
  readonly transactionId: number;
  /** The Client Identifier that was put in for Kea and comes out again (docs/protocol.md 5.2). */
  readonly insertedIdentifier: Buffer;
  /** The answer costs a signature and an encapsulation. */
  readonly permit: Permit;
  /** The signed answer around an Encrypted-Message, or a Retry in its place. */
  readonly respond: (encryptedMessage: Buffer) => Buffer;
}

/** The Solicits on their way through Kea, by handle; bounded, because Kea leaves some unanswered. */
export class PendingSolicits {
  private readonly entries: BoundedMap<number, PendingSolicit>;

  constructor(max: number) {
    this.entries = new BoundedMap(max);
  }

  add(handle: number, solicit: PendingSolicit): void {
    this.entries.set(handle, solicit);
  }

  take(handle: number): PendingSolicit | undefined {
    const solicit = this.entries.get(handle);
    this.entries.delete(handle);
    return solicit;
  }
}
