// SPDX-License-Identifier: MPL-2.0

import type { Blocklist } from './blocklist';
import { EngineDrop } from '../packet/drop-reasons';
import type { PacketSource } from '../packet/packet-source';
import type { RateLimiter } from './rate-limiter';
import type { Stopwatch } from './stopwatch';
import type { TimeBudget } from './time-budget';

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
  /** For sources that nobody has authenticated from. */
  readonly unknownSources: TimeBudget;
  /** For those that a client has: nobody else can use it up without knowing and forging those addresses. */
  readonly knownSources: TimeBudget;
  /** Whether a client has a record with this source for its last address. */
  readonly isKnown: (source: PacketSource) => boolean;
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

  /** @throws EngineDrop `blocklisted` or `rate-limited` */
  enter(source: PacketSource): Permit {
    const { blocklist, attempts, unknownSources, knownSources, isKnown } = this.options;
    const now = this.options.now();
    const { client } = source;
    if (client !== undefined && blocklist.isBlocked(client, now)) {
      throw new EngineDrop('blocklisted', 'the source failed too often');
    }
    if (client !== undefined && !attempts.take(client, now)) {
      throw new EngineDrop('rate-limited', 'too many attempts from one source');
    }
    const budget = isKnown(source) ? knownSources : unknownSources;
    if (!budget.hasTime(source.origin, source.link, now)) {
      this.giveBack(source);
      throw new EngineDrop('rate-limited', 'too much work for senders that have proved nothing yet');
    }
    return this.permit(source, budget);
  }

  private permit(source: PacketSource, budget: TimeBudget): Permit {
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
        this.giveBack(source);
      },
    };
  }

  private giveBack({ client }: PacketSource): void {
    if (client !== undefined) {
      this.options.attempts.giveBack(client);
    }
  }
}
