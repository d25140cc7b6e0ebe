// SPDX-License-Identifier: MPL-2.0

import { BoundedMap, type Rate, TokenBucket } from '../../support';

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

  /** Whether one more is allowed; a refused one costs nothing. */
  take(source: string, now: number): boolean {
    const buckets = [this.bucketOf(source, now), this.total];
    const levels = buckets.map((bucket) => bucket.level(now));
    const isAllowed = levels.every((level) => level >= 1);
    if (isAllowed) {
      buckets.forEach((bucket) => {
        bucket.take(1);
      });
    }
    return isAllowed;
  }

  /** What was taken for this source is not to count. */
  giveBack(source: string): void {
    this.sources.get(source)?.giveBack(1);
    this.total.giveBack(1);
  }

  private bucketOf(source: string, now: number): TokenBucket {
    const bucket = this.sources.get(source) ?? new TokenBucket(this.limits.source, now);
    this.sources.set(source, bucket);
    return bucket;
  }
}
