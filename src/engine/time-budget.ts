// SPDX-License-Identifier: MPL-2.0

/** Milliseconds of work in each second, on the average of a second or so. */
export interface TimeShares {
  readonly total: number;
  /** What one origin, of all that there are, may take at most. */
  readonly origin: number;
  /** What one link of an origin may take at most. */
  readonly link: number;
}

interface Bucket {
  /** Milliseconds; below zero after work that took longer than there was time. */
  left: number;
  /** Milliseconds since 1970. */
  filled: number;
}

/** Seconds' worth of work that may be done at once. */
const burst = 1;

/**
 * A budget of time, with shares that keep one link, and one origin, from using it up for the others. Work is admitted as
 * long as there is time, and charged with what it took: so it needs no guess what a key or a chain may cost, and is
 * right on any machine. Tables are bounded, the least recently used out first; what was pushed out starts full, but the
 * total still limits it.
 */
export class TimeBudget {
  private readonly total: Bucket;
  private readonly origins = new Map<string, Bucket>();
  private readonly links = new Map<string, Bucket>();

  /** @param maximum number of origins, and of links */
  constructor(
    private readonly shares: TimeShares,
    private readonly maximum = 4096,
  ) {
    this.total = { left: shares.total * burst, filled: 0 };
  }

  /** Whether more work of this link may begin. @param now milliseconds since 1970 */
  hasTime(origin: string, link: string, now: number): boolean {
    return this.buckets(origin, link, now).every(({ left }) => left > 0);
  }

  /** @param spent milliseconds */
  charge(origin: string, link: string, now: number, spent: number): void {
    for (const bucket of this.buckets(origin, link, now)) {
      bucket.left -= spent;
    }
  }

  private buckets(origin: string, link: string, now: number): readonly Bucket[] {
    return [
      refill(this.total, this.shares.total, now),
      refill(this.bucketOf(this.origins, origin, this.shares.origin, now), this.shares.origin, now),
      refill(this.bucketOf(this.links, link, this.shares.link, now), this.shares.link, now),
    ];
  }

  private bucketOf(table: Map<string, Bucket>, key: string, share: number, now: number): Bucket {
    const bucket = table.get(key) ?? { left: share * burst, filled: now };
    table.delete(key);
    if (table.size >= this.maximum) {
      const [oldest] = table.keys();
      table.delete(oldest ?? key);
    }
    table.set(key, bucket);
    return bucket;
  }
}

/** A clock that was set back fills nothing, and does not stop the filling either. */
function refill(bucket: Bucket, share: number, now: number): Bucket {
  const elapsed = Math.max(0, now - bucket.filled);
  bucket.left = Math.min(share * burst, bucket.left + (elapsed / 1000) * share);
  bucket.filled = now;
  return bucket;
}
