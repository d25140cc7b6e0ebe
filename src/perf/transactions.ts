// SPDX-License-Identifier: MPL-2.0

import type { Link } from './link';
import type { LoadCounts } from './load-counts';

const TRANSACTION_IDS = 0x100_0000;

interface Waiting {
  readonly answer: (octets: Buffer | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

/** The open transactions, by transaction-id. */
export class Transactions {
  private readonly waiting = new Map<number, Waiting>();

  /**
   * @param timeout milliseconds until a message is sent again
   * @param attempts how often it is sent in all
   * @param random uniform in [0, 1)
   */
  constructor(
    private readonly link: Link,
    private readonly counts: LoadCounts,
    private readonly timeout: number,
    private readonly attempts: number,
    private readonly random: () => number,
  ) {
    link.onAnswer((octets) => {
      this.receive(octets);
    });
  }

  /**
   * One transaction with its retransmissions, each of them built anew (docs/protocol.md 6).
   * @returns undefined if there was no answer, or `read` returned undefined
   */
  async exchange<Answer>(
    client: number,
    build: (transactionId: number) => Buffer,
    read: (octets: Buffer, transactionId: number) => Answer | undefined,
  ): Promise<Answer | undefined> {
    for (let attempt = 0; attempt < this.attempts; attempt += 1) {
      if (attempt > 0) {
        this.counts.retransmissions += 1;
      }
      const transactionId = this.freeTransactionId();
      const answered = this.wait(transactionId);
      this.link.send(client, build(transactionId));
      const octets = await answered;
      if (octets === undefined) {
        this.counts.drops += 1;
        continue;
      }
      return read(octets, transactionId);
    }
    return undefined;
  }

  private freeTransactionId(): number {
    let transactionId = Math.floor(this.random() * TRANSACTION_IDS);
    while (this.waiting.has(transactionId)) {
      transactionId = (transactionId + 1) % TRANSACTION_IDS;
    }
    return transactionId;
  }

  private wait(transactionId: number): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiting.delete(transactionId);
        resolve(undefined);
      }, this.timeout);
      this.waiting.set(transactionId, { answer: resolve, timer });
    });
  }

  private receive(octets: Buffer): void {
    if (octets.length < 4) {
      return;
    }
    const transactionId = octets.readUIntBE(1, 3);
    const waiting = this.waiting.get(transactionId);
    if (waiting !== undefined) {
      this.waiting.delete(transactionId);
      clearTimeout(waiting.timer);
      waiting.answer(octets);
    }
  }
}
