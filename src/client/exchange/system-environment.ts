// SPDX-License-Identifier: MPL-2.0
import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Environment } from './environment';

const TRANSACTION_IDS = 0x1000000;

/** This machine's clocks, chance and timers. */
export const systemEnvironment: Environment = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  transactionId: () => randomInt(TRANSACTION_IDS),
  timer: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
