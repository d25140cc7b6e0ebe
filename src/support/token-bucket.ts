// SPDX-License-Identifier: MPL-2.0

/** A limit at once, and a limit per second over time. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * A token bucket. It starts full, is filled over time and never holds more than its burst. What is taken may be more than
 * what is there: the bucket is in debt then, until time has paid it. Times are milliseconds since 1970.
 */
export class TokenBucket {
  private tokens: number;

  /** @param filled now */
  constructor(
    private readonly rate: Rate,
    private filled: number,
  ) {
    this.tokens = rate.burst;
  }

  /** What may be taken now. A clock that was set back fills nothing, and does not stop the filling either. */
  level(now: number): number {
    const elapsed = Math.max(0, now - this.filled);
    this.tokens = Math.min(this.rate.burst, this.tokens + (elapsed / 1000) * this.rate.perSecond);
    this.filled = now;
    return this.tokens;
  }

  take(amount: number): void {
    this.tokens -= amount;
  }

  /** Returns what was taken. */
  giveBack(amount: number): void {
    this.tokens = Math.min(this.rate.burst, this.tokens + amount);
  }
}
