// SPDX-License-Identifier: MPL-2.0

import { BoundedMap, type Rate, TokenBucket } from '../../support';
import type { LimitName } from './limit-names';

export interface RateLimits {
  readonly source: Rate;
  readonly total: Rate;
}

/**
 * Limits what one source, and all sources together, may cause: signed failure reports (docs/protocol.md 7), and
 * attempts to authenticate. Times are milliseconds since 1970. The table is bounded, the least recently used out
 * first; a source that was pushed out starts with a full bucket, but the total still limits it.
 */
export class RateLimiter {
  private readonly sources: BoundedMap<string, TokenBucket>;
  private readonly total: TokenBucket;

  constructor(
    private readonly limits: RateLimits,
    maxSources = 16_384,
  ) {
    this.sources = new BoundedMap(maxSources);
    this.total = new TokenBucket(limits.total, 0);
  }

  /** Whether one more is allowed for all of these names; a refused one costs none of them anything. */
  take(names: readonly LimitName[], now: number): boolean {
    const buckets = [...names.map((name) => this.bucketOf(name, now)), this.total];
    const levels = buckets.map((bucket) => bucket.level(now));
    const isAllowed = levels.every((level) => level >= 1);
    if (isAllowed) {
      buckets.forEach((bucket) => {
        bucket.take(1);
      });
    }
    return isAllowed;
  }

  /** What was taken for these names is not to count. */
  giveBack(names: readonly LimitName[]): void {
    for (const { name } of names) {
      this.sources.get(name)?.giveBack(1);
    }
    this.total.giveBack(1);
  }

  private bucketOf({ name, factor }: LimitName, now: number): TokenBucket {
    const { burst, perSecond } = this.limits.source;
    const rate = { burst: burst * factor, perSecond: perSecond * factor };
    const bucket = this.sources.get(name) ?? new TokenBucket(rate, now);
    this.sources.set(name, bucket);
    return bucket;
  }
}
