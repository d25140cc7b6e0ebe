// SPDX-License-Identifier: MPL-2.0

import { BoundedMap, TokenBucket } from '../../support';

/** Milliseconds of work in each second, on the average of a second or so. */
export interface TimeShares {
  readonly total: number;
  /** What one origin, of all that there are, may take at most. */
  readonly origin: number;
  /** What one link of an origin may take at most. */
  readonly link: number;
}

/**
 * A budget of time, with shares that keep one link, and one origin, from using it up for the others. Work is admitted as
 * long as there is time, and charged with what it took: so it needs no guess what a key or a chain may cost, and is
 * right on any machine. Tables are bounded, the least recently used out first; what was pushed out starts full, but the
 * total still limits it.
 */
export class TimeBudget {
  private readonly total: TokenBucket;
  private readonly origins: BoundedMap<string, TokenBucket>;
  private readonly links: BoundedMap<string, TokenBucket>;

  /** @param maxOrigins and as many links */
  constructor(
    private readonly shares: TimeShares,
    maxOrigins = 4096,
  ) {
    this.total = bucketOf(shares.total, 0);
    this.origins = new BoundedMap(maxOrigins);
    this.links = new BoundedMap(maxOrigins);
  }

  /** Whose time is spent, so that no more work of this link may begin; the widest. @param now milliseconds since 1970 */
  spent(origin: string, link: string, now: number): 'all' | 'origin' | 'link' | undefined {
    // All of them are filled up to now, whatever the first one says.
    const levels = this.buckets(origin, link, now).map((bucket) => bucket.level(now));
    return (['all', 'origin', 'link'] as const).find((_, at) => (levels[at] ?? 0) <= 0);
  }

  /** @param spent milliseconds */
  charge(origin: string, link: string, now: number, spent: number): void {
    for (const bucket of this.buckets(origin, link, now)) {
      bucket.level(now);
      bucket.take(spent);
    }
  }

  private buckets(origin: string, link: string, now: number): readonly TokenBucket[] {
    const of = (table: BoundedMap<string, TokenBucket>, key: string, share: number): TokenBucket => {
      const bucket = table.get(key) ?? bucketOf(share, now);
      table.set(key, bucket);
      return bucket;
    };
    return [this.total, of(this.origins, origin, this.shares.origin), of(this.links, link, this.shares.link)];
  }
}

/** A second's worth of work may be done at once. */
function bucketOf(share: number, now: number): TokenBucket {
  return new TokenBucket({ burst: share, perSecond: share }, now);
}
