// SPDX-License-Identifier: MPL-2.0

import { randomBytes, randomInt } from 'node:crypto';

const TRANSACTION_IDS = 0x1000000;

/** Milliseconds: Node.js timers count them in 31 bits. */
export const MAX_TIMER = 0x7fffffff;

/** What the client takes from the outside: clocks, random values and timers. */
export interface Environment {
  /** The wall clock: milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /** A clock that is never set: milliseconds since any fixed moment. */
  monotonic(): number;
  /** Uniform in [0, 1); for spreading load, not for secrets. */
  random(): number;
  /** `count` octets that cannot be guessed. */
  randomOctets(count: number): Buffer;
  /** 24 unpredictable bits (RFC 8415 section 16.1). */
  transactionId(): number;
  /** Calls back once after that many milliseconds, and never before it has returned; the result cancels it. */
  timer(milliseconds: number, callback: () => void): () => void;
}

/** This machine's clocks, random values and timers. */
export const systemEnvironment: Environment = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  random: () => Math.random(),
  randomOctets: (count) => randomBytes(count),
  transactionId: () => randomInt(TRANSACTION_IDS),
  timer: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
