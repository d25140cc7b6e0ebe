// SPDX-License-Identifier: MPL-2.0

import type { Blocklist } from './blocklist';
import { EngineDrop } from '../packet/drop-reasons';
import { type LimitName, limitNames, type Sender } from './limit-names';
import type { RateLimiter } from './rate-limiter';
import type { Stopwatch } from './stopwatch';
import type { TimeBudget } from './time-budget';
import type { Pause } from '../packet/verdict';

/**
 * Milliseconds for which the hook need not ask about others like one that was refused: a flood then costs no worker's
 * time, and what is given back to a budget meanwhile is enough for some messages at once.
 */
const PAUSE = 20;

/** What a sender who has proved nothing yet may have the engine compute. */
export interface Permit {
  /** Runs public-key operations, and charges the time that they take. */
  run<Result>(work: () => Result): Result;
  /** The sender has proved to hold a key that was known, or certified: its attempt counts no more against its source. */
  succeeded(): void;
}

/** What one worker admits by; see createPacketHandler for the numbers. */
export interface AdmissionOptions {
  readonly blocklist: Blocklist;
  /** Attempts of one source that have not succeeded. */
  readonly attempts: RateLimiter;
  /** For senders without a verified cookie. */
  readonly anybody: TimeBudget;
  /** For those with one: who forges sources cannot use it up. */
  readonly reachable: TimeBudget;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly stopwatch: Stopwatch;
}

/**
 * Bounds what unauthenticated messages cost (docs/protocol.md 7). Messages in open contexts never come here. In this
 * order, the cheapest first: the blocklist, the source's attempts, the time that its link, its origin and all together
 * may take; the first two where the source is one client's. What is refused is dropped, never queued: a packet thread of
 * Kea would wait with it.
 */
export class Admission {
  constructor(private readonly options: AdmissionOptions) {}

  /** Whether what needs a proof is ignored. */
  isBlocked(sender: Sender): boolean {
    return this.options.blocklist.isAnyBlocked(limitNames(sender), this.options.now());
  }

  /** @throws EngineDrop `blocklisted` or `rate-limited` */
  enter(sender: Sender): Permit {
    const { blocklist, attempts, anybody, reachable } = this.options;
    const { source } = sender;
    const now = this.options.now();
    const names = limitNames(sender);
    const pauseOf = (scope: Pause['scope']): Pause | undefined =>
      sender.cookie === undefined ? { scope, milliseconds: PAUSE } : undefined;
    if (blocklist.isAnyBlocked(names, now)) {
      throw new EngineDrop('blocklisted', 'the source failed too often', pauseOf('source'));
    }
    if (!attempts.take(names, now)) {
      throw new EngineDrop('rate-limited', 'too many attempts from one source', pauseOf('source'));
    }
    const budget = sender.cookie === undefined ? anybody : reachable;
    const spent = budget.spent(source.origin, source.link, now);
    if (spent !== undefined) {
      attempts.giveBack(names);
      const text = 'too much work for senders that have proved nothing yet';
      throw new EngineDrop('rate-limited', text, pauseOf(spent));
    }
    return this.permit(sender, names, budget);
  }

  private permit({ source }: Sender, names: readonly LimitName[], budget: TimeBudget): Permit {
    const charge = (milliseconds: number): void => {
      budget.charge(source.origin, source.link, this.options.now(), milliseconds);
    };
    return {
      run: (work) => {
        const elapsed = this.options.stopwatch();
        try {
          return work();
        } finally {
          charge(elapsed());
        }
      },
      succeeded: () => {
        this.options.attempts.giveBack(names);
      },
    };
  }
}
