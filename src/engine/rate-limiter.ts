// SPDX-License-Identifier: MPL-2.0

/** A token bucket: so many at once, so many a second over time. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface RateLimits {
  readonly source: Rate;
  readonly total: Rate;
}

interface Bucket {
  tokens: number;
  /** Milliseconds since 1970. */
  filled: number;
}

/**
 * Limits what one source, and all sources together, may cause: signed failure reports (docs/protocol.md 7), and
 * attempts to authenticate. Times are milliseconds since 1970. The table is bounded, the least recently used out
 * first; a source that was pushed out starts with a full bucket, but the total still limits it.
 */
export class RateLimiter {
  private readonly sources = new Map<string, Bucket>();
  private readonly total: Bucket;

  /** @param maximum number of sources */
  constructor(
    private readonly limits: RateLimits,
    private readonly maximum = 16_384,
  ) {
    this.total = { tokens: limits.total.burst, filled: 0 };
  }

  /** Whether one more is allowed; a refused one costs nothing. */
  take(source: string, now: number): boolean {
    const bucket = this.bucketOf(source, now);
    fill(bucket, this.limits.source, now);
    fill(this.total, this.limits.total, now);
    if (bucket.tokens < 1 || this.total.tokens < 1) {
      return false;
    }
    bucket.tokens -= 1;
    this.total.tokens -= 1;
    return true;
  }

  /** What was taken for this source is not to count. */
  giveBack(source: string): void {
    const bucket = this.sources.get(source);
    if (bucket !== undefined) {
      bucket.tokens = Math.min(this.limits.source.burst, bucket.tokens + 1);
    }
    this.total.tokens = Math.min(this.limits.total.burst, this.total.tokens + 1);
  }

  private bucketOf(source: string, now: number): Bucket {
    const bucket = this.sources.get(source) ?? { tokens: this.limits.source.burst, filled: now };
    this.sources.delete(source);
    if (this.sources.size >= this.maximum) {
      const [oldest] = this.sources.keys();
      if (oldest !== undefined) {
        this.sources.delete(oldest);
      }
    }
    this.sources.set(source, bucket);
    return bucket;
  }
}

/** A clock that was set back fills nothing, and does not stop the filling either. */
function fill(bucket: Bucket, rate: Rate, now: number): void {
  const elapsed = Math.max(0, now - bucket.filled);
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsed / 1000) * rate.perSecond);
  bucket.filled = now;
}
