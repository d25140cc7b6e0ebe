// SPDX-License-Identifier: MPL-2.0

/** What the client takes from the outside: clocks, chance and timers. */
export interface Environment {
  /** The wall clock: milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** A clock that is never set: milliseconds since any fixed moment. */
  monotonic(): number;
  /** Uniform in [0, 1); for spreading load, not for secrets. */
  random(): number;
  /** 24 unpredictable bits (RFC 8415 section 16.1). */
  transactionId(): number;
  /** Calls back once after so many milliseconds, and never before it has returned; the result cancels it. */
  timer(milliseconds: number, callback: () => void): () => void;
}
