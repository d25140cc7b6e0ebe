// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import type { Environment, Transport, Way } from '../../../src/client';

const FIRST_TRANSACTION = 0x0a0b00;

/** A clock that stands still until somebody waits for a timer, which then is due as soon as the link is quiet. */
export class ScriptedEnvironment implements Environment {
  private time = 0;
  private lastTransaction = FIRST_TRANSACTION;

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

  /** Draws the same transaction-ids again from now on. */
  repeatTransactionIds(): void {
    this.lastTransaction = FIRST_TRANSACTION;
  }

  /** Time passes, though nobody waits. @param milliseconds */
  pass(milliseconds: number): void {
    this.time += milliseconds;
  }

  randomOctets(count: number): Buffer {
    return randomBytes(count);
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

/** A link on which a function answers each datagram, the way that it came. */
export class ScriptedLink implements Transport {
  readonly sent: Buffer[] = [];
  /** How each went. */
  readonly ways: Way[] = [];
  private onTheWay = 0;
  private handler: (octets: Buffer, way: Way) => void = () => undefined;

  /** @param answer what comes back at once for the datagram of this number, counted from 0 */
  constructor(
    private readonly answer: (octets: Buffer, number: number, way: Way) => Promise<readonly Buffer[]>,
  ) {}

  get isQuiet(): boolean {
    return this.onTheWay === 0;
  }

  send(octets: Buffer, way: Way = 'plain'): void {
    const number = this.sent.push(octets) - 1;
    this.ways.push(way);
    this.onTheWay += 1;
    void this.answer(octets, number, way).then((answers) => {
      this.onTheWay -= 1;
      for (const answer of answers) {
        this.handler(answer, way);
      }
    });
  }

  /** Something that comes unasked. */
  deliver(octets: Buffer, way: Way = 'plain'): void {
    this.handler(octets, way);
  }

  onMessage(handler: (octets: Buffer, way: Way) => void): void {
    this.handler = handler;
  }

  onProblem(): void {
    // Nothing fails here.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
