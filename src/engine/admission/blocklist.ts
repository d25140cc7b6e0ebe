// SPDX-License-Identifier: MPL-2.0

import { BoundedMap } from '../../support';
import type { LimitName } from './limit-names';

/** A source that fails `count` times within `window` is blocked for `duration`; count 0 turns it off. */
export interface BlocklistSettings {
  readonly count: number;
  /** Seconds. */
  readonly window: number;
  /**
   * Seconds. It is the same each time: who failed has proved nothing, so that a longer one would punish the client that
   * the failures name, and cost an attacker who makes them up no more than the first.
   */
  readonly duration: number;
}

/** A source that is blocked. */
export interface BlockedSource {
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** How often it was blocked in a row. */
  readonly times: number;
}

interface Block {
  /** Milliseconds since 1970. */
  readonly until: number;
  /** How often the source was blocked in a row. */
  readonly times: number;
}

/**
 * The sources that failed too often (docs/protocol.md 7). A source is whatever string the caller names it by;
 * times are milliseconds since 1970. Both tables are bounded, the least recently used out first, and apart:
 * failures in many invented names push out no block.
 */
export class Blocklist {
  private readonly failures: BoundedMap<string, number[]>;
  private readonly blocks: BoundedMap<string, Block>;

  /** @param maxSources in each of the two tables */
  constructor(
    private readonly settings: BlocklistSettings,
    maxSources = 16_384,
  ) {
    this.failures = new BoundedMap(maxSources);
    this.blocks = new BoundedMap(maxSources);
  }

  isBlocked(source: string, now: number): boolean {
    const block = this.blocks.get(source);
    return block !== undefined && now < block.until;
  }

  isAnyBlocked(names: readonly LimitName[], now: number): boolean {
    return names.some(({ name }) => this.isBlocked(name, now));
  }

  /**
   * Counts a failure.
   * @param factor how many times as many failures as of a source are borne
   */
  fail(source: string, now: number, factor = 1): void {
    const count = this.settings.count * factor;
    if (count === 0 || this.isBlocked(source, now)) {
      return;
    }
    const since = now - this.settings.window * 1000;
    const recent = (this.failures.get(source) ?? []).filter((time) => time > since);
    recent.push(now);
    if (recent.length < count) {
      this.failures.set(source, recent);
      return;
    }
    this.failures.delete(source);
    const times = this.timesInARow(source, now) + 1;
    const until = now + this.settings.duration * 1000;
    this.blocks.set(source, { until, times });
  }

  /** How many sources are blocked. Without their names it takes a worker no noticeable time. */
  count(now: number): number {
    let count = 0;
    for (const { until } of this.blocks.values()) {
      count += now < until ? 1 : 0;
    }
    return count;
  }

  /** Every source that is blocked, in the order of their names. */
  blocked(now: number): BlockedSource[] {
    return [...this.blocks]
      .filter(([, { until }]) => now < until)
      .map(([source, block]) => ({ source, ...block }))
      .sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  /**
   * Forgets what was held against a source, or against all.
   * @returns how many were blocked
   */
  clear(now: number, source?: string): number {
    const count = source === undefined ? this.count(now) : Number(this.isBlocked(source, now));
    if (source === undefined) {
      this.blocks.clear();
      this.failures.clear();
    } else {
      this.blocks.delete(source);
      this.failures.delete(source);
    }
    return count;
  }

  /** A source that kept quiet for as long as it was blocked starts afresh. */
  private timesInARow(source: string, now: number): number {
    const last = this.blocks.get(source);
    return last === undefined || now >= last.until + this.settings.duration * 1000 ? 0 : last.times;
  }
}
