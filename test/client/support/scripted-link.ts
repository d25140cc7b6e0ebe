// SPDX-License-Identifier: MPL-2.0

import type { Environment, Transport } from '../../../src/client';

/** A clock that stands still until somebody waits for a timer, which then is due as soon as the link is quiet. */
export class ScriptedEnvironment implements Environment {
  private time = 0;
  private lastTransaction = 0x0a0b00;

  /**
   * @param wall milliseconds since 1970 at the beginning
   * @param isQuiet whether no answer is on its way, so that time may pass
   */
  constructor(
    private readonly wall: number,
    private readonly isQuiet: () => boolean,
  ) {}

  now(): number {
    return this.wall + this.time;
  }

  monotonic(): number {
    return this.time;
  }

  random(): number {
    return 0.5;
  }

  transactionId(): number {
    return ++this.lastTransaction;
  }

  timer(milliseconds: number, callback: () => void): () => void {
    let isCancelled = false;
    const tick = (): void => {
      if (isCancelled) {
        return;
      }
      if (!this.isQuiet()) {
        setImmediate(tick);
        return;
      }
      this.time += milliseconds;
      callback();
    };
    setImmediate(tick);
    return () => {
      isCancelled = true;
    };
  }
}

/** A link on which a function answers each datagram. */
export class ScriptedLink implements Transport {
  readonly sent: Buffer[] = [];
  private onTheWay = 0;
  private handler: (octets: Buffer) => void = () => undefined;

  /** @param answer what comes back at once for the datagram of this number, counted from 0 */
  constructor(private readonly answer: (octets: Buffer, number: number) => Promise<readonly Buffer[]>) {}

  get isQuiet(): boolean {
    return this.onTheWay === 0;
  }

  send(octets: Buffer): void {
    const number = this.sent.push(octets) - 1;
    this.onTheWay += 1;
    void this.answer(octets, number).then((answers) => {
      this.onTheWay -= 1;
      for (const answer of answers) {
        this.handler(answer);
      }
    });
  }

  onMessage(handler: (octets: Buffer) => void): void {
    this.handler = handler;
  }

  onProblem(): void {
    // Nothing fails here.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
