// SPDX-License-Identifier: MPL-2.0

import type { DaemonEnvironment } from '../../../../src/client';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time passes only when the test lets it: timers fire in their order, and what they set off is done before the next. */
export class VirtualEnvironment implements DaemonEnvironment {
  private time = 0;
  private asleep = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return Date.UTC(2026, 0, 1) + this.time + this.asleep;
  }

  monotonic(): number {
    return this.time;
  }

  boottime(): number {
    return this.time + this.asleep;
  }

  random(): number {
    return 0.5;
  }

  randomOctets(count: number): Buffer {
    return Buffer.alloc(count, 7);
  }

  transactionId(): number {
    return 1;
  }

  timer(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  /** The machine sleeps; its timers stand still. */
  sleep(seconds: number): void {
    this.asleep += seconds * 1000;
  }

  async pass(seconds: number): Promise<void> {
    const end = this.time + seconds * 1000;
    await settle();
    for (;;) {
      const next = [...this.timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) {
        break;
      }
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      await settle();
    }
    this.time = end;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
