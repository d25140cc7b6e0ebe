// SPDX-License-Identifier: MPL-2.0
import { type Environment, MAX_TIMER } from './environment';
import { ClientError } from './errors';
import type { Way } from './transport';

/** A message that arrived. */
export interface Arrival {
  readonly octets: Buffer;
  readonly way: Way;
}

/** Datagrams that wait: a flood must not fill memory. */
const MAX_WAITING = 256;

function stopped(): ClientError {
  return new ClientError('stopped', 'stopped');
}

/** Datagrams in the order of their arrival, for one reader, which waits here. */
export class Inbox {
  private readonly waiting: Arrival[] = [];
  private wake: (() => void) | undefined;

  constructor(
    private readonly environment: Environment,
    private readonly signal?: AbortSignal,
  ) {}

  push(arrival: Arrival): void {
    if (this.waiting.length < MAX_WAITING) {
      this.waiting.push(arrival);
      this.wake?.();
    }
  }

  /** Forgets what came for an earlier exchange. */
  clear(): void {
    this.waiting.length = 0;
  }

  /**
   * The next arrival; undefined when the monotonic clock has reached `until` (milliseconds).
   *
   * @throws ClientError `stopped`
   */
  async next(until: number): Promise<Arrival | undefined> {
    for (;;) {
      if (this.signal?.aborted === true) {
        throw stopped();
      }
      const arrival = this.waiting.shift();
      if (arrival !== undefined) {
        return arrival;
      }
      const left = until - this.environment.monotonic();
      if (left <= 0) {
        return undefined;
      }
      await this.pause(left);
    }
  }

  /** Waits, and discards what arrives meanwhile. @throws ClientError `stopped` */
  async sleep(until: number): Promise<void> {
    while ((await this.next(until)) !== undefined) {
      // No transaction is open yet.
    }
  }

  /** Until something arrives, `milliseconds` have passed, or the signal. */
  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.wake = undefined;
        this.signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.environment.timer(Math.min(milliseconds, MAX_TIMER), done);
      this.wake = done;
      this.signal?.addEventListener('abort', done);
    });
  }
}
