// SPDX-License-Identifier: MPL-2.0

/** Another certificate, key, or trust than before. */
export interface Credentials {
  /** Whether they have another DUID than those in use: a lease under encryption is not theirs. */
  hasAnotherDuid(): boolean;
  /** `createClient` uses them from now on. */
  adopt(): void;
}

/** What comes from outside while the client waits for time or for a server. */
export type Interrupt =
  | { readonly kind: 'stop' | 'renew' | 'release' | 'link-down' | 'link-up' | 'woke' }
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  | { readonly kind: 'conflict'; readonly addresses: readonly string[] };

/** Interrupts in their order; an exchange or pause ends early for those that it does not outlast. */
export class Interrupts {
  private readonly waiting: Interrupt[] = [];
  private listener: ((interrupt: Interrupt) => void) | undefined;

  raise(interrupt: Interrupt): void {
    this.waiting.push(interrupt);
    this.listener?.(interrupt);
  }

  get isPending(): boolean {
    return this.waiting.length > 0;
  }

  take(): Interrupt | undefined {
    return this.waiting.shift();
  }

  /**
   * Calls back at the next interrupt, at once if one waits already; the result cancels it.
   * @param counts whether an interrupt is to call back; the others wait for their turn
   */
  onNext(callback: () => void, counts: (interrupt: Interrupt) => boolean = () => true): () => void {
    this.listener = (interrupt) => {
      if (counts(interrupt)) {
        callback();
      }
    };
    if (this.waiting.some(counts)) {
      callback();
    }
    return () => {
      this.listener = undefined;
    };
  }
}
