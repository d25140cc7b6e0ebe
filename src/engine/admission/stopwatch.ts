// SPDX-License-Identifier: MPL-2.0

/** Starts; what it gives back tells the milliseconds of work since. */
export type Stopwatch = () => () => number;

/**
 * Time on the clock, or of this process's processors, whichever is less: where other processes keep this one waiting the
 * second is right, where other threads of this one are at work the first.
 */
export const workStopwatch: Stopwatch = () => {
  const began = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return Math.min(performance.now() - began, (user + system) / 1000);
  };
};
